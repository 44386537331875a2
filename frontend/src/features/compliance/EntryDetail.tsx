import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { Entry } from '@/api/audit';
import { useMe } from '@/api/me';
import { Button, IconButton } from '@/components/ui/Button';
import { count, dayAndTime } from '@/lib/dates';
import { useCopy } from '@/lib/useCopy';

import type { TrailSearch } from './filters';
import { useActors, useKindName } from './words';

import styles from './Compliance.module.css';

/** One entry as it is on record. It holds ids, counts and short words; texts and titles are never in it. */
export const EntryDetail = ({ entry, isEntered, onFilter, onClose }: {
  entry: Entry;
  /** It was opened to be read: then the focus goes into it. Who walks through the list stays there. */
  isEntered: boolean;
  onFilter: (part: TrailSearch) => void;
  onClose: () => void;
}) => {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const kindName = useKindName();
  const { nameOf } = useActors();
  const [isCopied, copy] = useCopy();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isEntered) title.current?.focus();
  }, [isEntered]);
  return (
    <section
      className={styles.detail}
      aria-label={t('compliance.entry', { number: count(entry.seq, i18n.language) })}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className={styles.detailHead}>
        <h2 ref={title} tabIndex={-1}>{kindName(entry.kind)}</h2>
        <IconButton icon="close" label={t('close')} onClick={onClose} />
      </header>
      <dl className={styles.facts}>
        <Fact name={t('compliance.number')}>{count(entry.seq, i18n.language)}</Fact>
        <Fact name={t('compliance.time')}>{dayAndTime(entry.at, i18n.language, me.tenant.timezone)}</Fact>
        <Fact name={t('compliance.who')}>
          {nameOf(entry.actor)} <Button kind="link" onClick={() => onFilter({ actor: entry.actor })}>{t('compliance.onlyThis')}</Button>
        </Fact>
        <Fact name={t('compliance.kind')}><span className="mono">{entry.kind}</span></Fact>
        {entry.subject !== '' && (
          <Fact name={t('compliance.about')}>
            <span className="mono">{entry.subject}</span>{' '}
            <Button kind="link" onClick={() => onFilter({ subject: entry.subject })}>{t('compliance.onlyThis')}</Button>
          </Fact>
        )}
      </dl>
      <h3>{t('compliance.onRecord')}</h3>
      {Object.keys(entry.body).length === 0
        ? <p className={styles.hint}>{t('compliance.nothingMore')}</p>
        : (
          <dl className={styles.facts}>
            {Object.entries(entry.body).map(([name, value]) => (
              <Fact key={name} name={<span className="mono">{name}</span>}><span className="mono">{shown(value)}</span></Fact>
            ))}
          </dl>
        )}
      <p className={styles.hint}>{t('compliance.redacted')}</p>
      <h3>{t('compliance.link')}</h3>
      <dl className={styles.facts}>
        <Fact name={t('compliance.before')}><code className={styles.hash}>{entry.prev_hash}</code></Fact>
        <Fact name={t('compliance.hash')}><code className={styles.hash}>{entry.hash}</code></Fact>
      </dl>
      <Button size="small" icon={isCopied ? 'check' : 'copy'} onClick={() => copy(JSON.stringify(entry, null, 2))}>
        {t(isCopied ? 'markdown.copied' : 'compliance.copy')}
      </Button>
    </section>
  );
};

const Fact = ({ name, children }: { name: React.ReactNode; children: React.ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 1));

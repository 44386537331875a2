import { useTranslation } from 'react-i18next';

import type { Trial, TrialFinding } from '@/api/privacy';
import { Chip, type Tone } from '@/components/ui/Chip';
import type { IconName } from '@/components/ui/Icon';
import { Notice } from '@/components/ui/Notice';
import { Table, type Column } from '@/components/ui/Table';
import { sliceCodePoints } from '@/lib/codePoints';

import { kindOf } from './kinds';
import { marked } from './marked';

import styles from './Admin.module.css';

const SIGNS: Readonly<Record<Trial['outcome'], readonly [Tone, IconName]>> = {
  free: ['ok', 'check'], inside: ['inside', 'house'], masked: ['sensitive', 'mask'], refused: ['stop', 'lock'],
};

/** What would become of the text, with every finding, also those that change nothing. */
export const TrialResult = ({ trial, text }: { trial: Trial; text: string }) => {
  const { t, i18n } = useTranslation();
  const [tone, icon] = SIGNS[trial.outcome];
  const milliseconds = trial.cpu_ms.toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  const columns: Column<TrialFinding>[] = [
    { key: 'kind', head: t('privacy.kind'), phone: 'first', cell: ({ type }) => <>{kindOf(type, t)} <span className="mono">{type}</span></> },
    { key: 'where', head: t('privacy.where'), phone: 'plain', cell: ({ start, end }) => <span className={styles.found}>{sliceCodePoints(text, start, end)}</span> },
    { key: 'score', head: t('privacy.score'), isNumber: true, phone: 'second', cell: ({ score }) => score.toLocaleString(i18n.language, { style: 'percent' }) },
    { key: 'by', head: t('privacy.by'), phone: 'second', cell: ({ recognizers }) => <span className="mono">{recognizers.join(', ')}</span> },
    {
      key: 'effect', head: t('privacy.effect'), phone: 'aside',
      cell: ({ counts, why_not: why }) => (counts ? <Chip tone="sensitive" icon="shield">{t('privacy.counts')}</Chip> : t(`privacy.why.${why as 'allowed'}`, { defaultValue: why })),
    },
  ];
  const rows = trial.findings.map((finding, at) => ({ ...finding, at }));
  return (
    <div className={styles.playground}>
      <Notice tone={tone} icon={icon} title={t(`privacy.outcome.${trial.outcome}`)}>
        {trial.sensitivity === 'unclassified' && t('privacy.unclassified', { why: trial.why })} {t('privacy.took', { ms: milliseconds })}
      </Notice>
      {trial.masked !== null && (
        <figure>
          <figcaption className={styles.hint}>{t('privacy.masked')}</figcaption>
          <p className={styles.sample}>{trial.masked}</p>
        </figure>
      )}
      {rows.length > 0 && (
        <figure>
          <figcaption className={styles.hint}>{t('privacy.marked')}</figcaption>
          <p className={styles.sample}>
            {marked(text, trial.findings).map(({ text: piece, counts }, at) =>
              counts ? <mark key={at} className={styles.marked}>{piece}</mark> : piece)}
          </p>
        </figure>
      )}
      {rows.length > 0
        ? <Table label={t('privacy.found')} columns={columns} rows={rows} keyOf={({ type, start, end }) => `${type} ${start} ${end}`} />
        : trial.sensitivity !== 'unclassified' && <p className={styles.hint}>{t('privacy.nothing')}</p>}
    </div>
  );
};

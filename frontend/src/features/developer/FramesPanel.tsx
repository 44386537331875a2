import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { Button, IconButton } from '@/components/ui/Button';
import { useSocket } from '@/lib/connections';
import type { LoggedFrame } from '@/lib/socket';

import styles from './FramesPanel.module.css';

/** The raw frames of this page's socket, for developers and for whoever wants to see for themselves. */
export const FramesPanel = ({ onClose }: { onClose: () => void }) => {
  const { t } = useTranslation();
  const { log } = useSocket();
  const frames = useSyncExternalStore(log.subscribe, log.get);
  const [filter, setFilter] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const types = [...new Set(frames.map(({ type }) => type))].sort();
  const shown = frames.filter(({ type }) => filter === '' || type === filter);

  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [frames, filter]);

  return (
    <section
      className={styles.panel}
      aria-label={t('frames.title')}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <header className={styles.header}>
        <h2>{t('frames.title')}</h2>
        <p>{t('frames.hint')}</p>
        <label>
          <span className="visually-hidden">{t('frames.filter')}</span>
          <select value={filter} onChange={(event) => setFilter(event.target.value)}>
            <option value="">{t('frames.all')}</option>
            {types.map((type) => <option key={type}>{type}</option>)}
          </select>
        </label>
        <Button kind="quiet" size="small" onClick={() => log.set([])}>{t('frames.clear')}</Button>
        <IconButton icon="close" label={t('close')} onClick={onClose} />
      </header>
      {shown.length === 0 && <p className={styles.empty}>{t('frames.empty')}</p>}
      <ol ref={list} className={styles.list} tabIndex={0} aria-label={t('frames.title')}>
        {shown.map((frame) => <Row key={frame.number} frame={frame} />)}
      </ol>
    </section>
  );
};

const Row = ({ frame }: { frame: LoggedFrame }) => {
  const { t } = useTranslation();
  const isIn = frame.direction === 'in';
  return (
    <li data-direction={frame.direction}>
      <time>{new Date(frame.at).toISOString().slice(11, 23)}</time>
      <span aria-hidden="true">{isIn ? '←' : '→'}</span>
      <span className="visually-hidden">{isIn ? t('frames.in') : t('frames.out')}</span>
      <code translate="no">{frame.raw}</code>
    </li>
  );
};

import { useEffect, useRef } from 'react';

import { doneOf, type RunDetail, type Sample } from '@/api/lab';
import { Card } from '@/components/ui/AreaPage';
import { Notice } from '@/components/ui/Notice';
import { announce } from '@/lib/announcer';
import { saidOf, spoken } from '@/lib/said';

import { secondsLeft, STATES } from './progress';
import { useDuration, useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

const QUARTERS = 4;

/** How far a run is, in a bar and in words. Quarters and a new state are heard. */
export const RunProgress = ({ run, samples }: { run: RunDetail; samples: readonly Sample[] }) => {
  const { t } = useLab();
  const { number, money } = useFigures();
  const lasts = useDuration();
  const done = doneOf(run);
  const left = run.state === 'running' ? secondsLeft(run, samples) : null;
  const time = left === null ? null : lasts(left);
  const words = t('run.done', {
    done: number(done), total: number(run.total), cost: money(run.cost_microusd), budget: money(run.budget_microusd),
  });
  const quarter = run.total === 0 ? 0 : Math.floor((done * QUARTERS) / run.total);
  useHeard(`${run.state} ${quarter}`, `${t(`states.${run.state}`)}. ${words}`);
  return (
    <Card title={t('run.progress')}>
      <progress className={styles.progress} max={Math.max(1, run.total)} value={done} aria-label={t('run.progress')} />
      <p className={styles.done}>
        {words}{left !== null && `, ${time === null ? t('run.leftLess') : t('run.left', { time })}`}
      </p>
      {run.state === 'queued' && <p className={styles.hint}>{t('run.queued')}</p>}
      {run.failed + run.skipped > 0 && (
        <p className={styles.hint}>{t('run.notChecked', { failed: number(run.failed), skipped: number(run.skipped) })}</p>
      )}
      {run.reason && (
        <Notice tone={STATES[run.state].tone} icon={STATES[run.state].icon} title={t(`states.${run.state}`)}>
          {spoken(saidOf(run.reason.said), run.reason.detail)}
        </Notice>
      )}
    </Card>
  );
};

/** Says these words when the key has changed, and not at the beginning. */
const useHeard = (key: string, words: string): void => {
  const before = useRef(key);
  useEffect(() => {
    if (before.current === key) return;
    before.current = key;
    announce(words);
  }, [key, words]);
};

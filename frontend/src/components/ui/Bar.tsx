import { classNames } from './classNames';

import styles from './Bar.module.css';

export type BarTone = 'plain' | 'warn' | 'stop' | 'inside' | 'outside';

interface BarProps {
  /** What the bar says, for whoever does not see it; without it the words beside it say the same. */
  label?: string;
  /** In [0, 1]. */
  share: number;
  tone?: BarTone;
  /** Where it is expected to end, in [0, ...]; over 1 the tick stands at the end. */
  expected?: number | null;
}

const HUNDRED = 100;

export const Bar = ({ label, share, tone = 'plain', expected = null }: BarProps) => (
  <svg
    className={classNames(styles.bar, styles[tone])}
    viewBox="0 0 100 14"
    preserveAspectRatio="none"
    {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
  >
    <rect className={styles.ground} x="0" y="2" width={HUNDRED} height="10" />
    <rect className={styles.used} x="0" y="2" width={Math.max(0, Math.min(share, 1)) * HUNDRED} height="10" />
    {expected !== null && <rect className={styles.tick} x={Math.min(expected, 0.99) * HUNDRED} y="0" width="1" height="14" />}
    <rect className={styles.end} x="99.4" y="0" width="0.6" height="14" />
  </svg>
);

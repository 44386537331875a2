import type { Estimate } from '@/api/models';
import { classNames } from '@/components/ui/classNames';

import { isPrior } from './profiles';

import styles from './Interval.module.css';

const HEIGHT = 16;
const MIDDLE = HEIGHT / 2;

interface IntervalProps {
  estimate: Estimate;
  /** A notch where the operator's expectation stands. */
  hasNotch?: boolean;
  isChanged?: boolean;
}

/**
 * A quality on a line from 0 to 1: a dot with its 90 % interval as a band, a ring where nothing was measured. The words
 * beside it say the same. The line is stretched to its place, the dot is not.
 */
export const Interval = ({ estimate, hasNotch = false, isChanged = false }: IntervalProps) => {
  const { quality, low, high, prior } = estimate;
  const at = (value: number): string => `${value * 100}%`;
  return (
    <svg className={classNames(styles.interval, isPrior(estimate) && styles.prior, isChanged && styles.changed)} aria-hidden="true">
      <line className={styles.line} x1={at(0)} x2={at(1)} y1={MIDDLE} y2={MIDDLE} />
      {hasNotch && [0, 0.5, 1].map((value) => <line key={value} className={styles.line} x1={at(value)} x2={at(value)} y1={MIDDLE - 3} y2={MIDDLE + 3} />)}
      <line className={styles.band} x1={at(low)} x2={at(high)} y1={MIDDLE} y2={MIDDLE} />
      {hasNotch && <line className={styles.notch} x1={at(prior)} x2={at(prior)} y1={1} y2={HEIGHT - 1} />}
      <circle className={styles.dot} cx={at(quality)} cy={MIDDLE} r="4.5" />
    </svg>
  );
};

/** The dot, the ring or the band alone, for a legend. */
export const Key = ({ look }: { look: 'dot' | 'ring' | 'band' }) => (
  <svg className={classNames(styles.key, look === 'ring' && styles.prior)} viewBox="0 0 20 16" aria-hidden="true">
    {look === 'band'
      ? <line className={styles.band} x1="4" x2="16" y1={MIDDLE} y2={MIDDLE} />
      : <circle className={styles.dot} cx="10" cy={MIDDLE} r="4.5" />}
  </svg>
);

import styles from './Lab.module.css';

const at = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** A quality with its interval on a line from 0 to 1. The figures beside it say the same. */
export const Interval = ({ mean, low, high }: { mean: number; low: number; high: number }) => (
  <svg className={styles.interval} aria-hidden="true" focusable="false">
    <rect className={styles.scale} x="0" y="7" width="100%" height="2" />
    <rect className={styles.band} x={at(low)} y="5" width={at(high - low)} height="6" rx="3" />
    <circle className={styles.dot} cx={at(mean)} cy="8" r="5" />
  </svg>
);

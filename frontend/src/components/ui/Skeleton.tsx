import styles from './Skeleton.module.css';

/** Bars in the shape of what comes; they appear late, so that what comes at once does not flicker. */
export const Skeleton = ({ label, lines = 3 }: { label: string; lines?: number }) => (
  <div className={styles.skeleton} role="status">
    <span className="visually-hidden">{label}</span>
    {Array.from({ length: lines }, (_, line) => (
      <span key={line} className={styles.bar} />
    ))}
  </div>
);

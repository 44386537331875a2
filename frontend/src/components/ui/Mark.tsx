import styles from './Mark.module.css';

/** The product's mark: a question that leaves on a line. */
export const Mark = () => (
  <svg className={styles.mark} viewBox="0 0 34 34" aria-hidden="true" focusable="false">
    <path className={styles.line} d="M5 24.5h7.5c5 0 4.5-15 10-15H29" />
    <path className={styles.dots} d="M12.5 24.5H29" />
    <circle className={styles.ring} cx="7" cy="24.5" r="5" />
  </svg>
);

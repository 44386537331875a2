import type { ReactNode } from 'react';

import styles from './Figure.module.css';

/** A row of figures, each with its name above it and what it means below. */
export const Figures = ({ label, children }: { label: string; children: ReactNode }) => (
  <dl className={styles.figures} aria-label={label}>{children}</dl>
);

interface FigureProps {
  name: string;
  value: ReactNode;
  /** The exact value, on demand. */
  exact?: string | undefined;
  children?: ReactNode;
}

export const Figure = ({ name, value, exact, children }: FigureProps) => (
  <div className={styles.figure}>
    <dt>{name}</dt>
    <dd className={styles.value} title={exact}>{value}</dd>
    {children && <dd className={styles.hint}>{children}</dd>}
  </div>
);

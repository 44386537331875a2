import type { ReactNode } from 'react';

import styles from './DecisionDrawer.module.css';

/** A stop on the line of a decision. `isHere`: the one that decided. */
export const Stop = ({ title, isHere = false, children }: { title: string; isHere?: boolean; children: ReactNode }) => (
  <section className={styles.stop} data-here={isHere || undefined}>
    <h3>{title}</h3>
    {children}
  </section>
);

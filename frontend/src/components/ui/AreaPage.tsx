import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './AreaPage.module.css';

let hasBeenSomewhere = false;

interface AreaPageProps {
  title: string;
  /** Beside the title: what the page is about, or what can be chosen. */
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page beside the chat. Coming from another one the focus goes to its title, so that it is heard. */
export const AreaPage = ({ title, aside, actions, children }: AreaPageProps) => {
  const { t } = useTranslation();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t('openroute')}`;
    return () => {
      document.title = t('openroute');
    };
  }, [title, t]);
  useEffect(() => {
    if (hasBeenSomewhere) head.current?.focus();
    hasBeenSomewhere = true;
  }, []);
  return (
    <main id="page" className={styles.page}>
      <header className={styles.head}>
        <h1 ref={head} tabIndex={-1}>{title}</h1>
        {aside && <div className={styles.aside}>{aside}</div>}
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </main>
  );
};

/** A part of a page with a name of its own. */
export const Card = ({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) => (
  <section className={styles.card}>
    <header className={styles.cardHead}>
      <h2>{title}</h2>
      {actions}
    </header>
    {children}
  </section>
);

/** Nothing there yet: why, and what would change that. */
export const Nothing = ({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) => (
  <div className={styles.nothing}>
    <p><b>{title}</b></p>
    {children && <p className={styles.hint}>{children}</p>}
    {actions}
  </div>
);

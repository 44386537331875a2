import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './Models.module.css';

/** The table behind a chart, unfolded on demand. */
export const Details = ({ what, children }: { what: string; children: ReactNode }) => {
  const { t } = useTranslation('models');
  return (
    <details className={styles.details}>
      <summary>{t('tableOf', { what })}</summary>
      {children}
    </details>
  );
};

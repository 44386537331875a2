import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { exceptionsQuery } from '@/api/exceptions';

import styles from './Rail.module.css';

const STALE_MS = 60_000;

/**
 * How many exceptions wait for a decision; nothing while none does. Looked up when somebody comes back to the page, and
 * never by a clock, which would keep an idle session alive.
 */
export const WaitingCount = () => {
  const { t } = useTranslation();
  const { data: count = 0 } = useQuery({
    ...exceptionsQuery('waiting'), staleTime: STALE_MS, refetchOnWindowFocus: true, select: ({ results }) => results.length,
  });
  if (count === 0) return null;
  return (
    <span className={styles.count}>
      {count} <span className="visually-hidden">{t('exceptions.wait', { count })}</span>
    </span>
  );
};

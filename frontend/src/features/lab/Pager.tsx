import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ROWS_A_PAGE } from '@/api/lab';
import { Button } from '@/components/ui/Button';

import styles from './Lab.module.css';

/** Below a list: how many there are, and the way to the page before and after. */
export const Pager = ({ page, count, onPage, children }: { page: number; count: number; onPage: (page: number) => void; children: ReactNode }) => {
  const { t } = useTranslation();
  const pages = Math.max(1, Math.ceil(count / ROWS_A_PAGE));
  return (
    <>
      <span role="status">{children}</span>
      {pages > 1 && (
        <nav className={styles.pager} aria-label={t('admin.pages')}>
          <Button size="small" disabled={page <= 1} onClick={() => onPage(page - 1)}>{t('admin.before')}</Button>
          <span>{t('admin.pageOf', { page, pages })}</span>
          <Button size="small" disabled={page >= pages} onClick={() => onPage(page + 1)}>{t('admin.next')}</Button>
        </nav>
      )}
    </>
  );
};

/** The page that an address names. */
export const pageOf = (word: string | undefined): number => Math.max(1, Math.floor(Number(word)) || 1);

import { Outlet, useLocation } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { useMe } from '@/api/me';
import { Skeleton } from '@/components/ui/Skeleton';

import { mayVisit } from './areas';
import { MissingPage } from './BrokenPage';
import { Rail } from './Rail';

import styles from './Area.module.css';

/** The pages beside the chat. An address that belongs to another role answers like one that does not exist. */
export const Area = () => {
  const { t } = useTranslation();
  const me = useMe();
  const { pathname } = useLocation();
  if (!mayVisit(me, pathname)) return <MissingPage />;
  return (
    <div className={styles.area}>
      <a className={styles.skip} href="#page">{t('area.skip')}</a>
      <Rail me={me} />
      <div className={styles.scroll}>
        <Suspense fallback={<div className={styles.waiting}><Skeleton label={t('area.loading')} /></div>}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
};

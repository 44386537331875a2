import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';

import styles from './Page.module.css';

export const BrokenPage = () => {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <h1>{t('broken.title')}</h1>
      <p>{t('broken.hint')}</p>
      <Button kind="primary" onClick={() => window.location.reload()}>{t('broken.reload')}</Button>
    </main>
  );
};

export const MissingPage = () => {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <h1>{t('broken.notFound')}</h1>
      <a href="/">{t('broken.home')}</a>
    </main>
  );
};

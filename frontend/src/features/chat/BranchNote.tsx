import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';
import { announce } from '@/lib/announcer';

import styles from './ChatView.module.css';

/** Stands where the next question will: the thread is cut here, and what that means. */
export const BranchNote = ({ isStillPrivate, onLeave }: { isStillPrivate: boolean; onLeave: () => void }) => {
  const { t } = useTranslation();
  const words = isStillPrivate ? t('talk.withoutStill') : t('talk.withoutHint');
  useEffect(() => announce(`${t('talk.withoutTitle')} ${words}`), [t, words]);
  return (
    <section className={styles.branch} aria-label={t('talk.withoutTitle')}>
      <Icon name="branch" />
      <p>
        <b>{t('talk.withoutTitle')}</b> {words} <Button kind="link" onClick={onLeave}>{t('talk.cancel')}</Button>
      </p>
    </section>
  );
};

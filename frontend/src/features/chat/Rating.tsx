import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { IconButton } from '@/components/ui/Button';
import { announce } from '@/lib/announcer';
import { showToast } from '@/lib/toasts';

import { rate, ratings, type Verdict } from './ratings';
import { RatingReason } from './RatingReason';

import styles from './Rating.module.css';

/** Thumbs up or down. The verdict is stored at once; a reason may follow, and replaces the verdict without one. */
export const Rating = ({ message, stored }: { message: string; stored: Verdict | null }) => {
  const { t } = useTranslation();
  const given = useSyncExternalStore(ratings.subscribe, () => ratings.get().get(message) ?? stored);
  const [asked, setAsked] = useState<Verdict | null>(null);
  const store = async (verdict: Verdict, reason?: string) => {
    try {
      await rate(message, verdict, reason);
    } catch {
      showToast(t('rate.failed'));
      return;
    }
    if (reason !== undefined) announce(t('rate.thanks'));
  };
  const give = (verdict: Verdict) => {
    setAsked(verdict);
    void store(verdict);
  };
  return (
    <>
      <IconButton icon="thumbUp" label={t('rate.up')} aria-pressed={given === 'up'} className={styles.thumb} onClick={() => give('up')} />
      <IconButton icon="thumbDown" label={t('rate.down')} aria-pressed={given === 'down'} className={styles.thumb} onClick={() => give('down')} />
      {asked && (
        <RatingReason
          verdict={asked}
          onDone={(reason) => {
            if (reason !== null) void store(asked, reason);
            setAsked(null);
          }}
        />
      )}
    </>
  );
};

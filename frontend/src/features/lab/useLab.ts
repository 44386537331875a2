import i18next from 'i18next';
import { useTranslation, type UseTranslationResponse } from 'react-i18next';

import { useMe } from '@/api/me';
import { en } from '@/locales/lab';
import { de } from '@/locales/labDe';
import { count, dayAndTime, percent } from '@/lib/dates';
import { money, seconds } from '@/lib/format';

/** The words of the lab; they come with its page, so that nobody else loads them. */
export const useLab = (): UseTranslationResponse<'lab', undefined> => {
  if (!i18next.hasResourceBundle('en', 'lab')) {
    i18next.addResourceBundle('en', 'lab', en);
    i18next.addResourceBundle('de', 'lab', de);
  }
  return useTranslation('lab');
};

export interface Figures {
  number: (value: number) => string;
  money: (microUsd: number) => string;
  /** A quality in [0, 1] as good answers in a hundred. */
  hundredth: (quality: number) => string;
  percent: (share: number) => string;
  time: (at: string) => string;
  duration: (milliseconds: number | null) => string;
}

/** Figures as people of the page's language read them; times are those of the company. */
export const useFigures = (): Figures => {
  const { t, i18n: { language } } = useLab();
  const { tenant } = useMe();
  return {
    number: (value) => count(value, language),
    money: (microUsd) => (microUsd === 0 ? t('zero') : money(microUsd, language)),
    hundredth: (quality) => count(Math.round(quality * 100), language),
    percent: (share) => percent(share, language),
    time: (at) => dayAndTime(at, language, tenant.timezone),
    duration: (milliseconds) => (milliseconds === null ? t('none') : seconds(milliseconds, language)),
  };
};

/** How long something lasts, roughly, in words; null for less than a minute. */
export const useDuration = (): ((seconds: number) => string | null) => {
  const { t } = useLab();
  return (lasting) => {
    const minutes = Math.round(lasting / 60);
    if (minutes < 1) return null;
    if (minutes < 90) return t('time.minutes', { count: minutes });
    return t('time.hours', { count: Math.round(minutes / 60) });
  };
};

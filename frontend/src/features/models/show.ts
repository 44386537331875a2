import { useTranslation } from 'react-i18next';

import type { Alarm, Estimate, ModelProfile } from '@/api/models';
import { count, day } from '@/lib/dates';
import { money, seconds } from '@/lib/format';

import { figureOf, inHundred, isPrior, type ColumnKey, type FigureKey, type Quality } from './profiles';

const RATE_WITH_DECIMAL = 0.1;
const FAST = 10;

/** A rate in [0, 1]: with a decimal where it is small. */
export const rate = (share: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'percent', maximumFractionDigits: share > 0 && share < RATE_WITH_DECIMAL ? 1 : 0,
  }).format(share);

/** Tokens a second, or how many observations there were: a decimal where there are few. */
export const decimal = (value: number, language: string): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: value < FAST ? 1 : 0 }).format(value);

/** Seconds of a scale, to the hundredth. */
export const exactSeconds = (milliseconds: number, language: string): string =>
  `${new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(milliseconds / 1000)}\u00a0s`;

/** Micro-dollars of a scale: as many digits as it takes to tell a half of a small amount. */
export const shortMoney = (microUsd: number, language: string): string =>
  new Intl.NumberFormat(language, {
    style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', maximumSignificantDigits: 3,
  }).format(microUsd / 1_000_000);

export const onDay = (date: string, language: string): string => day(`${date}T12:00:00Z`, language, 'UTC');

/** “17 Nov”: a day where the year is known. */
export const shortDay = (date: string, language: string): string =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'short', timeZone: 'UTC' })
    .format(new Date(`${date}T12:00:00Z`));

const ONCE = 0.5;
/** “Once in 200 times”: rounded down to what one can remember, so that it promises no more than was computed. */
export const timesOf = (chance: number): number | null => {
  if (!(chance > 0) || chance >= ONCE) return null;
  const times = 1 / chance;
  const power = 10 ** Math.floor(Math.log10(times));
  return Math.min(1_000_000, Math.floor(times / power) * power);
};

/** The sentences and figures of these pages in the page's language. */
export const useShow = () => {
  const { t, i18n } = useTranslation('models');
  const { t: common } = useTranslation();
  const language = i18n.language;
  const samples = (value: number): string =>
    t('observations', { count: Math.round(value), shown: count(Math.round(value), language) });
  const taskName = (key: string): string => (key === 'overall' ? t('overall') : common(`tasks.${key as 'math'}`, { defaultValue: key }));
  return {
    t, common, language, taskName, samples,
    head: (key: ColumnKey): string => (key === 'model' || key in FIGURE_WORDS ? t(key as FigureKey) : taskName(key)),
    /** What a dot says. */
    told: (model: string, key: Quality, estimate: Estimate): string =>
      t(isPrior(estimate) ? 'cellPrior' : 'cell', {
        model, task: taskName(key), quality: inHundred(estimate.quality), low: inHundred(estimate.low),
        high: inHundred(estimate.high), samples: samples(estimate.samples), prior: inHundred(estimate.prior),
      }),
    figure: (profile: ModelProfile, key: FigureKey): string | null => {
      const value = figureOf(profile, key);
      if (value === null) return null;
      if (key === 'first') return seconds(value, language);
      if (key === 'speed') return t('tokensPerS', { value: decimal(value, language) });
      if (key === 'errors') return rate(value, language);
      return value === 0 ? common('answer.free') : money(value, language);
    },
    alarm: (alarm: Alarm): string => {
      const times = timesOf(alarm.chance);
      return t('changedHow', {
        day: day(alarm.raised_at, language), failed: alarm.failed, asked: alarm.asked, expected: decimal(alarm.expected, language),
        chance: times === null ? t('chanceLarge', { share: rate(alarm.chance, language) }) : t('chance', { times: count(times, language) }),
      });
    },
  };
};

const FIGURE_WORDS: Readonly<Record<FigureKey, true>> = { first: true, speed: true, cost: true, errors: true };

import type { ProfileDay } from '@/api/models';
import { money, seconds } from '@/lib/format';

import { inHundred } from './profiles';
import { pointsOf, summaryOf, type Point } from './scales';
import { decimal, exactSeconds, onDay, rate, shortMoney, type useShow } from './show';
import type { Line } from './TimeChart';

export interface Chart {
  key: 'quality' | 'first' | 'speed' | 'cost' | 'failing';
  lines: readonly Line[];
  caption: string;
  show: (value: number) => string;
  axis: (value: number) => string;
  top?: number;
}

/** What a caption is made of; it needs no page. */
export type Words = Pick<ReturnType<typeof useShow>, 't' | 'language'>;

/** The figure of the same day in another series; of a day without one it is said that it is unknown. */
const onSameDay = (points: readonly Point[] | undefined, date: string): number | null =>
  points?.find((point) => point.date === date)?.value ?? null;

/** “On 26 Nov half of the answers began within 0.6 s ...”: the newest day of the first line, and its range. */
export const captionOf = ({ key, lines, show }: Omit<Chart, 'caption'>, { t, language }: Words): string => {
  const [first, second, third] = lines.map(({ points }) => points);
  const found = summaryOf(first ?? []);
  if (!found) return t('captions.empty');
  const other = (points: readonly Point[] | undefined): string => {
    const value = onSameDay(points, found.date);
    return value === null ? '–' : show(value);
  };
  return t(`captions.${key}`, {
    day: onDay(found.date, language), latest: show(found.latest), low: show(found.low), high: show(found.high),
    second: other(second), third: other(third),
  });
};

/** The five charts of a model's days. */
export const chartsOf = (days: readonly ProfileDay[], words: Words): Chart[] => {
  const { t, language } = words;
  const line = (key: 'quality' | 'first' | 'late' | 'speed' | 'cost' | 'errors' | 'refused' | 'truncated', look: Line['look'], value: (day: ProfileDay) => number | null): Line =>
    ({ key, name: t(`lines.${key}`), look, points: pointsOf(days, value) });
  const alike = (show: Chart['show']) => ({ show, axis: show });
  const hundred = alike((value) => String(inHundred(value)));
  const number = alike((value) => decimal(value, language));
  const share = alike((value) => rate(value, language));
  const charts: Omit<Chart, 'caption'>[] = [
    { key: 'quality', lines: [line('quality', 'solid', (day) => day.quality)], ...hundred, top: 1 },
    {
      key: 'first', show: (value) => seconds(value, language), axis: (value) => exactSeconds(value, language),
      lines: [line('first', 'solid', (day) => day.first_token_p50_ms), line('late', 'dashed', (day) => day.first_token_p95_ms)],
    },
    { key: 'speed', lines: [line('speed', 'solid', (day) => day.tokens_per_s)], ...number },
    {
      key: 'cost', lines: [line('cost', 'solid', (day) => day.cost_microusd)],
      show: (value) => (value === 0 ? shortMoney(0, language) : money(value, language)),
      axis: (value) => shortMoney(value, language),
    },
    {
      key: 'failing', ...share,
      lines: [
        line('errors', 'solid', (day) => day.error_rate), line('refused', 'dashed', (day) => day.refusal_rate),
        line('truncated', 'dotted', (day) => day.truncation_rate),
      ],
    },
  ];
  return charts.map((chart) => ({ ...chart, caption: captionOf(chart, words) }));
};

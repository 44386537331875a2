import type { ProfileDay } from '@/api/models';

export type Scale = (value: number) => number;

/** From one range to another, in a straight line. */
export const scale = ([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Scale =>
  (value) => (to === from ? start : start + ((value - from) / (to - from)) * (end - start));

/** A round number that is at least the greatest, of which a half reads well; 1 where there is nothing above zero. */
export const roundAbove = (greatest: number): number => {
  if (!(greatest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(greatest));
  const step = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((each) => each * power >= greatest * (1 - 1e-9)) ?? 10;
  return step * power;
};

const DAY_MS = 86_400_000;
/** Days since 1970 of a date (`2026-11-25`). */
export const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
export const dateOf = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

export interface Point {
  date: string;
  value: number;
}

export const pointsOf = (days: readonly ProfileDay[], value: (day: ProfileDay) => number | null): Point[] =>
  days.flatMap((day) => {
    const found = value(day);
    return found === null ? [] : [{ date: day.date, value: found }];
  });

/** A line goes on over a weekend; after more days without a figure it begins anew. */
const LONGEST_GAP = 4;

export const segments = (points: readonly Point[]): Point[][] => {
  const found: Point[][] = [];
  for (const point of points) {
    const before = found.at(-1)?.at(-1);
    if (before && dayNumber(point.date) - dayNumber(before.date) <= LONGEST_GAP) found.at(-1)?.push(point);
    else found.push([point]);
  }
  return found;
};

/** Labels that stand apart by at least `gap`, each as near to its place as the order allows; the last ends at `bottom`. */
export const apart = (places: readonly number[], gap: number, bottom: number): number[] => {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place || a.index - b.index);
  for (const [at, each] of order.entries()) {
    const before = order[at - 1];
    if (before) each.place = Math.max(each.place, before.place + gap);
  }
  order.reduceRight((limit, each) => {
    each.place = Math.min(each.place, limit);
    return each.place - gap;
  }, bottom);
  const result = [...places];
  for (const { place, index } of order) result[index] = place;
  return result;
};

export interface Summary {
  date: string;
  latest: number;
  low: number;
  high: number;
}

/** The newest figure, and between which they lie; null without any. Points are in the order of their days. */
export const summaryOf = (points: readonly Point[]): Summary | null => {
  const last = points.at(-1);
  if (!last) return null;
  const values = points.map(({ value }) => value);
  return { date: last.date, latest: last.value, low: Math.min(...values), high: Math.max(...values) };
};

/** How far back one can look, in days, and the word for it in the address. */
export const SPANS = [{ word: 'month', days: 30 }, { word: 'quarter', days: 90 }, { word: 'year', days: 365 }] as const;
export type Span = (typeof SPANS)[number];
export const USUAL_SPAN: Span = SPANS[1];
export const spanOf = (word: string | undefined): Span => SPANS.find((each) => each.word === word) ?? USUAL_SPAN;

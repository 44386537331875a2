import type { Budget } from '@/api/admin';

/** What a budget will have cost at the end of its period, if it goes on as it did; amounts in micro-dollars. */
export interface Forecast {
  expected: number;
  /** When the limit is reached, where that is before the end. */
  runsOut: Date | null;
}

const LEAST_SHARE = 0.05; // of the period: a morning says nothing about a month

/** Null where nothing can be said: no end, sums that are not shown, or too little time gone. */
export const forecastOf = (budget: Budget, now: number): Forecast | null => {
  const { spent_microusd: spent, limit_microusd: limit, starts, ends } = budget;
  if (spent === null || ends === null) return null;
  const [from, to] = [Date.parse(starts), Date.parse(ends)];
  const gone = (now - from) / (to - from);
  if (gone < LEAST_SHARE || gone >= 1) return null;
  const expected = Math.round(spent / gone);
  if (expected <= limit || spent <= 0 || spent >= limit) return { expected, runsOut: null };
  return { expected, runsOut: new Date(from + ((now - from) * limit) / spent) };
};

export type Trouble = 'used_up' | 'runs_out' | 'low' | 'within';

export const troubleOf = (budget: Budget, forecast: Forecast | null): Trouble => {
  if (budget.state === 'used_up') return 'used_up';
  if (forecast?.runsOut) return 'runs_out';
  return budget.state === 'low' ? 'low' : 'within';
};

const ORDER: readonly Trouble[] = ['used_up', 'runs_out', 'low', 'within'];

const shareOf = ({ spent_microusd: spent, limit_microusd: limit }: Budget): number =>
  spent === null ? 0 : limit === 0 ? 1 : spent / limit;

/** Who is in trouble first; among equals who used the greatest part. */
export const byTrouble = (budgets: readonly Budget[], now: number): Budget[] => {
  const rank = (budget: Budget) => ORDER.indexOf(troubleOf(budget, forecastOf(budget, now)));
  return [...budgets].sort((a, b) => rank(a) - rank(b) || shareOf(b) - shareOf(a) || a.id - b.id);
};

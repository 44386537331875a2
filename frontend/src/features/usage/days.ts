import type { OwnUsage } from '@/api/usage';

export interface Day {
  date: string;
  inside: number;
  outside: number;
  nowhere: number;
  cost: number;
}

const DAY_MS = 86_400_000;

/** Every day of the month, also those on which nothing happened. */
export const daysOf = ({ starts, days, timezone }: OwnUsage): Day[] => {
  // Noon of the first day, wherever it is: at most 14 hours ahead of UTC.
  const first = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric', month: '2-digit', day: '2-digit', timeZone: timezone,
  }).format(Date.parse(starts) + DAY_MS / 2);
  const known = new Map(days.map(({ cost_microusd: cost, ...day }) => [day.date, { ...day, cost }]));
  const month = first.slice(0, 7);
  const all: Day[] = [];
  for (let at = Date.parse(`${month}-01T00:00:00Z`); ; at += DAY_MS) {
    const date = new Date(at).toISOString().slice(0, 10);
    if (!date.startsWith(month)) return all;
    all.push(known.get(date) ?? { date, inside: 0, outside: 0, nowhere: 0, cost: 0 });
  }
};

export const questionsOf = ({ inside, outside, nowhere }: Omit<Day, 'date' | 'cost'>): number => inside + outside + nowhere;

/** The sums of the month. */
export const totalsOf = (days: readonly Day[]): Omit<Day, 'date'> & { active: number } => ({
  inside: days.reduce((sum, day) => sum + day.inside, 0),
  outside: days.reduce((sum, day) => sum + day.outside, 0),
  nowhere: days.reduce((sum, day) => sum + day.nowhere, 0),
  cost: days.reduce((sum, day) => sum + day.cost, 0),
  active: days.filter((day) => questionsOf(day) > 0).length,
});

/** A round number that is at least the greatest, and halves without a fraction where there are whole things. */
export const ceilingOf = (greatest: number, isWhole: boolean): number => {
  if (greatest <= 0) return isWhole ? 2 : 1;
  const power = 10 ** Math.floor(Math.log10(greatest));
  const ceiling = [1, 2, 4, 5, 10].map((step) => step * power).find((step) => step >= greatest) ?? greatest;
  return isWhole ? Math.max(2, Math.ceil(ceiling / 2) * 2) : ceiling;
};

import { describe, expect, it } from 'vitest';

import { ceilingOf, daysOf, totalsOf } from './days';

const USAGE = {
  starts: '2026-10-31T23:00:00Z', ends: '2026-11-30T23:00:00Z', timezone: 'Europe/Berlin', models: [], found: [],
  private: { inside: 0, outside: 0, nowhere: 0 }, largest_microusd: 0,
  days: [{ date: '2026-11-03', inside: 2, outside: 3, nowhere: 1, cost_microusd: 40 }],
};

describe('daysOf', () => {
  it('gives each day of the company’s month its place', () => {
    const days = daysOf(USAGE);
    expect([days.length, days[0]?.date, days.at(-1)?.date]).toEqual([30, '2026-11-01', '2026-11-30']);
    expect(days[2]).toEqual({ date: '2026-11-03', inside: 2, outside: 3, nowhere: 1, cost: 40 });
  });
  it('adds up to the month', () => {
    expect(totalsOf(daysOf(USAGE))).toEqual({ inside: 2, outside: 3, nowhere: 1, cost: 40, active: 1 });
  });
});

describe('ceilingOf', () => {
  it('is round, high enough, and even where there are whole things', () => {
    expect([0, 1, 3, 18, 201].map((most) => ceilingOf(most, true))).toEqual([2, 2, 4, 20, 400]);
    expect(ceilingOf(1_300, false)).toBe(2_000);
  });
});

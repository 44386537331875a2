import { describe, expect, it } from 'vitest';

import type { Budget } from '@/api/admin';
import { amountOf, typedAmount } from '@/lib/amount';

import { byTrouble, forecastOf, troubleOf } from './forecast';

const budget = (more: Partial<Budget> = {}): Budget => ({
  id: 1, team: 1, team_slug: 'research', period: 'month', models: null, limit_microusd: 100, starts: '2026-11-01T00:00:00Z',
  ends: '2026-12-01T00:00:00Z', state: 'open', spent_microusd: 40, reserved_microusd: 0, left_microusd: 60, ...more,
});
const MIDDLE = Date.parse('2026-11-16T00:00:00Z');

describe('forecastOf', () => {
  it('goes on at the pace so far', () => {
    expect(forecastOf(budget(), MIDDLE)).toEqual({ expected: 80, runsOut: null });
  });
  it('says when the limit is reached', () => {
    const found = forecastOf(budget({ spent_microusd: 75 }), MIDDLE);
    expect([found?.expected, found?.runsOut?.toISOString()]).toEqual([150, '2026-11-21T00:00:00.000Z']);
  });
  it('says nothing without an end, without sums, or too early', () => {
    expect(forecastOf(budget({ ends: null }), MIDDLE)).toBeNull();
    expect(forecastOf(budget({ spent_microusd: null }), MIDDLE)).toBeNull();
    expect(forecastOf(budget(), Date.parse('2026-11-01T12:00:00Z'))).toBeNull();
  });
});

describe('byTrouble', () => {
  it('puts who needs somebody first', () => {
    const rows = [
      budget({ id: 1 }), budget({ id: 2, spent_microusd: 75 }), budget({ id: 3, state: 'used_up', spent_microusd: 100 }),
      budget({ id: 4, state: 'low', ends: null, spent_microusd: 95 }),
    ];
    expect(byTrouble(rows, MIDDLE).map(({ id }) => id)).toEqual([3, 2, 4, 1]);
    expect(troubleOf(budget({ state: 'used_up' }), null)).toBe('used_up');
  });
});

describe('amounts', () => {
  it.each([['12', 12_000_000], ['0,50', 500_000], ['$ 1.25', 1_250_000], ['0.000001', 1], ['-1', null], ['1e3', null], ['', null]])(
    'typed as %s', (typed, amount) => expect(amountOf(typed)).toBe(amount),
  );
  it('come back as they were typed', () => {
    expect([500_000_000, 1_500_000, 1_000].map(typedAmount)).toEqual(['500', '1.50', '0.001']);
  });
});

import { describe, expect, it } from 'vitest';

import { budgetState } from './budget';

const limit = { limit_microusd: 100, period: 'month', ends_at: null };

describe('a budget', () => {
  it('tells from what is left whether it is nearly or wholly used', () => {
    expect(budgetState({ ...limit, left_microusd: 60 })).toEqual({ state: 'calm', used: 0.4 });
    expect(budgetState({ ...limit, left_microusd: 20 })).toEqual({ state: 'nearly', used: 0.8 });
    expect(budgetState({ ...limit, left_microusd: 0 })).toEqual({ state: 'over', used: 1 });
  });

  it('whose sum is not told is not taken for used up', () => {
    expect(budgetState({ ...limit, left_microusd: null, state: 'open' })).toEqual({ state: 'calm', used: null });
    expect(budgetState({ ...limit, left_microusd: null, state: 'low' })).toEqual({ state: 'nearly', used: null });
    expect(budgetState({ ...limit, left_microusd: null, state: 'used_up' })).toEqual({ state: 'over', used: 1 });
  });
});

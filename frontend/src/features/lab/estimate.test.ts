import { describe, expect, it } from 'vitest';

import { estimateOf } from './estimate';

const COSTS = [{ model: 'large', answers: 40, mean_microusd: 900 }, { model: 'local', answers: 9, mean_microusd: 0 }];

describe('what a run may come to', () => {
  it('is the sum of what answers of its models have cost', () => {
    expect(estimateOf(100, ['large', 'local'], COSTS)).toEqual({ cost: 90_000, unknown: null });
  });
  it('is not told where a model was never asked', () => {
    expect(estimateOf(100, ['large', 'new'], COSTS)).toEqual({ cost: null, unknown: ['new'] });
  });
});

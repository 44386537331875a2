import { describe, expect, it } from 'vitest';

import { covers, rangeOf, sum } from './windowing';

const heights = Array.from({ length: 1_000 }, (_, index) => 100 + (index % 3) * 50);

describe('a long thread', () => {
  it('shows what touches the visible stretch, and room for the rest', () => {
    const { from, to, above, below } = rangeOf(heights, 3_000, 4_000);

    expect([from, to]).toEqual([20, 27]);
    expect(above).toBe(sum(heights, 0, 20));
    expect(above + sum(heights, from, to) + below).toBe(sum(heights));
  });

  it('shows its beginning, its end, and never nothing', () => {
    const all = sum(heights);

    expect(rangeOf(heights, -500, 10)).toMatchObject({ from: 0, to: 1, above: 0 });
    expect(rangeOf(heights, all - 10, all + 900)).toMatchObject({ from: 999, to: 1_000, below: 0 });
    expect(rangeOf(heights, all + 5_000, all + 9_000)).toMatchObject({ from: 999, to: 1_000 });
    expect(rangeOf([], 0, 100)).toEqual({ from: 0, to: 0, above: 0, below: 0 });
  });

  it('knows when a new range needs no rendering', () => {
    expect(covers(rangeOf(heights, 0, 5_000), rangeOf(heights, 1_000, 2_000))).toBe(true);
    expect(covers(rangeOf(heights, 0, 1_500), rangeOf(heights, 1_000, 2_000))).toBe(false);
  });
});

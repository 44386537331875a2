import { describe, expect, it } from 'vitest';

import { withSample, type Run, type Sample } from '@/api/lab';

import { secondsLeft, wholeOf } from './progress';

const run = (more: Partial<Run> = {}): Run => ({
  id: 'r', suite: 'ours', version: 1, models: ['a', 'b'], judge: '', state: 'running', reason: null, seed: 0, max_output_tokens: 2_000,
  budget_microusd: 5_000_000, calls_per_minute: 60, cost_microusd: 0, total: 100, checked: 0, failed: 0, skipped: 0, started_by: 'Erin',
  scheduled: false, created_at: '2026-11-25T12:00:00Z', started_at: null, ended_at: null, ...more,
});

describe('how long a run still takes', () => {
  it('is told by the calls that it may make, as long as its pace is not known', () => {
    expect(secondsLeft(run(), [])).toBe(100);
    expect(secondsLeft(run({ checked: 40 }), [{ at: 0, done: 39 }, { at: 2_000, done: 40 }])).toBe(60);
  });
  it('is told by its pace once that is known', () => {
    expect(secondsLeft(run({ checked: 30, failed: 10 }), [{ at: 0, done: 20 }, { at: 20_000, done: 40 }])).toBe(60);
  });
  it('falls back to the calls when nothing has moved', () => {
    expect(secondsLeft(run({ checked: 40 }), [{ at: 0, done: 40 }, { at: 30_000, done: 40 }])).toBe(60);
  });
  it('is nothing when nothing is left', () => {
    expect(secondsLeft(run({ checked: 90, skipped: 10 }), [])).toBeNull();
  });
});

describe('samples of a run', () => {
  const before: Sample[] = [{ at: 0, done: 5 }, { at: 30_000, done: 8 }];
  it('are those of the last minute', () => {
    expect(withSample(before, { at: 61_000, done: 9 }, true)).toEqual([{ at: 30_000, done: 8 }, { at: 61_000, done: 9 }]);
  });
  it('begin anew when the run stands or has gone back', () => {
    expect(withSample(before, { at: 40_000, done: 8 }, false)).toEqual([]);
    expect(withSample(before, { at: 40_000, done: 6 }, true)).toEqual([{ at: 0, done: 5 }, { at: 40_000, done: 6 }]);
  });
});

describe('a whole number', () => {
  it.each([['60', 60], [' 1 ', 1], ['6000', 6_000], ['0', null], ['6001', null], ['1.5', null], ['', null], ['-3', null], ['1e3', null]])(
    'typed as %j', (typed, found) => expect(wholeOf(typed, 1, 6_000)).toBe(found),
  );
});

import { describe, expect, it } from 'vitest';

import type { Result } from '@/api/lab';

import { leaders, linesOf, matrixOf, modelsOf, tasksOf } from './results';

const line = (model: string, task: string, mean: number | null, low = 0, high = 1): Result => ({
  model, task, mean, low, high, n: mean === null ? 0 : 10, failed: 0, skipped: 0, cost_microusd: 0, first_token_ms: null, duration_ms: null,
});
const RESULTS = [
  line('large', '*', 0.9, 0.8, 0.95), line('large', 'math', 0.8), line('large', 'coding', 1),
  line('small', '*', 0.5, 0.3, 0.7), line('small', 'math', null), line('other', '*', 0.95, 0.85, 0.99),
];

describe('the table of a run', () => {
  it('shows one task, the best model first', () => {
    expect(linesOf(RESULTS, '*').map(({ model }) => model)).toEqual(['other', 'large', 'small']);
    expect(linesOf(RESULTS, 'math').map(({ model }) => model)).toEqual(['large', 'small']);
  });
  it('has all tasks side by side, by their words', () => {
    const tasks = tasksOf(RESULTS, (task) => (task === 'math' ? 'A' : 'B'));
    expect(tasks).toEqual(['math', 'coding']);
    const rows = matrixOf(RESULTS, tasks);
    expect(rows.map(({ cells }) => cells.get('large')?.mean)).toEqual([0.8, 1]);
    expect(rows[1]?.cells.has('small')).toBe(false);
    expect(modelsOf(RESULTS)).toEqual(['large', 'small', 'other']);
  });
});

describe('the best models', () => {
  it('are all between which there is no clear difference', () => {
    expect(leaders(linesOf(RESULTS, '*'))).toEqual(['other', 'large']);
  });
  it('are one when its interval stands alone', () => {
    expect(leaders([line('a', '*', 0.9, 0.8, 0.95), line('b', '*', 0.5, 0.3, 0.7)])).toEqual(['a']);
  });
  it('are nobody when nothing was compared', () => {
    expect(leaders([line('a', '*', 0.9)])).toEqual([]);
    expect(leaders([line('a', '*', null), line('b', '*', null)])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';

import type { Estimate, ModelProfile } from '@/api/models';

import { bestFirst, chosen, isBest, isPrior, orderOf, sorted, spreadOf, TASKS, waitsOf, wordOf } from './profiles';

const estimate = (quality: number, samples = 20): Estimate => ({ quality, low: quality - 0.1, high: quality + 0.1, samples, prior: 0.5 });
const NO_FIGURES = {
  first_token_p50_ms: null, first_token_p95_ms: null, tokens_per_s: null, cost_microusd: null, error_rate: null,
  refusal_rate: null, truncation_rate: null,
};
const profile = (model: string, quality: number, more: Partial<ModelProfile> = {}): ModelProfile => ({
  ...NO_FIGURES, model, hosting: 'commercial', context_tokens: 8000, max_output_tokens: 1000, capabilities: [],
  overall: estimate(quality), tasks: TASKS.map((task) => ({ ...NO_FIGURES, task, ...estimate(quality) })), updated_at: null, ...more,
});
const names = (profiles: readonly ModelProfile[]) => profiles.map(({ model }) => model);

describe('sorted', () => {
  const some = [
    profile('b', 0.7, { cost_microusd: 900 }), profile('a', 0.7, { cost_microusd: 0 }), profile('c', 0.9), profile('d', 0.2, { cost_microusd: 50 }),
  ];
  it('puts the best first and equals by name', () => {
    expect(names(sorted(some, bestFirst('overall')))).toEqual(['c', 'a', 'b', 'd']);
    expect(names(sorted(some, bestFirst('math')))).toEqual(['c', 'a', 'b', 'd']);
  });
  it('puts what was not measured last in both directions', () => {
    expect(names(sorted(some, bestFirst('cost')))).toEqual(['a', 'd', 'b', 'c']);
    expect(names(sorted(some, { key: 'cost', isDescending: true }))).toEqual(['b', 'd', 'a', 'c']);
  });
  it('goes by name from A, and back', () => {
    expect(names(sorted(some, bestFirst('model')))).toEqual(['a', 'b', 'c', 'd']);
    expect(names(sorted(some, chosen(bestFirst('model'), 'model')))).toEqual(['d', 'c', 'b', 'a']);
  });
  it('leaves what it was given', () => {
    sorted(some, bestFirst('model'));
    expect(names(some)).toEqual(['b', 'a', 'c', 'd']);
  });
});

describe('an order', () => {
  it('is one word in the address', () => {
    for (const word of ['cost', '-cost', '-overall', 'math']) expect(wordOf(orderOf(word))).toBe(word);
  });
  it('is by overall quality where the address says nothing that is known', () => {
    for (const word of [undefined, 'price', '--cost', '']) expect(orderOf(word)).toEqual({ key: 'overall', isDescending: true });
  });
  it('turns round when its column is chosen again, and begins with the best of another', () => {
    expect(chosen({ key: 'cost', isDescending: false }, 'cost')).toEqual({ key: 'cost', isDescending: true });
    expect(chosen({ key: 'cost', isDescending: false }, 'speed')).toEqual({ key: 'speed', isDescending: true });
  });
});

describe('a profile', () => {
  it('rests on its prior as long as there is less than half an observation', () => {
    expect([0, 0.49, 0.5, 12].map((samples) => isPrior(estimate(0.5, samples)))).toEqual([true, true, false, false]);
  });
  it('is best among those of its own hosting', () => {
    const all = [profile('in', 0.6, { hosting: 'self_hosted' }), profile('out', 0.9), profile('less', 0.8)];
    expect(all.map((each) => isBest(all, each, 'coding'))).toEqual([true, true, false]);
  });
  it('names its best and its weakest task', () => {
    const tasks = [['coding', 0.9, 4], ['math', 0.4, 0], ['translation', 0.6, 3]] as const;
    const found = spreadOf(profile('m', 0.6, { tasks: tasks.map(([task, quality, samples]) => ({ ...NO_FIGURES, task, ...estimate(quality, samples) })) }));
    expect([found?.best.task, found?.worst.task, found?.measured, found?.all]).toEqual(['coding', 'math', 2, 3]);
    expect(spreadOf(profile('m', 0.6, { tasks: [] }))).toBeNull();
  });
});

describe('waitsOf', () => {
  it('finds who begins soonest and who keeps waiting longest, among the measured', () => {
    const found = waitsOf([
      profile('slow', 0.5, { first_token_p50_ms: 900, first_token_p95_ms: 2000 }), profile('unknown', 0.5),
      profile('uneven', 0.5, { first_token_p50_ms: 300, first_token_p95_ms: 4000 }),
    ]);
    expect([found?.fastest.model, found?.slowest.model, found?.waits.length]).toEqual(['uneven', 'uneven', 2]);
    expect(waitsOf([profile('unknown', 0.5)])).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';

import { excerpt, expectedOf, outcomeOf } from './answers';

describe('what came of an answer', () => {
  it.each([
    ['checked', 1, 'right'], ['checked', 0.5, 'partly'], ['checked', 0.25, 'wrong'], ['checked', 0, 'wrong'], ['failed', null, 'failed'],
    ['skipped', null, 'skipped'], ['waiting', null, 'waiting'], ['asking', null, 'underway'], ['judging', null, 'underway'],
  ] as const)('%s with %s is %s', (state, value, outcome) => expect(outcomeOf({ state, value })).toBe(outcome));
});

describe('what was expected', () => {
  it('is told part by part', () => {
    expect(expectedOf({ answers: ['Paris', 'paris, France'] })).toEqual([{ part: 'answers', text: 'Paris\nparis, France', isCode: true }]);
    expect(expectedOf({ reference: 'Dear all.', rubric: 'It is polite.' }).map(({ part, isCode }) => [part, isCode])).toEqual([
      ['rubric', false], ['reference', false],
    ]);
    expect(expectedOf({ schema: { type: 'object' } })[0]?.text).toBe('{\n  "type": "object"\n}');
  });
  it('has no tolerance where none is allowed', () => {
    expect(expectedOf({ value: 38, tolerance: 0 }).map(({ text }) => text)).toEqual(['38']);
    expect(expectedOf({ value: 38, tolerance: 0.5 }).map(({ text }) => text)).toEqual(['38', '0.5']);
  });
  it('leaves out what the page does not know', () => expect(expectedOf({ nonsense: 1 })).toEqual([]));
});

describe('an excerpt', () => {
  it('is one line', () => expect(excerpt(' a\n\n b ')).toBe('a b'));
  it('is short, and never half a letter', () => {
    const short = excerpt('🙂'.repeat(200));
    expect([...short]).toHaveLength(121);
    expect(short.endsWith('🙂…')).toBe(true);
  });
});

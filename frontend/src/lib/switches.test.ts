import { describe, expect, it } from 'vitest';

import type { Turn } from '@/api/client';

import { standing, switchesOf } from './switches';

type Attempt = Turn['attempts'][number];
type Vote = NonNullable<Turn['vote']>;

const attempt = (number: number, model: string, extra: Partial<Attempt> = {}): Attempt => ({
  number, model, provider: 'p', hosting: 'commercial', state: 'answered', code: '', cost_micro_usd: 0, keeps: 0, ...extra,
});
const vote = (winner: number, ...attempts: number[]): Vote => ({
  way: 'majority', asked: attempts.length, answered: attempts.length, counted: attempts.length, agreed: 2, winner,
  reason: '3 models were asked at once.', said: null,
  voters: attempts.map((number) => ({ attempt: number, model: 'm', cluster: 0 })),
});
const names = (turn: Pick<Turn, 'attempts' | 'vote'>): string[] => standing(turn).map(({ model }) => model);

describe('the attempts that stand behind an answer', () => {
  it('are those that were asked one after the other', () => {
    const attempts = [attempt(1, 'a', { state: 'failed', code: 'provider_timeout' }), attempt(2, 'b')];
    expect(names({ attempts, vote: null })).toEqual(['a', 'b']);
  });

  it('are the winner alone after a vote', () => {
    const attempts = [
      attempt(1, 'a', { code: 'outvoted' }), attempt(2, 'b'), attempt(3, 'c', { state: 'failed', code: 'late' }),
    ];
    expect(names({ attempts, vote: vote(2, 1, 2, 3) })).toEqual(['b']);
    expect(switchesOf({ attempts, vote: vote(2, 1, 2, 3) })).toEqual([]);
  });

  it('are the first one where its answer was shown after all', () => {
    const attempts = [
      attempt(1, 'a', { code: 'not_good_enough' }), attempt(2, 'b', { state: 'failed', code: 'provider_unavailable' }),
    ];
    expect(names({ attempts, vote: null })).toEqual(['a']);
  });

  it('say that an answer was not good enough', () => {
    const attempts = [attempt(1, 'a', { state: 'failed', code: 'not_good_enough' }), attempt(2, 'b')];
    expect(switchesOf({ attempts, vote: null })[0]?.said).toEqual({
      code: 'switched_by_check', params: { source: 'a', target: 'b', code: 'not_good_enough' },
    });
  });
});

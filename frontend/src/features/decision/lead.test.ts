import { describe, expect, it } from 'vitest';

import type { Turn } from '@/api/client';

import { leadOf } from './lead';

type Attempt = Turn['attempts'][number];

const attempt = (model: string, keeps: number, extra: Partial<Attempt> = {}): Attempt => ({
  number: 1, model, provider: 'p', hosting: 'self_hosted', state: 'failed', code: 'provider_unavailable', cost_micro_usd: 0, keeps,
  ...extra,
});
const answered = (model: string, keeps: number): Attempt => attempt(model, keeps, { state: 'answered', code: '' });

describe('the first sentence of a record', () => {
  it('names all whose text stands in the answer', () => {
    expect(leadOf({ vote: null, attempts: [attempt('a', 0), attempt('b', 10), answered('c', 10)] }).wrote).toEqual(['a', 'c']);
    expect(leadOf({ vote: null, attempts: [attempt('a', 0), answered('b', 0)] }).wrote).toEqual(['b']);
  });

  it('does not credit a last model that failed', () => {
    expect(leadOf({ vote: null, attempts: [attempt('a', 0), attempt('b', 0)] }).wrote).toEqual([]);
  });

  it('names everybody outside who was asked, also in vain, and nobody who never was', () => {
    const out = { hosting: 'commercial' };
    const attempts = [
      attempt('a', 0, out), attempt('b', 0, { ...out, code: 'refused_by_policy' }), answered('c', 0),
      attempt('d', 0, { ...out, code: 'not_sent' }),
    ];

    expect(leadOf({ vote: null, attempts }).outside).toEqual(['a']);
  });
});

import { describe, expect, it } from 'vitest';

import type { UsableModel } from '@/api/client';

import { barOf, type Question } from './bars';

const model = (hosting: 'commercial' | 'self_hosted', capabilities: string[] = []): UsableModel =>
  ({ name: 'm', hosting, healthy: true, capabilities, price: { input: 1, output: 1 } }) as unknown as UsableModel;
const CALM: Question = { isPrivate: false, hasPicture: false, isBudgetUsedUp: false };

describe('a model', () => {
  it.each([
    ['outside, for private text', model('commercial'), { ...CALM, isPrivate: true }, 'private'],
    ['inside, for private text', model('self_hosted'), { ...CALM, isPrivate: true }, null],
    ['outside, for a picture', model('commercial', ['vision']), { ...CALM, hasPicture: true }, 'picture'],
    ['inside that cannot see, for a picture', model('self_hosted'), { ...CALM, hasPicture: true }, 'vision'],
    ['inside that sees, for a picture', model('self_hosted', ['vision']), { ...CALM, hasPicture: true }, null],
    ['outside, for calm text', model('commercial'), CALM, null],
  ] as const)('%s is barred by %4$s', (_, one, question, bar) => {
    expect(barOf(one, question)).toBe(bar);
  });
});

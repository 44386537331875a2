import { describe, expect, it } from 'vitest';

import { originOf } from './origin';

describe('the icon of a conversation', () => {
  it.each([
    ['self_hosted', 'sensitive', 'inside', 'house'],
    ['commercial', 'clean', 'outside', 'leaving'],
    [null, 'unclassified', 'sensitive', 'shield'],
    [null, 'clean', 'neutral', 'chat'],
  ] as const)('of an answer from %s with %s text is %s', (hosting, sensitivity, tone, icon) => {
    expect(originOf({ hosting, sensitivity })).toMatchObject({ tone, icon });
  });
});

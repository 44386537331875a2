import { describe, expect, it } from 'vitest';

import { countWords, initialsOf, money } from './format';

describe('money', () => {
  it.each([
    [161_850_000, 'en', '$161.85'],
    [4_200, 'en', '$0.0042'],
    [4_200, 'de', '0,0042\u00a0$'],
    [3, 'en', '< $0.0001'],
    [0, 'en', '$0.0000'],
  ])('writes %i micro-dollars in %s as %s', (amount, language, written) => {
    expect(money(amount, language)).toBe(written);
  });
});

describe('words', () => {
  it('are counted in any script, with what joins them', () => {
    expect(countWords("Don't re-read “Größe” 12 times")).toBe(5);
  });
});

describe('initials', () => {
  it.each([['Erin Lead', 'EL'], ['Erin', 'E'], ['Ana Maria de Sousa', 'AS'], ['', '']])('of %j are %j', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

import { describe, expect, it } from 'vitest';

import { marked } from './marked';

const finding = (start: number, end: number, counts = true) =>
  ({ type: 'IBAN_CODE', start, end, score: 1, recognizers: [], counts, why_not: '' });
const shown = (text: string, ...findings: ReturnType<typeof finding>[]) =>
  marked(text, findings).map((piece) => (piece.counts ? `<${piece.text}>` : piece.text)).join('');

describe('a text with what was found', () => {
  it('marks what counts and nothing else', () => {
    expect(shown('ab cd ef', finding(3, 5), finding(0, 2, false))).toBe('ab <cd> ef');
  });
  it('counts in code points', () => {
    expect(shown('🙂🙂 ab', finding(3, 5))).toBe('🙂🙂 <ab>');
  });
  it('keeps every letter where findings overlap', () => {
    expect(shown('abcdef', finding(2, 5), finding(0, 3), finding(1, 2))).toBe('<abc><de>f');
    expect(shown('abc')).toBe('abc');
  });
});

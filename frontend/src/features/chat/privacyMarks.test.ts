import { describe, expect, it } from 'vitest';

import type { CheckedFrame, Span } from '@/lib/frames';

import { piecesOf, replaced } from './privacyMarks';

const text = '👋 mail a@b.example or 030 123';
const spans: Span[] = [
  { type: 'PHONE_NUMBER', start: 22, end: 29 },
  { type: 'EMAIL_ADDRESS', start: 7, end: 18 },
  { type: 'PERSON', start: 9, end: 12 },
];
const frame: CheckedFrame = {
  type: 'checked', id: 'i', sensitivity: 'sensitive', spans, route: null, estimate_microusd: null, without: null,
};
const marked = (now: string) => piecesOf(now, { text, frame }).filter(({ type }) => type).map((piece) => piece.text);

describe('marks', () => {
  it('stand where the server found something, counted in code points', () => {
    expect(marked(text)).toEqual(['a@b.example', '030 123']);
  });

  it('stay while the text grows behind them', () => {
    expect(marked(`${text} and more`)).toEqual(['a@b.example', '030 123']);
  });

  it('go from where the text was changed', () => {
    expect(marked(text.replace(' or', ' and'))).toEqual(['a@b.example']);
  });

  it('never lose text', () => {
    expect(piecesOf(text, { text, frame }).map((piece) => piece.text).join('')).toBe(text);
    expect(piecesOf(text, null)).toEqual([{ text, type: null }]);
  });
});

describe('placeholders', () => {
  it('take the place of every private detail', () => {
    expect(replaced(text, spans, (type) => `[${type}]`)).toBe('👋 mail [EMAIL_ADDRESS] or [PHONE_NUMBER]');
  });
});

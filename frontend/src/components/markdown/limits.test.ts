import { describe, expect, it } from 'vitest';

import { blocksOf } from './blocks';
import { cutTable, flattened, isEndless, thinned } from './limits';

const deepest = (text: string): number => Math.max(...text.split('\n').map((line) => /^[> ]*/.exec(line)?.[0].replaceAll(' ', '').length ?? 0));

describe('a text', () => {
  it.each(['- '.repeat(1_500) + 'x', '> '.repeat(10_000) + 'x', '>'.repeat(10_000), '1. '.repeat(3_000) + 'x'])(
    'of very many levels in a line begins none of them, and can be read',
    (text) => {
      expect(flattened(text) === text.replace(/^(\d*)/, '$1\\')).toBe(true);
      expect(blocksOf(text).join('').endsWith(text.slice(-10))).toBe(true);
    },
  );

  it('of very many levels in lines of their own keeps some of them', () => {
    const text = Array.from({ length: 600 }, (_, level) => `${'  '.repeat(level)}- item ${level}`).join('\n');
    const indents = flattened(text).split('\n').map((line) => line.search(/\S/));

    expect(Math.max(...indents)).toBe(48);
    expect(indents.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, level) => level * 2));
  });

  it.each([
    '- a\n  - b\n    - c', '> > > quoted', '---', '-'.repeat(80), '* * *', 'a - b - c', '1. one\n2. two', '- [ ] to do',
    `\`\`\`\n${'> '.repeat(60)}x\n${' '.repeat(80)}- y\n\`\`\``, '| a | b |\n|---|---|\n| - | - |',
  ])('of ordinary levels stays as it is: %j', (text) => {
    expect(flattened(text)).toBe(text);
  });

  it('keeps a quotation of ten levels', () => {
    expect(deepest(flattened(`${'> '.repeat(10)}x`))).toBe(10);
  });
});

describe('a table', () => {
  const table = (rows: number, columns: number): string => {
    const row = (cell: string) => `|${` ${cell} |`.repeat(columns)}`;
    return [row('h'), row('---'), ...Array.from({ length: rows }, (_, at) => row(String(at)))].join('\n');
  };

  it('of an ordinary size is shown whole', () => {
    expect(cutTable(table(100, 8))).toEqual({ text: table(100, 8), left: 0 });
  });

  it('that is very large is cut, and says how much is missing', () => {
    const { text, left } = cutTable(table(1_500, 60));

    expect(text.split('\n').length + left).toBe(1_502);
    expect(text.split('\n').length).toBeLessThan(40);
  });

  it('is only what has a line under its head', () => {
    const text = 'a | b\nc | d\n'.repeat(3_000);

    expect(cutTable(text)).toEqual({ text, left: 0 });
  });
});

describe('a word', () => {
  it.each(['a'.repeat(1_001), `see ${'a.b-'.repeat(500)} there`, `- ${'0'.repeat(200_000)}`])('without an end is found', (text) => {
    expect(isEndless(text)).toBe(true);
  });

  it.each([
    'word '.repeat(5_000), '潮'.repeat(5_000), `\`\`\`\n${'QUJD'.repeat(2_000)}\n\`\`\``, `[a](https://x.example/${'a/'.repeat(900)})`,
  ])('of ordinary length, or in code, is none', (text) => {
    expect(isEndless(text)).toBe(false);
  });
});

describe('marks on a letter', () => {
  it('are eight at most', () => {
    expect(thinned(`Z${'\u0301'.repeat(5_000)}a e\u0301`)).toBe(`Z${'\u0301'.repeat(8)}a e\u0301`);
  });

  it.each(['Việt Nam', 'שָׁלוֹם', 'नमस्ते', '👩‍👩‍👧', 'เที่ยว'])('of a language stay: %s', (text) => {
    expect(thinned(text)).toBe(text);
  });
});

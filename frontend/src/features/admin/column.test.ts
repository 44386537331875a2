import { describe, expect, it } from 'vitest';

import { columnOf, decoded, delimiterOf, firstColumn, MOST_BYTES } from './column';

describe('the first column', () => {
  it.each([
    ['Müller;4711\r\nMeier;12\r\n', ';', ['Müller', 'Meier']],
    ['"Smith, Jones";1\n"He said ""no""";2', ';', ['Smith, Jones', 'He said "no"']],
    ['"two\nlines",1\nnext,"a\nb"\nlast', ',', ['two lines', 'next', 'last']],
    ['a\n\nb\n', ',', ['a', '', 'b']],
    ['\tsecond only\nfirst\tsecond', '\t', ['', 'first']],
    ['"never closed;1\nb;2', ';', ['"never closed', 'b']],
    ['"Acme" Ltd;1\nb', ';', ['"Acme" Ltd', 'b']],
    ['5" pipe;1', ';', ['5" pipe']],
    ['', ',', []],
  ])('of %j with %j', (text, delimiter, cells) => {
    expect(firstColumn(text, delimiter)).toEqual(cells);
  });

  it('of as much as is read takes no time that is felt', () => {
    const started = performance.now();
    const cells = firstColumn('"a""b";"\n"\r\n'.repeat(MOST_BYTES / 12), ';');

    expect(cells).toHaveLength(Math.floor(MOST_BYTES / 12));
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('a file', () => {
  it.each([['a;b;c,d', ';'], ['a,b', ','], ['a\tb', '\t'], ['"a;b;c",d', ','], ['alone', ';']])('%j is cut at %j', (text, delimiter) => {
    expect(delimiterOf(text)).toBe(delimiter);
  });

  it('is read in the encodings of office programs, and is refused when it is no text', () => {
    expect(decoded(new TextEncoder().encode('\ufeffMüller'))).toBe('Müller');
    expect(decoded(new Uint8Array([0x4d, 0xfc, 0x6c]))).toBe('Mül');
    expect(decoded(new Uint8Array([0xff, 0xfe, 0x4d, 0, 0xfc, 0]))).toBe('Mü');
    expect(decoded(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 8]))).toBe(null);
  });

  it('gives its lines, of a CSV file its first cells, and says why it cannot be read', async () => {
    expect(await columnOf(new File(['Smith, Jones\nMeier'], 'list.txt'))).toEqual({ cells: ['Smith, Jones', 'Meier'] });
    expect(await columnOf(new File(['Smith,1\nMeier,2'], 'LIST.CSV'))).toEqual({ cells: ['Smith', 'Meier'] });
    expect(await columnOf(new File(['x'.repeat(MOST_BYTES + 1)], 'list.txt'))).toEqual({ problem: 'large' });
    expect(await columnOf(new File(['PK\0\0'], 'list.csv'))).toEqual({ problem: 'noText' });
    const gone = Object.assign(new File(['a'], 'list.txt'), { arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')) });
    expect(await columnOf(gone)).toEqual({ problem: 'unreadable' });
  });
});

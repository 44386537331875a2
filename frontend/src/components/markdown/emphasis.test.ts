import { describe, expect, it } from 'vitest';

import { cutEmphasis, openEmphasis } from './emphasis';

describe('open emphasis', () => {
  it.each([
    ['so **ver', ['**']], ['an *old **and', ['*', '**']], ['done **here** and *there*', []], ['2 * 3 and 4*5', []],
    ['* one\n* two', []], ['code `a ** b` only', []], ['\\*not this', []], ['**before\n\nafter', []], ['gone ~~away', ['~~']],
    ['it ends with *', ['*']], ['', []],
  ])('of %j is %j', (text, marks) => {
    expect(openEmphasis(text)).toEqual(marks);
  });

  it('is closed where a text is cut, and opened again behind it', () => {
    expect(cutEmphasis('a **bold', ' word** here')).toEqual(['a **bold**', ' **word** here']);
    expect(cutEmphasis('a line. *', '(a remark)*')).toEqual(['a line. ', '*(a remark)*']);
    expect(cutEmphasis('plain', ' text')).toEqual(['plain', ' text']);
  });
});

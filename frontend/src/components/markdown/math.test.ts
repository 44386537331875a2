import { describe, expect, it } from 'vitest';

import { mathOf, openMathAt } from './math';

describe('formulas', () => {
  it.each([
    ['The area is \\(\\pi r^2\\).', 'The area is $$\\pi r^2$$.'],
    ['$$ a = b $$', '$$\na = b\n$$'],
    ['\\[\nx\n= y\n\\]', '$$\nx\n= y\n$$'],
    ['so \\[x\\] holds', 'so $$\\displaystyle x$$ holds'],
    ['with $n$ and $f(x)$ and $x_1 = 2$', 'with $$n$$ and $$f(x)$$ and $$x_1 = 2$$'],
  ])('%j becomes %j', (text, expected) => expect(mathOf(text)).toBe(expected));

  it.each([
    'It costs $5 and not $10.', 'Between $1,000 and $2,000 = a lot.', 'The variable `$x_1$` is code.', '```sh\necho $$ $$\n```',
    'PATH is $HOME/bin:$PATH',
  ])('%j has none', (text) => expect(mathOf(text)).toBeNull());
});

describe('a formula that is being written', () => {
  it('begins where its opener stands', () => {
    expect(openMathAt('so \\(a + b')).toBe(3);
    expect(openMathAt('so \\[a')).toBe(3);
    expect(openMathAt('one $$a$$ two $$b')).toBe(14);
  });

  it('is none in code, nor after its paragraph', () => {
    expect(openMathAt('`echo $$` and so on')).toBe(19);
    expect(openMathAt('a \\(b\n\nc')).toBe(8);
    expect(openMathAt('$$\na\n\nb')).toBe(0);
  });

  it('is none when everything is closed', () => {
    expect(openMathAt('\\(a\\) and $$b$$')).toBe(15);
  });
});

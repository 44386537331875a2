import { expect, it } from 'vitest';

import { countWords } from '@/lib/format';

import { WordCounter } from './wordCounter';

it('a growing text has as many words as the whole one', () => {
  const text = 'One two-three, four.\nFünf  sechs\n\n- it’s 7 ';
  const counter = new WordCounter();

  for (let length = 0; length <= text.length; length += 1) {
    expect(counter.read(text.slice(0, length))).toBe(countWords(text.slice(0, length)));
  }
  expect(counter.read('Another one')).toBe(2);
});

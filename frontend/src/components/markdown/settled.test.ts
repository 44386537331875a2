import { describe, expect, it } from 'vitest';

import { settled } from './settled';

describe('a growing text', () => {
  it.each([
    ['a line that may become a list', 'One:\n\n-', 'One:\n'],
    ['a line that may become a heading of the one above', 'One\n---', 'One'],
    ['a number that may begin a list', 'One\n\n12.', 'One\n'],
    ['a fence that is not whole', 'One\n\n``', 'One\n'],
    ['the head of a table', 'One\n\n| a | b |', 'One\n'],
    ['a table without its second line', 'One\n\n| a | b |\n|--', 'One\n'],
    ['a table without its second line, at the line break', '| a |\n', ''],
    ['a link whose words are not whole', 'See [the gui', 'See '],
    ['a link whose address is not whole', 'See [it](https://example.or', 'See '],
    ['a formula that is not whole', 'So \\(a +', 'So '],
    ['a formula on its own that is not whole', 'So\n\n$$\na', 'So\n\n'],
    ['a picture that is not whole', 'See ![it', 'See '],
  ])('holds back %s', (_, text, shown) => {
    expect(settled(text)).toBe(shown);
  });

  it.each([
    'A sentence', '- an item', '1. an item', '# Title', '| a | b |\n|---|---|\n', '| a |\n|---|\n| 1', 'a | b', '```py\nx = 1\n', '```sh\n-', '~~~\necho $$\n| a',
    'One\n\nTwo', '', 'In 12. the', '**bold', 'See [it](https://example.org)', 'See [1] and', 'a[0] = 1', '| a |\n|---|\n| 1 |\n\nDone',
  ])('shows %j', (text) => {
    expect(settled(text)).toBe(text);
  });

  it('holds back little, and nothing for long', () => {
    const text = 'Intro:\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx\n```\n\nEnd.';
    const held = Array.from({ length: text.length }, (_, length) => length - settled(text.slice(0, length)).length);

    expect(Math.max(...held)).toBeLessThanOrEqual('| a | b |\n|---|---|\n'.length);
  });
});

import { describe, expect, it } from 'vitest';

import { BlockReader, blocksOf } from './blocks';

const text = '# Title\n\nOne *two*\nthree.\n\n- a\n- b\n\n  still b\n\n```py\nx = 1\n\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n';

describe('blocks', () => {
  it('are the top-level elements', () => {
    expect(blocksOf(text).map((block) => block.trim().slice(0, 5))).toEqual(['# Tit', 'One *', '- a\n-', '```py', '| a |']);
  });

  it('that are finished stay the same while the text grows', () => {
    const whole = blocksOf(text);

    for (let length = 0; length < text.length; length += 1) {
      const finished = blocksOf(text.slice(0, length)).slice(0, -1).map((block) => block.trimEnd());
      expect(whole.map((block) => block.trimEnd()).slice(0, finished.length)).toEqual(finished);
    }
  });

  it('carry the definitions of links', () => {
    expect(blocksOf('See [it][1].\n\nMore.\n\n[1]: https://example.org')[0]).toContain('[1]: https://example.org');
  });

  it('read piece by piece are those of the whole text', () => {
    const long = `${text}\n> quote\nlazy\n\n1. one\n\n   more\n2. two\n\n$$\na\n- b\n\nc\n$$\n\n[1]: https://example.org\n\nEnd\n---\n`;
    const reader = new BlockReader();

    for (let length = 0; length <= long.length; length += 3) {
      expect(reader.read(long.slice(0, length))).toEqual(blocksOf(long.slice(0, length)));
    }
    expect(reader.read('Something else.')).toEqual(['Something else.']);
    expect(reader.read('One.\r\n\r\nTwo.\r\n\r\nThree.')).toHaveLength(3);
  });

  it('keep a formula of several lines together', () => {
    expect(blocksOf('So:\n\n\\[\na\n- b\n\nc\n\\]\n\nDone.').map((block) => block.trim())).toEqual(['So:', '\\[\na\n- b\n\nc\n\\]', 'Done.']);
  });
});

import { describe, expect, it } from 'vitest';

import { speechOf } from './sentences';

const textOf = (text: string, from = 0, isOver = false) =>
  speechOf(text, from, isOver).said.map((spoken) => (spoken.kind === 'text' ? spoken.text : `code ${spoken.lines}`));

describe('speech', () => {
  it('waits for the end of a sentence', () => {
    expect(textOf('The index must be sorted. A gap at')).toEqual(['The index must be sorted.']);
    expect(textOf('Version 3.5 is')).toEqual([]);
  });

  it('goes on where it stopped', () => {
    const first = speechOf('One. Two', 0, false);

    expect(textOf('One. Two. Three', first.next)).toEqual(['Two.']);
  });

  it('says the rest when the answer is over', () => {
    expect(textOf('One. And no full stop', 0, true)).toEqual(['One.', 'And no full stop']);
  });

  it('says how long code is, and only when it is whole', () => {
    const text = 'Try:\n```python\na = 1\nb = 2\n```\nDone. ';

    expect(textOf(text.slice(0, 25))).toEqual(['Try:']);
    expect(textOf(text)).toEqual(['Try:', 'code 2', 'Done.']);
  });

  it('leaves the marks of Markdown out', () => {
    expect(textOf('## A **bold** [link](https://x.example)\n- item `x`\n')).toEqual(['A bold link', 'item x']);
  });

  it.each(['A. B! C? D\n```\nx\n```\nE. F', '1. one\n2. two\n\nEnd.'])('says nothing twice however it arrives: %j', (text) => {
    let next = 0;
    const said: string[] = [];
    for (let length = 1; length <= text.length; length += 1) {
      const speech = speechOf(text.slice(0, length), next, length === text.length);
      said.push(...speech.said.map((spoken) => (spoken.kind === 'text' ? spoken.text : `code ${spoken.lines}`)));
      next = speech.next;
    }

    expect(said).toEqual(textOf(text, 0, true));
  });
});

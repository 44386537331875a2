import { fireEvent, render, screen } from '@testing-library/react';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { startI18n } from '@/lib/i18n';

import type { ThreadActions } from './Answer';
import { Question } from './Question';
import type { QuestionItem } from './thread';

const asked = (text: string) => {
  const item: QuestionItem = {
    kind: 'question', key: 'k', text, stored: null, sensitivity: null, attachments: [], siblings: { ids: [], index: 0 },
  } as unknown as QuestionItem;
  return render(
    <Question item={item} initials="EL" author={null} isReader={false} editing={null} onEditing={vi.fn()} actions={{} as ThreadActions} />,
  );
};
const report = Array.from({ length: 80 }, (_, line) => `Line ${line} of the report.`).join('\n');

describe('a question', () => {
  beforeAll(() => startI18n('en'));

  it('is shown whole when it is short', () => {
    asked('How do tides work?');

    expect(screen.queryByRole('button', { name: 'Show the whole question' })).toBeNull();
  });

  it.each([['of many lines', report], ['of one long line', 'word '.repeat(900)]])('%s is folded, and opens', (_, text) => {
    const { container } = asked(text);
    const shown = () => container.querySelector('p')?.textContent ?? '';

    expect(shown().length).toBeLessThan(1_700);
    fireEvent.click(screen.getByRole('button', { name: 'Show the whole question' }));
    expect(shown()).toBe(text);
    fireEvent.click(screen.getByRole('button', { name: 'Show less' }));
    expect(shown()).toMatch(/…$/);
  });
});

import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { useState } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { chooseSingleKeys } from '@/lib/shortcuts';
import { de } from '@/locales/german/palette';
import { en } from '@/locales/palette';
import { aConversation, givenBrowser, givenServer, showPage } from '@/testing/page';

import { fits, type Command } from './commands';
import { KEYS } from './keys';
import { PaletteHost } from './PaletteHost';

const ran = vi.fn<(id: string) => void>();
const COMMANDS: Command[] = [
  { id: 'new', icon: 'plus', group: 'commands', label: 'New conversation', keys: ['Ctrl', 'Shift', 'O'], run: () => ran('new') },
  { id: 'usage', icon: 'chat', group: 'go', label: 'My usage', letter: 'U', run: () => ran('usage') },
];
const onOpen = vi.fn();

const Host = () => {
  const [shown, setShown] = useState<'palette' | 'keys' | null>(null);
  return (
    <>
      <button type="button">Before</button>
      <textarea aria-label="question" />
      <PaletteHost commands={COMMANDS} onOpen={onOpen} shown={shown} onShown={setShown} />
    </>
  );
};
const show = async () => {
  givenServer({
    'GET /api/v1/conversations/': () => ({ next: null, previous: null, results: [aConversation('a', { title: 'Tube furnaces' })] }),
    'GET /api/v1/conversations/search/': ({ query }) => ({
      next: null,
      results: query.q === 'oven' ? [{ conversation: aConversation('b'), matches: [{ message: 'm-1', snippet: 'oven', marks: [[0, 4]] }] }] : [],
    }),
  });
  const page = await showPage(<Host />);
  screen.getByRole('button', { name: 'Before' }).focus();
  return page;
};
const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
const field = () => screen.findByRole('combobox', { name: 'Search conversations and commands' });

beforeEach(() => {
  givenBrowser();
  chooseSingleKeys(true);
  ran.mockClear();
  onOpen.mockClear();
});

describe('the palette', () => {
  it('opens with Ctrl K from a field, begins with what is recent, and has no faults of accessibility', async () => {
    await show();
    act(() => screen.getByRole('textbox', { name: 'question' }).focus());
    press('k', { ctrlKey: true });
    const input = await field();
    await waitFor(() => expect(document.activeElement).toBe(input));
    expect((await screen.findAllByRole('option')).map((option) => option.textContent)).toEqual([
      'Tube furnaces', 'New conversationCtrlShiftO', 'My usageGU',
    ]);
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });

  it('finds commands by beginnings of their words, and runs one with Enter after the focus went back', async () => {
    await show();
    press('k', { ctrlKey: true });
    fireEvent.change(await field(), { target: { value: 'usa' } });
    expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['My usageGU']);
    press('Enter');
    expect(ran).toHaveBeenCalledExactlyOnceWith('usage');
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Before'));
  });

  it('finds conversations by what was said in them, and opens them there', async () => {
    await show();
    press('k', { ctrlKey: true });
    fireEvent.change(await field(), { target: { value: 'oven' } });
    fireEvent.click(await screen.findByRole('option', { name: /Title b/ }));
    expect(onOpen).toHaveBeenCalledExactlyOnceWith('b', 'm-1');
  });

  it('searches titles without a connection, and says so', async () => {
    const { connect } = await show();
    await connect({ state: 'waiting', attempt: 1, since: 0, retryAt: 0 });
    press('k', { ctrlKey: true });
    fireEvent.change(await field(), { target: { value: 'furn' } });
    expect((await screen.findAllByRole('option')).map((option) => option.textContent)).toEqual(['Tube furnaces']);
    expect(screen.getByText('Without a connection only titles are searched.')).toBeTruthy();
  });
});

describe('keys without a modifier', () => {
  it('go to areas after G, but not in fields', async () => {
    await show();
    press('g');
    press('u');
    expect(ran).toHaveBeenCalledExactlyOnceWith('usage');
    act(() => screen.getByRole('textbox', { name: 'question' }).focus());
    press('g');
    press('u');
    press('?');
    expect(ran).toHaveBeenCalledOnce();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('are listed by ?, and are switched off there', async () => {
    await show();
    press('?', { shiftKey: true });
    const sheet = await screen.findByRole('dialog', { name: 'Keys' });
    const listed = [...sheet.querySelectorAll('dt')].map((line) => line.textContent);
    expect(listed).toHaveLength(KEYS.flatMap(({ lines }) => lines).length + 1);
    fireEvent.click(screen.getByRole('switch', { name: /Keys without Ctrl or Alt/ }));
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    press('?', { shiftKey: true });
    press('g');
    press('u');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(ran).not.toHaveBeenCalled();
    expect(localStorage.getItem('openroute.singleKeys')).toBe('off');
  });
});

describe('a typed word', () => {
  it.each([['lan deut', true], ['sprache', false], ['UBER', true], ['age', false]])('%s', (typed, isFitting) => {
    expect(fits('Language: Deutsch über alles', typed)).toBe(isFitting);
  });
});

describe('the words', () => {
  it('exist in German for every key', () => {
    expect(Object.keys(de.keySheet.names)).toEqual(Object.keys(en.keySheet.names));
    expect(de.keySheet.names.Ctrl).toBe('Strg');
  });
});

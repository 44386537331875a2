import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, describe, expect, it } from 'vitest';

import { aConversation, givenBrowser, givenServer, refusal, showPage, shownToasts } from '@/testing/page';

import { ConversationList } from './ConversationList';

const LIST = 'GET /api/v1/conversations/';
const ONE = '/api/v1/conversations/{conversation}/';
const page = (...results: unknown[]) => ({ next: null, previous: null, results });
const rows = [aConversation('a', { active_at: '2026-11-20T12:00:00Z' }), aConversation('b'), aConversation('c', { active_at: '2026-11-19T10:00:00Z' })];

const show = async (answers: Parameters<typeof givenServer>[0] = {}) => {
  const asked = givenServer({
    [LIST]: ({ query }) => (query.pinned || query.archived ? page() : page(...rows)),
    'GET /api/v1/conversations/shared/': () => page(),
    ...answers,
  });
  const shown = await showPage(<ConversationList current={null} company="Acme" onLeave={() => undefined} />);
  return { ...shown, asked };
};
const link = (title: string) => screen.getByRole('link', { name: new RegExp(`^${title}`) });
const titles = () => screen.queryAllByRole('listitem').map((item) => item.querySelector('a')?.textContent.slice(0, 7));
const openMenu = async (title: string) => fireEvent.click(await screen.findByRole('button', { name: `More: ${title}` }));
const choose = (name: string) => fireEvent.click(screen.getByRole('menuitem', { name }));

beforeEach(() => givenBrowser());

describe('the list of conversations', () => {
  it('has no faults of accessibility, with its menu open too', async () => {
    const { container } = await show();
    await openMenu('Title b');
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(container.querySelectorAll('li')).toHaveLength(3);
  });

  it('renames in place: Enter saves, Escape does not', async () => {
    const { asked } = await show({
      [`PATCH ${ONE}`]: ({ path, body }) => aConversation(path.conversation ?? '', { ...(body as object), version: 2 }),
    });
    await openMenu('Title b');
    choose('Rename');
    fireEvent.change(screen.getByLabelText('New title'), { target: { value: 'Never' } });
    fireEvent.keyDown(screen.getByLabelText('New title'), { key: 'Escape' });
    expect(await screen.findByRole('link', { name: /^Title b/ })).toBeTruthy();
    expect(asked.filter((line) => line.startsWith('PATCH'))).toEqual([]);

    fireEvent.keyDown(link('Title b'), { key: 'F2' });
    fireEvent.change(screen.getByLabelText('New title'), { target: { value: '  Furnaces ' } });
    fireEvent.keyDown(screen.getByLabelText('New title'), { key: 'Enter' });
    expect(await screen.findByRole('link', { name: /^Furnaces/ })).toBeTruthy();
    await waitFor(() => expect(document.activeElement?.textContent).toContain('Furnaces'));
    expect(asked.filter((line) => line.startsWith('PATCH'))).toHaveLength(1);
  });

  it('takes a refused change back, with the reason', async () => {
    let refuse: (value?: unknown) => void = () => undefined;
    const later = new Promise((resolve) => (refuse = resolve));
    await show({ [`PATCH ${ONE}`]: () => later.then(() => Promise.reject(refusal('This conversation is under a hold.'))) });
    await openMenu('Title b');
    choose('Archive');
    await waitFor(() => expect(titles()).toEqual(['Title a', 'Title c']));
    refuse();
    await waitFor(() => expect(shownToasts()).toEqual(['The change was not saved. This conversation is under a hold.']));
    await waitFor(() => expect(titles()).toEqual(['Title a', 'Title b', 'Title c']));
  });

  it('deletes at once, moves the focus on, and brings it back in its place by Undo', async () => {
    const { asked } = await show({
      [`DELETE ${ONE}`]: () => null,
      [`POST ${ONE}restore/`]: () => aConversation('b'),
    });
    await openMenu('Title b');
    choose('Delete');
    await waitFor(() => expect(titles()).toEqual(['Title a', 'Title c']));
    await waitFor(() => expect(document.activeElement?.textContent).toContain('Title c'));
    fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(titles()).toEqual(['Title a', 'Title b', 'Title c']));
    expect(asked.slice(-2)).toEqual([`DELETE ${ONE}`, `POST ${ONE}restore/`]);
  });

  it('opens the menu of a row by the context key, and offers a reader nothing that changes it', async () => {
    const shared = { ...aConversation('s', { is_own: false, owner_name: 'Ben' }), owner: { id: 2, name: 'Ben' }, via: 'user' };
    await show({ 'GET /api/v1/conversations/shared/': () => page(shared) });
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'Shared with me' }));
      await Promise.resolve();
    });
    fireEvent.contextMenu(await screen.findByRole('link', { name: /from Ben/ }));
    expect(screen.getAllByRole('menuitem').map((item) => item.textContent)).toEqual(['Copy link', 'Export as Markdown', 'Export as JSON']);
  });

  it('pins, and shows what is pinned on top', async () => {
    await show({ [`PATCH ${ONE}`]: ({ body }) => aConversation('c', { ...(body as object), active_at: '2026-11-19T10:00:00Z' }) });
    await openMenu('Title c');
    choose('Pin');
    await waitFor(() => expect(titles()).toEqual(['Title c', 'Title a', 'Title b']));
    expect(screen.getAllByRole('heading').map((heading) => heading.textContent)[0]).toBe('Pinned');
  });

  it.each([['Archive', 'The archive is empty.'], ['Shared with me', 'Nobody shares a conversation with you.']])(
    'teaches where nothing is: %s',
    async (view, sentence) => {
      await show();
      fireEvent.click(screen.getByRole('button', { name: view }));
      expect(await screen.findByText(sentence)).toBeTruthy();
    },
  );
});

describe('the search', () => {
  const found = {
    conversation: aConversation('b'),
    matches: [
      { message: 'm-1', snippet: '😀 the tube furnace', marks: [[6, 10]] },
      { message: 'm-2', snippet: 'a second tube', marks: [[9, 13]] },
    ],
  };
  const type = (text: string) => fireEvent.change(screen.getByRole('textbox', { name: 'Search conversations' }), { target: { value: text } });

  it('shows places with marks in code points, which lead to their messages', async () => {
    const { asked } = await show({ 'GET /api/v1/conversations/search/': ({ query }) => ({ next: null, results: query.q === 'tube' ? [found] : [] }) });
    type('t');
    type('tube');
    const place = await screen.findByRole('link', { name: '😀 the tube furnace' });
    expect(within(place).getByText('tube').tagName).toBe('MARK');
    expect(place.getAttribute('href')).toBe('/c/b?at=m-1');
    expect(screen.getByRole('status').textContent).toBe('1 conversation found');
    expect(asked.filter((line) => line.includes('search'))).toHaveLength(1);
  });

  it('opens the first result with Enter, even before it is there', async () => {
    const { address } = await show({ 'GET /api/v1/conversations/search/': () => ({ next: null, results: [found] }) });
    type('tube');
    fireEvent.keyDown(screen.getByRole('textbox', { name: 'Search conversations' }), { key: 'Enter' });
    await waitFor(() => expect(address()).toBe('/c/b?at=m-1'));
  });

  it('says what to do when nothing is found, and Escape brings the list back', async () => {
    await show({ 'GET /api/v1/conversations/search/': () => ({ next: null, results: [] }) });
    type('nothing');
    expect(await screen.findByText(/Whole words and beginnings/)).toBeTruthy();
    fireEvent.keyDown(screen.getByRole('textbox', { name: 'Search conversations' }), { key: 'Escape' });
    expect(await screen.findByRole('link', { name: /^Title a/ })).toBeTruthy();
  });

  it('is reached by the key /', async () => {
    await show();
    fireEvent.keyDown(document.body, { key: '/' });
    expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Search conversations' }));
  });
});

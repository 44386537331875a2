import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';

import { aConversation } from '@/testing/page';

import { forgetConversation, knownConversation, OpenedConversations, placeConversation, withNewest, withRow } from './conversations';
import { archiveQuery, conversationQuery, conversationsQuery, messagesQuery, pinnedQuery } from './queries';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString();
const row = (id: string, minute: number, more = {}) => aConversation(id, { active_at: at(minute), ...more });
const pages = (...all: (readonly [string, number])[][]) => ({
  pages: all.map((rows, index) => ({
    results: rows.map(([id, minute]) => row(id, minute)), next: index < all.length - 1 ? 'https://x/?cursor=1' : null, previous: null,
  })),
  pageParams: all.map(() => null),
});
const idsOf = (held: { pages: readonly { results: readonly { id: string }[] }[] }) => held.pages.map(({ results }) => results.map(({ id }) => id).join(''));

const idsIn = (held: Parameters<typeof idsOf>[0] | undefined) => (held ? idsOf(held) : null);

const given = (held: ReturnType<typeof pages>) => {
  const client = new QueryClient();
  client.setQueryData(conversationsQuery.queryKey, held);
  client.setQueryData(archiveQuery.queryKey, pages([]));
  client.setQueryData(pinnedQuery.queryKey, []);
  const list = () => idsIn(client.getQueryData(conversationsQuery.queryKey));
  const archive = () => idsIn(client.getQueryData(archiveQuery.queryKey));
  return { client, list, archive };
};

describe('the loaded pages', () => {
  const HELD = pages([['a', 50], ['b', 40]], [['c', 30], ['d', 20]]);

  it('take a row in its place by time, wherever it stood', () => {
    expect(idsOf(withRow(HELD, row('d', 55)))).toEqual(['dab', 'c']);
    expect(idsOf(withRow(HELD, row('x', 35)))).toEqual(['ab', 'xcd']);
    expect(idsOf(withRow(HELD, row('x', 5)))).toEqual(['ab', 'cdx']);
  });

  it('leave out a row that is older than all that is loaded, when there is more to load', () => {
    const [first] = HELD.pages;
    const only = { pages: first ? [first] : [], pageParams: [null] };
    expect(idsOf(withRow(only, row('x', 5)))).toEqual(['ab']);
  });

  it('take over what the server has newest, and let go what it no longer has there', () => {
    // `n` is new, `d` was used again, `a` and `b` have slipped past the end of the page.
    expect(idsOf(withNewest(HELD, [row('n', 70), row('d', 60)]))).toEqual(['ndab', 'c']);
    // `a` would stand above `b`, had it not been deleted elsewhere.
    expect(idsOf(withNewest(pages([['a', 50], ['b', 40]], [['c', 30]]), [row('n', 70), row('b', 40)]))).toEqual(['nb', 'c']);
  });
});

describe('a conversation', () => {
  it('moves between list, pinned and archive by what it says of itself', () => {
    const { client, list, archive } = given(pages([['a', 50], ['b', 40]]));
    placeConversation(client, row('b', 40, { pinned: true }));
    expect(client.getQueryData(pinnedQuery.queryKey)?.map(({ id }) => id)).toEqual(['b']);
    placeConversation(client, row('b', 40, { archived: true }));
    expect(list()).toEqual(['a']);
    expect(client.getQueryData(pinnedQuery.queryKey)).toEqual([]);
    expect(archive()).toEqual(['b']);
    placeConversation(client, row('b', 40));
    expect(list()).toEqual(['ab']);
    expect(archive()).toEqual(['']);
  });

  it('leaves neither row nor text when it is gone', () => {
    const { client, list } = given(pages([['a', 50]]));
    client.setQueryData(messagesQuery('a').queryKey, []);
    client.setQueryData(conversationQuery('a').queryKey, row('a', 50));
    forgetConversation(client, 'a');
    expect(list()).toEqual(['']);
    expect(client.getQueryData(messagesQuery('a').queryKey)).toBeUndefined();
    expect(knownConversation(client, 'a')).toBeUndefined();
  });
});

describe('opened conversations', () => {
  it('stay readable in memory, the last twenty of them', () => {
    const client = new QueryClient();
    const opened = new OpenedConversations(client);
    for (let number = 0; number < 25; number += 1) {
      client.setQueryData(messagesQuery(String(number)).queryKey, []);
      opened.note(String(number));
    }
    opened.note('6');
    const kept = client.getQueryCache().findAll({ queryKey: ['messages'] }).map(({ queryKey }) => queryKey[1]);
    expect(kept).toHaveLength(20);
    expect(kept).toContain('6');
    expect(kept).not.toContain('4');
    expect(client.getQueryCache().find({ queryKey: ['messages', '24'] })?.gcTime).toBe(Infinity);
  });
});

import { waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';

import { conversationQuery, conversationsQuery } from '@/api/queries';
import type { ConversationFrame } from '@/lib/frames';
import { aConversation, givenBrowser, givenServer, showPage, shownToasts } from '@/testing/page';

import { deletedHere } from './useConversationFrames';
import { useOpenConversation } from './useOpenConversation';

const Open = ({ current }: { current: string | null }) => {
  useOpenConversation(current);
  return null;
};
const frame = (id: string, more: Partial<ConversationFrame> = {}): ConversationFrame => ({
  type: 'conversation', conversation: id, title: `Title ${id}`, sensitivity: 'clean', pinned: false, archived: false,
  deleted: false, version: 1, ...more,
});
const show = async (fresh = aConversation('a')) => {
  const asked = givenServer({ 'GET /api/v1/conversations/{conversation}/': () => fresh });
  const page = await showPage(<Open current="a" />, '/c/a');
  page.client.setQueryData(conversationsQuery.queryKey, {
    pages: [{ next: null, previous: null, results: [aConversation('z', { active_at: '2026-11-21T10:00:00Z' }), aConversation('a')] }], pageParams: [null],
  });
  const list = () => page.client.getQueryData(conversationsQuery.queryKey)?.pages.flatMap(({ results }) => results.map(({ title }) => title));
  return { ...page, asked, list };
};

beforeEach(() => givenBrowser());

describe('the open conversation', () => {
  it('is left with a sentence when it is deleted elsewhere', async () => {
    const { hear, address, list } = await show();
    await hear(frame('a', { deleted: true }));
    await waitFor(() => expect(address()).toBe('/'));
    expect(shownToasts()).toEqual(['The open conversation was deleted in another window or on another device.']);
    expect(list()).toEqual(['Title z']);
  });

  it('is left with another sentence when it is no longer shared', async () => {
    const { client, hear, address } = await show();
    client.setQueryData(conversationQuery('a').queryKey, aConversation('a', { is_own: false }));
    await hear(frame('a', { deleted: true }));
    await waitFor(() => expect(address()).toBe('/'));
    expect(shownToasts()).toEqual(['The open conversation is no longer shared with you.']);
  });

  it('stays without a sentence when another one is deleted, or when this tab did it', async () => {
    const { hear, address } = await show();
    await hear(frame('z', { deleted: true }));
    deletedHere.add('a');
    await hear(frame('a', { deleted: true }));
    expect(address()).toBe('/c/a');
    expect(shownToasts()).toEqual([]);
  });
});

describe('the list', () => {
  it('takes a new title over at once, and the rest of a newer version from the server', async () => {
    const { hear, list, asked } = await show(aConversation('a', { title: 'Renamed', active_at: '2026-11-22T10:00:00Z', version: 2 }));
    await hear(frame('a', { title: 'Renamed' }));
    expect(list()).toEqual(['Title z', 'Renamed']);
    expect(asked).toEqual([]);
    await hear(frame('a', { title: 'Renamed', version: 2 }));
    await waitFor(() => expect(list()).toEqual(['Renamed', 'Title z']));
    expect(asked).toHaveLength(1);
  });

  it('shows a conversation that was begun elsewhere', async () => {
    const { hear, list } = await show(aConversation('n', { active_at: '2026-11-23T10:00:00Z' }));
    await hear(frame('n'));
    await waitFor(() => expect(list()).toEqual(['Title n', 'Title z', 'Title a']));
  });
});

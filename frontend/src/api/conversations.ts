import type { QueryClient } from '@tanstack/react-query';

import { api, body, type Conversation } from '@/api/client';
import {
  archiveQuery, conversationQuery, conversationsQuery, CONVERSATIONS_A_PAGE, messagesQuery, pinnedQuery,
} from '@/api/queries';

/*
 * The list as this page holds it: pages of rows, newest first. Whatever happens to one row changes that row; loaded pages
 * are never all fetched again, because ten thousand conversations are a hundred of them.
 */

/** Opened conversations that stay readable without a connection. They are held in memory and nowhere else. */
const KEPT_OPEN = 20;

interface Pages {
  pages: { results: Conversation[]; next?: string | null; previous?: string | null }[];
  pageParams: unknown[];
}

const isBefore = (a: Conversation, b: Conversation): boolean =>
  a.active_at === b.active_at ? a.id > b.id : Date.parse(a.active_at) > Date.parse(b.active_at);

/** The pages with a row in its place by time, and nowhere else. A row that is older than all that is loaded is left out. */
export const withRow = <Held extends Pages>(held: Held, row: Conversation): Held => {
  const without = held.pages.map((page) => ({ ...page, results: page.results.filter(({ id }) => id !== row.id) }));
  const at = without.findIndex(({ results, next }) => {
    const last = results.at(-1);
    return (last !== undefined && isBefore(row, last)) || !next;
  });
  const page = without[at];
  if (page) {
    const before = page.results.findIndex((other) => isBefore(row, other));
    const results = before === -1 ? [...page.results, row] : page.results.toSpliced(before, 0, row);
    without[at] = { ...page, results };
  }
  return { ...held, pages: without };
};

/**
 * The pages with their newest rows as the server has them now. What it no longer has among them is gone; what it has
 * further down has only slipped past the end of its page.
 */
export const withNewest = <Held extends Pages>(held: Held, fresh: readonly Conversation[]): Held => {
  const ids = new Set(fresh.map(({ id }) => id));
  const last = fresh.at(-1);
  const [first, ...others] = held.pages.map((page) => ({
    ...page,
    results: page.results.filter((row) => !ids.has(row.id) && last !== undefined && isBefore(last, row)),
  }));
  if (!first) return held;
  return { ...held, pages: [{ ...first, results: [...fresh, ...first.results] }, ...others] };
};

/** Fetch the newest rows again and put them into what is loaded. */
export const refreshConversations = async (client: QueryClient): Promise<void> => {
  void client.invalidateQueries({ queryKey: pinnedQuery.queryKey });
  const held = client.getQueryData(conversationsQuery.queryKey);
  if (!held || held.pages.length < 2) {
    await client.invalidateQueries({ queryKey: conversationsQuery.queryKey });
    return;
  }
  const { results } = await body(api.GET('/api/v1/conversations/', { params: { query: { page_size: CONVERSATIONS_A_PAGE } } }));
  client.setQueryData(conversationsQuery.queryKey, (known) => known && withNewest(known, results));
};

/** Show a row where it belongs by what it says of itself: in the list, among the pinned, or in the archive. */
export const placeConversation = (client: QueryClient, row: Conversation): void => {
  dropFromLists(client, row.id);
  client.setQueryData(conversationQuery(row.id).queryKey, row);
  const { queryKey } = row.archived ? archiveQuery : conversationsQuery;
  client.setQueryData(queryKey, (known) => known && withRow(known, row));
  if (row.pinned && !row.archived) client.setQueryData(pinnedQuery.queryKey, (known) => [row, ...(known ?? [])]);
};

/** Take a row out of every list. What was read of it stays in memory until `forgetConversation`. */
export const dropFromLists = (client: QueryClient, id: string): void => {
  for (const { queryKey } of [conversationsQuery, archiveQuery]) {
    client.setQueryData(queryKey, (known) => known && {
      ...known,
      pages: known.pages.map((page) => ({ ...page, results: page.results.filter((row) => row.id !== id) })),
    });
  }
  client.setQueryData(pinnedQuery.queryKey, (known) => known?.filter((row) => row.id !== id));
};

/** A conversation that is gone: neither its row nor its text stays in this page. */
export const forgetConversation = (client: QueryClient, id: string): void => {
  dropFromLists(client, id);
  client.removeQueries({ queryKey: messagesQuery(id).queryKey });
  client.removeQueries({ queryKey: conversationQuery(id).queryKey });
};

/** The row as any list of this page knows it. */
export const knownConversation = (client: QueryClient, id: string): Conversation | undefined =>
  client.getQueryData(conversationQuery(id).queryKey) ??
  client.getQueryData(pinnedQuery.queryKey)?.find((row) => row.id === id) ??
  [conversationsQuery, archiveQuery]
    .flatMap(({ queryKey }) => client.getQueryData(queryKey)?.pages ?? [])
    .flatMap(({ results }) => results)
    .find((row) => row.id === id);

/** Hold the last conversations that were opened, so that they can be read without a connection; older ones are let go. */
export class OpenedConversations {
  #ids: readonly string[] = [];
  readonly #client: QueryClient;

  constructor(client: QueryClient) {
    this.#client = client;
    for (const queryKey of [['messages'], ['conversation']]) client.setQueryDefaults(queryKey, { gcTime: Infinity });
  }

  note(id: string): void {
    const ids = [id, ...this.#ids.filter((other) => other !== id)];
    for (const old of ids.slice(KEPT_OPEN)) {
      this.#client.removeQueries({ queryKey: messagesQuery(old).queryKey, type: 'inactive' });
      this.#client.removeQueries({ queryKey: conversationQuery(old).queryKey, type: 'inactive' });
    }
    this.#ids = ids.slice(0, KEPT_OPEN);
  }
}

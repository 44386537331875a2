import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';

import { api, body, type Conversation, type Message } from '@/api/client';

const MESSAGES_A_PAGE = 1000;
export const CONVERSATIONS_A_PAGE = 100;
const MINUTE_MS = 60_000;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => body(api.GET('/api/v1/me/')),
  staleTime: Infinity,
});

/** The models that a team may use; null: all of one's teams. */
export const modelsQuery = (team: number | null) =>
  queryOptions({
    queryKey: ['models', team],
    queryFn: () => body(api.GET('/api/v1/models/', { params: { query: team === null ? {} : { team } } })),
    staleTime: MINUTE_MS,
  });

/** One's own list. What happens to it is told by the socket; after a loss `refreshConversations` catches up. */
export const conversationsQuery = infiniteQueryOptions({
  queryKey: ['conversations'],
  staleTime: Infinity,
  queryFn: ({ pageParam }) => {
    const query = { page_size: CONVERSATIONS_A_PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) };
    return body(api.GET('/api/v1/conversations/', { params: { query } }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => cursorOf(page.next),
});

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ['conversation', id],
    queryFn: () =>
      body(api.GET('/api/v1/conversations/{conversation}/', { params: { path: { conversation: id } } })),
  });

/** Every message of a conversation, all branches, oldest first. The socket keeps it fresh. */
export const messagesQuery = (id: string) =>
  queryOptions({
    queryKey: ['messages', id],
    queryFn: () => allMessages(id),
    staleTime: Infinity,
  });

/** The decision record. It changes until the turn has ended; then it never does. */
export const turnQuery = (turn: string) =>
  queryOptions({
    queryKey: ['turn', turn],
    queryFn: () => body(api.GET('/api/v1/turns/{turn}/', { params: { path: { turn } } })),
    staleTime: ({ state }) => (state.data?.closed_at ? Infinity : 0),
  });

const allMessages = async (conversation: string): Promise<readonly Message[]> => {
  const found: Message[] = [];
  let cursor: string | undefined;
  do {
    const query = { page_size: MESSAGES_A_PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await body(
      api.GET('/api/v1/conversations/{conversation}/messages/', { params: { path: { conversation }, query } }),
    );
    found.push(...page.results);
    cursor = cursorOf(page.next) ?? undefined;
  } while (cursor !== undefined);
  return found;
};

/** A question and its answer as they are stored, put in the place of what this page made up of them. */
export const refreshAnswer = async (client: QueryClient, conversation: string, answer: string): Promise<void> => {
  const page = await body(
    api.GET('/api/v1/conversations/{conversation}/messages/', {
      params: { path: { conversation }, query: { leaf: answer, page_size: 2 } },
    }),
  );
  upsertMessages(client, conversation, page.results);
};

export const upsertMessages = (client: QueryClient, conversation: string, fresh: readonly Message[]): void => {
  client.setQueryData(messagesQuery(conversation).queryKey, (known) => merged(known ?? [], fresh));
};

/** Messages by id, in the order of time that their ids have. */
export const merged = (known: readonly Message[], fresh: readonly Message[]): readonly Message[] => {
  const byId = new Map([...known, ...fresh].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
};

export const patchConversation = (
  client: QueryClient,
  id: string,
  change: (known: Conversation) => Conversation | null,
): void => {
  client.setQueryData(conversationQuery(id).queryKey, (known) => (known && change(known)) ?? undefined);
  client.setQueryData(conversationsQuery.queryKey, (known) => {
    if (!known) return known;
    const apply = (row: Conversation) => (row.id === id ? change(row) : row);
    const pages = known.pages.map((page) => ({
      ...page,
      results: page.results.map(apply).filter((row) => row !== null),
    }));
    return { ...known, pages };
  });
};

const cursorOf = (address: string | null | undefined): string | null =>
  address ? new URL(address).searchParams.get('cursor') : null;

/** The pinned ones, however long ago they were used. */
export const pinnedQuery = queryOptions({
  queryKey: ['conversations-pinned'],
  staleTime: Infinity,
  queryFn: async () => {
    const query = { pinned: true, page_size: 200 };
    return (await body(api.GET('/api/v1/conversations/', { params: { query } }))).results;
  },
});

export const archiveQuery = infiniteQueryOptions({
  queryKey: ['conversations-archived'],
  queryFn: ({ pageParam }) => {
    const query = { archived: true, ...(pageParam === null ? {} : { cursor: pageParam }) };
    return body(api.GET('/api/v1/conversations/', { params: { query } }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => cursorOf(page.next),
});

import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Share = Schemas['Share'];
export type SharedConversation = Schemas['SharedConversation'];

const cursorOf = (address: string | null | undefined): string | null =>
  address ? new URL(address).searchParams.get('cursor') : null;

/** What others share with me. */
export const sharedWithMeQuery = infiniteQueryOptions({
  queryKey: ['conversations-shared'],
  queryFn: ({ pageParam }) =>
    body(api.GET('/api/v1/conversations/shared/', { params: { query: pageParam === null ? {} : { cursor: pageParam } } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => cursorOf(page.next),
});

/** Who may read one of my conversations. */
export const sharesQuery = (conversation: string) =>
  queryOptions({
    queryKey: ['shares', conversation],
    queryFn: async () => {
      const path = { conversation };
      return (await body(api.GET('/api/v1/conversations/{conversation}/shares/', { params: { path } }))).results;
    },
  });

/** Whom it can be shared with: people of my teams by two letters of their names, and these teams. */
export const readersQuery = (conversation: string, q: string) =>
  queryOptions({
    queryKey: ['readers', conversation, q],
    queryFn: () =>
      body(api.GET('/api/v1/conversations/{conversation}/readers/', { params: { path: { conversation }, query: { q } } })),
    staleTime: 30_000,
  });

import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

export type Found = components['schemas']['SearchResult'];

const LONGEST_QUERY = 200;

/** What can be asked of the search: its length is limited in code points. */
export const asQuery = (text: string): string => [...text.trim()].slice(0, LONGEST_QUERY).join('');

/** Conversations in whose titles or messages the words stand, most recently active first. */
export const searchQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ['search', q],
    queryFn: ({ pageParam, signal }) =>
      body(api.GET('/api/v1/conversations/search/', {
        params: { query: { q, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.next ? new URL(page.next).searchParams.get('cursor') : null),
    // Found text is not kept: it is on the page as long as it is asked for.
    gcTime: 0,
    staleTime: 5_000,
    placeholderData: keepPreviousData,
  });

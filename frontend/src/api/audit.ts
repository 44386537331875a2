import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Entry = Schemas['EventOutput'];
export type Chain = Schemas['ChainOutput'];
export type Verification = Schemas['VerificationOutput'];

/** What to look for; `since` and `until` are ISO times. A kind that ends in a dot means all kinds of that noun. */
export interface TrailFilters {
  kind?: string;
  actor?: string;
  subject?: string;
  since?: string;
  until?: string;
}

const ENTRIES_A_PAGE = 100;

/** The trail, newest first. Each page that is read is itself on record. */
export const trailQuery = (filters: TrailFilters) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'trail', filters],
    queryFn: ({ pageParam }) => {
      const query = { ...filters, page_size: ENTRIES_A_PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return body(api.GET('/api/v1/audit/', { params: { query } }));
    },
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.cursor,
    staleTime: 30_000,
  });

/** The published list of kinds, with the server's own words for each. */
export const kindsQuery = queryOptions({
  queryKey: ['audit', 'kinds'],
  queryFn: () => body(api.GET('/api/v1/audit/kinds/')),
  staleTime: Infinity,
});

export const chainQuery = queryOptions({
  queryKey: ['audit', 'chain'],
  queryFn: () => body(api.GET('/api/v1/audit/status/')),
});

export const verifyChain = (): Promise<Verification> => body(api.POST('/api/v1/audit/verify/'));

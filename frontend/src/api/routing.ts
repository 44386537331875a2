import { queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Strategy = Schemas['Strategy'];
export type Preview = Schemas['Preview'];
export type PreviewTotal = Schemas['PreviewTotal'];
export type PreviewOrder = Required<Schemas['PreviewOrderRequest']>;

/** What a policy may name, the default first. */
export const strategiesQuery = queryOptions({
  queryKey: ['routing', 'strategies'],
  queryFn: () => body(api.GET('/api/v1/routing/strategies/')),
  staleTime: 600_000,
});

/** The questions of the last 30 days, asked again. While it is on its way, the last figures of the same people stay. */
export const previewQuery = ({ team, strategy, dial }: PreviewOrder) =>
  queryOptions({
    queryKey: ['routing', 'preview', team, strategy, dial],
    queryFn: ({ signal }) => body(api.POST('/api/v1/routing/preview/', { body: { team, strategy, dial }, signal })),
    placeholderData: (previous: Preview | undefined, query) => (query?.queryKey[2] === team ? previous : undefined),
    staleTime: 60_000,
  });

import { queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Coverage = Schemas['Coverage'];
export type Trial = Schemas['Trial'];
export type TrialOrder = Schemas['TrialOrderRequest'];
export type TrialFinding = Trial['findings'][number];

export const coverageQuery = queryOptions({
  queryKey: ['privacy', 'coverage'],
  queryFn: () => body(api.GET('/api/v1/privacy/coverage/')),
  staleTime: 600_000,
});

/** What would become of a text under the policy in force. Nothing of it is kept. */
export const tryOut = (order: TrialOrder): Promise<Trial> => body(api.POST('/api/v1/privacy/try/', { body: order }));

import { queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Policy = Schemas['PolicyRead'];
export type Proposal = Schemas['ProposalRead'];
export type Preset = Schemas['PresetRead'];
/** The document in the form of the configuration file's `policy:` section. */
export type PolicyDocument = Policy['document'];

const POLICY = ['policy'] as const;

export const policyQuery = queryOptions({
  queryKey: [...POLICY, 'current'],
  queryFn: () => body(api.GET('/api/v1/policy/')),
});

export const presetsQuery = queryOptions({
  queryKey: [...POLICY, 'presets'],
  queryFn: () => body(api.GET('/api/v1/policy/presets/')),
  staleTime: 600_000,
});

export const proposalsQuery = queryOptions({
  queryKey: [...POLICY, 'proposals'],
  queryFn: () => body(api.GET('/api/v1/policy/proposals/')),
});

/**
 * Puts a document into force, or proposes it: what concerns privacy waits for a second person.
 *
 * `base` is the version that it was made from; where another one is in force by now, it is refused (`conflict`), so that
 * nobody's change is lost.
 */
export const changePolicy = (document: PolicyDocument, base: number, comment: string): Promise<Policy | Proposal> =>
  body(api.PUT('/api/v1/policy/', { body: { document, base, comment } }));

export const confirmProposal = (proposal: number): Promise<Policy> =>
  body(api.POST('/api/v1/policy/proposals/{proposal}/confirm/', { params: { path: { proposal } } }));

export const rejectProposal = (proposal: number): Promise<unknown> =>
  body(api.POST('/api/v1/policy/proposals/{proposal}/reject/', { params: { path: { proposal } } }));

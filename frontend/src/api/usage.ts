import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import { everyPage, LARGEST_PAGE } from '@/api/pages';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type OwnUsage = Schemas['DaysRead'];
export type Session = Schemas['Session'];
export type Key = Schemas['Key'];
export type NewKey = Schemas['NewKey'];
export type Scope = Key['scopes'][number];

/** One's own month (`2026-11`); null: the running one. */
export const ownUsageQuery = (month: string | null) =>
  queryOptions({
    queryKey: ['usage', 'days', month],
    queryFn: () => body(api.GET('/api/v1/usage/days/', { params: { query: month === null ? {} : { month } } })),
    placeholderData: keepPreviousData,
  });

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: () =>
    everyPage((page) => body(api.GET('/api/v1/sessions/', { params: { query: { page, page_size: LARGEST_PAGE } } }))),
});

export const endSession = async (session: string): Promise<void> => {
  await api.DELETE('/api/v1/sessions/{session}/', { params: { path: { session } } });
};

/** One's own API keys, the newest first, dead ones included. */
export const myKeysQuery = queryOptions({
  queryKey: ['keys', 'mine'],
  queryFn: () =>
    everyPage((page) => body(api.GET('/api/v1/keys/', { params: { query: { page, page_size: LARGEST_PAGE } } }))),
});

const DAY_MS = 86_400_000;

/** A key that ends after so many days. */
export const issueKey = (order: Omit<Schemas['KeyOrderRequest'], 'expires_at'>, days: number): Promise<NewKey> =>
  body(api.POST('/api/v1/keys/', { body: { ...order, expires_at: new Date(Date.now() + days * DAY_MS).toISOString() } }));

export const rotateKey = (key: number, overlapHours: number): Promise<NewKey> =>
  body(api.POST('/api/v1/keys/{key}/rotate/', { params: { path: { key } }, body: { overlap_hours: overlapHours } }));

export const revokeKey = async (key: number): Promise<void> => {
  await api.DELETE('/api/v1/keys/{key}/', { params: { path: { key } } });
};

/** Whether a key may still be used. */
export const isAlive = (key: Key, now: number): boolean =>
  key.revoked_at === null && (key.expires_at === null || Date.parse(key.expires_at) > now);

import { queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

import { alarmsQuery as storedAlarms } from './lab';

type Schemas = components['schemas'];
export type Estimate = Schemas['EstimateRead'];
export type ModelProfile = Schemas['ModelProfileRead'];
export type ProfileDay = Schemas['ProfileDayRead'];
export type TaskProfile = Schemas['TaskProfileRead'];

/** What the company measured of each model that it may use. */
export const profilesQuery = queryOptions({
  queryKey: ['models', 'profiles'],
  queryFn: () => body(api.GET('/api/v1/models/profiles/')),
});

/** The days on which a model was observed, oldest first. */
export const historyQuery = (model: string, days: number) =>
  queryOptions({
    queryKey: ['models', 'profiles', model, days],
    queryFn: () =>
      body(api.GET('/api/v1/models/profiles/{model}/history/', { params: { path: { model }, query: { days } } })),
  });

/** Models that have silently changed, newest first. */
export const alarmsQuery = queryOptions({ ...storedAlarms, select: ({ results }) => results });

export { acknowledgeAlarm, type Alarm } from './lab';

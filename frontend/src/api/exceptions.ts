import { queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Exception = Schemas['Exception'];
export type ExceptionQuestion = Schemas['Question'];
export type Which = 'waiting' | 'granted' | 'over';

/** 204: nobody has asked. */
const NOBODY = 204;
const EXCEPTIONS = ['exceptions'] as const;

export const exceptionsQuery = (state: Which) =>
  queryOptions({
    queryKey: [...EXCEPTIONS, state],
    queryFn: () => body(api.GET('/api/v1/exceptions/', { params: { query: { state } } })),
  });

/** What became of the exception that was asked for a question; null: nobody has asked. */
export const exceptionOfQuery = (message: string) =>
  queryOptions({
    queryKey: [...EXCEPTIONS, 'of', message],
    queryFn: async (): Promise<Exception | null> => {
      const { data, response } = await api.GET('/api/v1/messages/{message}/exception/', { params: { path: { message } } });
      return response.status === NOBODY ? null : (data ?? null);
    },
  });

export const askForException = (message: string, reason: string): Promise<Exception> =>
  body(api.POST('/api/v1/messages/{message}/exception/', { params: { path: { message } }, body: { reason } }));

export const withdrawException = (message: string): Promise<Exception> =>
  body(api.DELETE('/api/v1/messages/{message}/exception/', { params: { path: { message } } }));

/** Reads the question; that is on record, and its author sees it. */
export const openQuestion = (exception: string): Promise<ExceptionQuestion> =>
  body(api.POST('/api/v1/exceptions/{exception}/question/', { params: { path: { exception } } }));

export const grantException = (exception: string, order: { reason: string; days: number }): Promise<Exception> =>
  body(api.POST('/api/v1/exceptions/{exception}/grant/', { params: { path: { exception } }, body: order }));

export const refuseException = (exception: string, reason: string): Promise<Exception> =>
  body(api.POST('/api/v1/exceptions/{exception}/refuse/', { params: { path: { exception } }, body: { reason } }));

export const endException = (exception: string): Promise<Exception> =>
  body(api.POST('/api/v1/exceptions/{exception}/end/', { params: { path: { exception } } }));

import createClient, { type Middleware } from 'openapi-fetch';

import type { components, paths } from '@/api/schema';
import { saidOf, spoken } from '@/lib/said';
import { leaveToSignIn } from '@/lib/signIn';

type Schemas = components['schemas'];
export type Attachment = Schemas['Attachment'];
export type Conversation = Schemas['Conversation'];
export type Me = Schemas['Me'];
export type Message = Schemas['Message'];
export type Turn = Schemas['Turn'];
export type UsableModel = Schemas['UsableModel'];

/** What the server says when it refuses: a stable code and a sentence for people. `status` 0: it was not reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** What is wrong with which field, in the server's words. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, code: string, detail: string, fields: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

interface Refusal {
  code?: string;
  detail?: string;
  said?: unknown;
  fields?: Readonly<Record<string, string>>;
}

/** Production calls the cookie `__Host-csrftoken`. */
export const csrfToken = (): string =>
  /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('x-csrftoken', csrfToken());
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return;
    if (response.status === 401) leaveToSignIn();
    const told = (await response.clone().json().catch(() => null)) as Refusal | null;
    throw new ApiError(
      response.status,
      told?.code ?? 'internal_error',
      spoken(saidOf(told?.said), told?.detail ?? response.statusText),
      told?.fields,
    );
  },
};

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });
api.use(guard);

/** The body of a reply that went well; the guard has thrown otherwise. */
export const body = async <Data>(reply: Promise<{ data?: Data }>): Promise<Data> => {
  const { data } = await reply;
  if (data === undefined) throw new ApiError(0, 'internal_error', 'The reply is empty.');
  return data;
};

/** What sentences of the server are put together from, in any language. */
import type { Said } from '@/lib/said';

export type Params = Readonly<Record<string, unknown>>;
/** The sentence; `inner` speaks a sentence that is a part of it. */
export type Told = (params: Params, inner: (said: Said | null) => string | null) => string;

export const word = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const named = (table: object, key: unknown): string | null => {
  const found = (table as Record<string, unknown>)[word(key)];
  return typeof found === 'string' ? found : null;
};
export const joined = (language: string, items: readonly string[]): string => new Intl.ListFormat(language).format(items);

export const kindsIn = (language: string, table: object, types: unknown, other: string): string =>
  joined(language, [...new Set(list(types).map((type) => named(table, type) ?? other))]);

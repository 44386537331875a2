import i18next from 'i18next';

import { saidInEnglish } from '@/locales/said';
import type { Params, Told } from '@/locales/saying';

/** What a sentence of the server says: a stable code and its parameters. */
export interface Said {
  code: string;
  params: Params;
}

type Sentences = Readonly<Record<string, Told>>;
const SENTENCES = new Map<string, Sentences>([['en', saidInEnglish]]);

/** How a further language says them; it comes with its words. */
export const speakSaid = (language: string, sentences: Sentences): void => void SENTENCES.set(language, sentences);

/** The sentence in this language; null where nobody has put it into words there. */
export const wordsOf = (said: Said | null | undefined, language: string): string | null => {
  if (!said) return null;
  return SENTENCES.get(language)?.[said.code]?.(said.params, (part) => wordsOf(part, language)) ?? null;
};

/** The sentence in the page's language, else as the server wrote it. */
export const spoken = (said: Said | null | undefined, text: string): string => wordsOf(said, i18next.language) ?? text;

/** What JSON holds where a `said` may stand: older records have none. */
export const saidOf = (value: unknown): Said | null => {
  if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string') return null;
  const params = 'params' in value && typeof value.params === 'object' ? value.params : null;
  return { code: value.code, params: (params ?? {}) as Params };
};

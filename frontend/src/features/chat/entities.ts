import type { TFunction } from 'i18next';

import type { Span } from '@/lib/frames';
import { en } from '@/locales/en';

type EntityName = keyof typeof en.entities;

const nameOf = (type: string): EntityName => (type in en.entities ? (type as EntityName) : 'OTHER');

const unique = (types: readonly string[]): EntityName[] => [...new Set(types.map(nameOf))];

/** "an e-mail address and a telephone number" */
export const sentenceOf = (types: readonly string[], t: TFunction, language: string): string =>
  new Intl.ListFormat(language).format(unique(types).map((type) => t(`anEntity.${type}`)));

/** "name, bank account" */
export const namesOf = (types: readonly string[], t: TFunction, language: string): string =>
  new Intl.ListFormat(language, { type: 'unit' }).format(unique(types).map((type) => t(`entities.${type}`)));

/** What stands in the place of a private detail when a person wants it out of the text. */
export const placeholderOf = (type: string, t: TFunction): string => `[${t(`entities.${nameOf(type)}`)}]`;

/** The stretches to mark, in order and without overlaps. */
export const disjoint = (spans: readonly Span[]): readonly Span[] => {
  const found: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (span.start >= (found.at(-1)?.end ?? 0)) found.push(span);
  }
  return found;
};

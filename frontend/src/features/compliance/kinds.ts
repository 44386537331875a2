import type { TFunction } from 'i18next';

import { en } from '@/locales/en';

type Kind = keyof typeof en.entities;

/** "name, bank account", in the words of the page; what has no word of its own keeps its type. */
export const kindsOf = (types: readonly string[], t: TFunction, language: string): string =>
  new Intl.ListFormat(language, { type: 'unit' }).format(
    types.map((type) => (type in en.entities ? t(`entities.${type as Kind}`) : type)),
  );

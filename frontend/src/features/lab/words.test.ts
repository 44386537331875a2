import { describe, expect, it } from 'vitest';

import { en } from '@/locales/lab';
import { de } from '@/locales/labDe';

type Words = string | { readonly [key: string]: Words };

/** Every sentence by its place, with the names of what is filled in. */
const gaps = (words: Words, place = ''): [string, string[]][] =>
  typeof words === 'string'
    ? [[place, [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).sort()]]
    : Object.entries(words).flatMap(([key, inner]) => gaps(inner, `${place}.${key}`));

describe('the words of the lab', () => {
  it('have the same gaps in both languages', () => expect(Object.fromEntries(gaps(de))).toEqual(Object.fromEntries(gaps(en))));
});

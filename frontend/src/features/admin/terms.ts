import type { PolicyDocument } from '@/api/policy';
import { countCodePoints } from '@/lib/codePoints';

/** What the server accepts: terms in a list, code points in a term, and how many words of a term are looked for. */
export const MOST_TERMS = 10_000;
export const LONGEST_TERM = 200;
export const MOST_WORDS = 24;

// As the server cuts a text into what it compares (`apps/privacy/detection/dictionary.py`).
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]|[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}_]/gu;

/** A company's own lists by their names. */
export type Lists = ReadonlyMap<string, readonly string[]>;

/** What was done to lists and is not proposed yet: the text of one by its name, null where it is to go. */
export type Edits = ReadonlyMap<string, string | null>;

/** The edits with one more; undefined: the list is again as it is in force. */
export const withEdit = (edits: Edits, name: string, text: string | null | undefined): Edits => {
  const after = new Map(edits);
  if (text === undefined) after.delete(name);
  else after.set(name, text);
  return after;
};

export interface Typed {
  terms: readonly string[];
  /** How many lines count for nothing. */
  blank: number;
  repeated: number;
}

interface Sensitivity { dictionaries?: Readonly<Record<string, readonly string[]>> }

const sensitivityOf = (document: PolicyDocument): Sensitivity => (document.sensitivity ?? {});

export const listsOf = (document: PolicyDocument): Lists => new Map(Object.entries(sensitivityOf(document).dictionaries ?? {}));

/** Neither its edges nor how wide its gaps are matter to how a term is found. */
const trimmed = (term: string): string => term.replace(/\s+/gu, ' ').trim();

/** A list as a text with one term a line. */
export const textOf = (terms: readonly string[]): string => terms.map(trimmed).join('\n');

/** The terms of a text with one a line, each once: how it is written does not matter to how it is found. */
export const typedTerms = (text: string): Typed => {
  const terms = new Map<string, string>();
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1)?.trim() === '') lines.pop(); // the end of the last line begins no other
  let blank = 0;
  for (const line of lines) {
    const term = trimmed(line);
    const key = term.toLowerCase();
    if (term === '') blank += 1;
    else if (!terms.has(key)) terms.set(key, term);
  }
  return { terms: [...terms.values()], blank, repeated: lines.length - blank - terms.size };
};

/** Why the server would refuse a list, or never find anything by a term of it. */
export interface Faults {
  isEmpty: boolean;
  isTooMany: boolean;
  long: readonly string[];
  /** Without a letter, a digit or a sign: nothing is ever found by these. */
  hollow: readonly string[];
}

const wordsOf = (term: string): number => term.match(WORD)?.length ?? 0;

/** Null: nothing is wrong with them. */
export const faultsOf = (terms: readonly string[]): Faults | null => {
  const faults = {
    isEmpty: terms.length === 0,
    isTooMany: terms.length > MOST_TERMS,
    long: terms.filter((term) => countCodePoints(term) > LONGEST_TERM),
    hollow: terms.filter((term) => wordsOf(term) === 0),
  };
  return faults.isEmpty || faults.isTooMany || faults.long.length > 0 || faults.hollow.length > 0 ? faults : null;
};

/** What the server accepts and hardly anybody means: terms of a single sign, and those of which the end is not looked for. */
export const doubtsOf = (terms: readonly string[]): { tiny: readonly string[]; cut: readonly string[] } => ({
  tiny: terms.filter((term) => countCodePoints(term) === 1 && wordsOf(term) > 0),
  cut: terms.filter((term) => countCodePoints(term) <= LONGEST_TERM && wordsOf(term) > MOST_WORDS),
});

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((term, at) => term === b[at]);

/** The document with what was done to its lists; a list whose terms are as before stays as it was written. */
export const withEdits = (document: PolicyDocument, edits: Edits): PolicyDocument => {
  const lists = new Map(listsOf(document));
  let isChanged = false;
  for (const [name, text] of edits) {
    const before = lists.get(name);
    if (text === null) {
      isChanged = lists.delete(name) || isChanged;
    } else {
      const { terms } = typedTerms(text);
      if (before && isSame(typedTerms(textOf(before)).terms, terms)) continue;
      lists.set(name, terms);
      isChanged = true;
    }
  }
  if (!isChanged) return document;
  const rest = Object.fromEntries(Object.entries(sensitivityOf(document)).filter(([key]) => key !== 'dictionaries'));
  return { ...document, sensitivity: { ...rest, ...(lists.size > 0 ? { dictionaries: Object.fromEntries(lists) } : {}) } };
};

export interface ListChange {
  name: string;
  kind: 'added' | 'removed' | 'changed';
  added: readonly string[];
  removed: readonly string[];
}

const without = (terms: ReadonlySet<string>, others: ReadonlySet<string>): string[] => [...terms].filter((term) => !others.has(term));

/** What differs between the lists of two documents, by name. */
export const listChanges = (before: PolicyDocument, after: PolicyDocument): ListChange[] => {
  const [were, are] = [listsOf(before), listsOf(after)];
  return [...new Set([...were.keys(), ...are.keys()])].toSorted().flatMap((name) => {
    const [old, now] = [new Set(were.get(name)), new Set(are.get(name))];
    const kind = !were.has(name) ? 'added' as const : are.has(name) ? 'changed' as const : 'removed' as const;
    const change = { name, kind, added: without(now, old), removed: without(old, now) };
    return kind === 'changed' && change.added.length + change.removed.length === 0 ? [] : [change];
  });
};

/** A list as it is to be: how many terms it has, and what is done to it; `null`: nothing. */
export interface ListRow {
  name: string;
  many: number;
  kind: ListChange['kind'] | null;
}

/** The lists in force, then those that are new. */
export const rowsOf = (lists: Lists, edits: Edits, changes: readonly ListChange[]): ListRow[] =>
  [...new Set([...lists.keys(), ...edits.keys()])].map((name) => {
    const text = edits.get(name) ?? null;
    const many = text === null ? (lists.get(name)?.length ?? 0) : typedTerms(text).terms.length;
    return { name, many, kind: changes.find((change) => change.name === name)?.kind ?? null };
  });

const INDEX = /^\[(\d+)\]$/;

/** What is wrong with a list: found here, or by the server, of which a sentence is about a term or, with "", about them all. */
export type Problem = { faults: Faults } | { servers: readonly { term: string; sentence: string }[] };
export type Problems = ReadonlyMap<string, Problem>;

/** The lists that cannot be proposed as they are typed. */
export const problemsOf = (edits: Edits): Problems => {
  const found = new Map<string, Problem>();
  for (const [name, text] of edits) {
    const faults = text === null ? null : faultsOf(typedTerms(text).terms);
    if (faults) found.set(name, { faults });
  }
  return found;
};

/** The server's problems of a refused document at its lists, and how many there are elsewhere. */
export const problemsAt = (
  fields: Readonly<Record<string, string>>, lists: Lists,
): { byList: Problems; elsewhere: number } => {
  const byList = new Map<string, { servers: { term: string; sentence: string }[] }>();
  let elsewhere = 0;
  for (const [path, sentence] of Object.entries(fields)) {
    const place = placeOf(path, lists);
    if (place === null) {
      elsewhere += 1;
      continue;
    }
    const found = byList.get(place.name) ?? { servers: [] };
    byList.set(place.name, found);
    found.servers.push({ term: place.term, sentence });
  }
  return { byList, elsewhere };
};

const placeOf = (path: string, lists: Lists): { name: string; term: string } | null => {
  for (const [name, terms] of lists) {
    const place = `sensitivity.dictionaries.${name}`;
    if (path === place) return { name, term: '' };
    const index = path.startsWith(place) ? INDEX.exec(path.slice(place.length)) : null;
    if (index) return { name, term: terms[Number(index[1])] ?? '' };
  }
  return null;
};

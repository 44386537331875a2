import type { Section } from './VirtualList';

/** One line of a virtual list: a heading (no item), or a row with its place in its section, counted from one. */
export interface Entry<One> {
  key: string;
  section: Section<One>;
  item: One | null;
  position: number;
}

export const flattened = <One>(sections: readonly Section<One>[], keyOf: (item: One) => string): readonly Entry<One>[] => {
  const entries: Entry<One>[] = [];
  for (const section of sections) {
    if (section.heading !== null) entries.push({ key: `#${section.key}`, section, item: null, position: 0 });
    for (const [index, item] of section.items.entries()) {
      entries.push({ key: keyOf(item), section, item, position: index + 1 });
    }
  }
  return entries;
};

export const indexOfItem = <One>(entries: readonly Entry<One>[], key: string | null): number =>
  key === null ? -1 : entries.findIndex((entry) => entry.item !== null && entry.key === key);

const PAGE = 10;
const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };

/** The line that a key leads to, over headings and never past the ends; null: this key does not move. */
export const goalOf = <One>(key: string, entries: readonly Entry<One>[], at: number): number | null => {
  const isRow = (index: number) => entries[index]?.item !== null;
  const first = entries.findIndex(({ item }) => item !== null);
  const last = entries.findLastIndex(({ item }) => item !== null);
  if (key === 'Home') return first;
  if (key === 'End') return last;
  const step = STEPS[key];
  if (step === undefined) return null;
  let to = Math.min(Math.max(at + step, first), last);
  if (!isRow(to)) to += Math.sign(step);
  return Math.min(Math.max(to, first), last);
};

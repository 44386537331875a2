import type { Conversation } from '@/api/client';
import type { Section } from '@/components/ui/VirtualList';

import { groupsOf, type GroupName } from './groups';

/** The rows of one's own list under their headings; a pinned one stands once, whichever query brought it. */
export const ownSections = (
  rows: readonly Conversation[],
  pinned: readonly Conversation[],
  now: Date,
  headingOf: (name: GroupName) => string,
): readonly Section<Conversation>[] => {
  const ids = new Set(pinned.map(({ id }) => id));
  return groupsOf([...pinned, ...rows.filter(({ id }) => !ids.has(id))], now).map(({ name, conversations }) => ({
    key: name,
    heading: headingOf(name),
    items: conversations,
  }));
};

/** The conversation that is `step` further down the list than this one; from none the first, and never past the ends. */
export const neighbourOf = (sections: readonly Section<Conversation>[], current: string | null, step: 1 | -1): string | null => {
  const ids = sections.flatMap(({ items }) => items.map(({ id }) => id));
  const at = current === null ? -1 : ids.indexOf(current);
  const to = at === -1 ? 0 : at + step;
  return ids[to] ?? null;
};

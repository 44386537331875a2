import type { TrailFilters } from '@/api/audit';
import { midnight } from '@/lib/dates';

/** The filters as the address holds them. */
export interface TrailSearch {
  kind?: string;
  actor?: string;
  subject?: string;
  from?: string;
  to?: string;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** What the server is asked: whole days of the company's time zone; what is no date is left out. */
export const filtersOf = ({ kind, actor, subject, from, to }: TrailSearch, zone: string): TrailFilters => ({
  ...(kind ? { kind } : {}),
  ...(actor ? { actor } : {}),
  ...(subject ? { subject } : {}),
  ...(from && DATE.test(from) ? { since: midnight(from, zone) } : {}),
  ...(to && DATE.test(to) ? { until: midnight(to, zone, 1) } : {}),
});

/** Without what is empty, so that the address stays short. */
export const tidy = (search: TrailSearch): TrailSearch =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''));

/** Kinds by their noun: `turn.` and all that begins with it. */
export const byNoun = (kinds: readonly string[]): [noun: string, kinds: string[]][] => {
  const found = new Map<string, string[]>();
  for (const kind of kinds) {
    const noun = kind.slice(0, kind.indexOf('.') + 1);
    found.set(noun, [...(found.get(noun) ?? []), kind]);
  }
  return [...found];
};

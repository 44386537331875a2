import type { Person, RoleName, Seat } from '@/api/admin';

/** What the form of a person holds. */
export interface Draft {
  email: string;
  name: string;
  role: RoleName;
  locale: string;
  password: string;
  active: boolean;
  memberships: readonly Seat[];
}

export const draftOf = (person: Person | null): Draft => ({
  email: person?.email ?? '', name: person?.name ?? '', role: person?.role ?? 'employee', locale: person?.locale ?? 'en',
  password: '', active: person?.active ?? true, memberships: person?.memberships ?? [],
});

const seatsOf = (seats: readonly Seat[]): string => seats.map(({ team, admin }) => `${team}:${admin ? 1 : 0}`).join(' ');

/** Only what is different now: a field that nobody touched may have been changed by somebody else meanwhile. */
export const changesOf = (person: Person, draft: Draft) => ({
  ...(draft.name.trim() === person.name ? {} : { name: draft.name.trim() }),
  ...(draft.role === person.role ? {} : { role: draft.role }),
  ...(draft.locale === person.locale ? {} : { locale: draft.locale as 'de' | 'en' }),
  ...(draft.active === person.active ? {} : { active: draft.active }),
  ...(seatsOf(draft.memberships) === seatsOf(person.memberships) ? {} : { memberships: [...draft.memberships] }),
});

/** The seats with a team added, taken away, or its administration given or taken. The first one stays the default. */
export const seated = (seats: readonly Seat[], team: number, isIn: boolean, admin = false): Seat[] => {
  if (!isIn) return seats.filter((seat) => seat.team !== team);
  const has = seats.some((seat) => seat.team === team);
  return has ? seats.map((seat) => (seat.team === team ? { team, admin } : seat)) : [...seats, { team, admin }];
};

/** The roles that an administrator may give and take; others are appointed by the operator. */
export const GRANTABLE: readonly RoleName[] = ['employee', 'tenant_admin'];

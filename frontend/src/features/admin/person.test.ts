import { describe, expect, it } from 'vitest';

import type { Person } from '@/api/admin';

import { changesOf, draftOf, seated } from './person';

const ERIN: Person = {
  id: 3, email: 'erin@acme.example', name: 'Erin', role: 'employee', active: true, locale: 'en', rate_limits: {},
  memberships: [{ team: 1, admin: true }, { team: 2, admin: false }],
};

describe('changesOf', () => {
  it('holds nothing when nothing was changed', () => {
    expect(changesOf(ERIN, draftOf(ERIN))).toEqual({});
  });
  it('holds what was changed and nothing else', () => {
    expect(changesOf(ERIN, { ...draftOf(ERIN), role: 'tenant_admin', memberships: seated(ERIN.memberships, 2, false) })).toEqual({
      role: 'tenant_admin', memberships: [{ team: 1, admin: true }],
    });
  });
});

describe('seated', () => {
  it('keeps the order, in which the first team is the default', () => {
    expect(seated(ERIN.memberships, 1, true, false)).toEqual([{ team: 1, admin: false }, { team: 2, admin: false }]);
    expect(seated(ERIN.memberships, 9, true)).toEqual([...ERIN.memberships, { team: 9, admin: false }]);
  });
});

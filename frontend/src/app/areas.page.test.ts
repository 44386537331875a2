import { describe, expect, it } from 'vitest';

import { ME } from '@/testing/fakeData';

import { areasOf, mayVisit } from './areas';

const somebody = (...operations: string[]) => ({ ...ME, operations });

describe('areas', () => {
  it('of an employee are the own ones', () => {
    const employee = somebody('me.read', 'chat.ask', 'usage.read_own', 'teams.read');
    expect(areasOf(employee).map(({ to }) => to)).toEqual(['/usage', '/settings']);
  });
  it('of a compliance officer are people, trail and chain', () => {
    const officer = somebody('me.read', 'usage.read_own', 'people.read', 'audit.read');
    expect(areasOf(officer).map(({ to }) => to)).toEqual([
      '/usage', '/admin/people', '/compliance/trail', '/compliance/chain', '/settings',
    ]);
  });
  it('that are not one’s own cannot be visited', () => {
    expect(mayVisit(somebody('me.read'), '/compliance/trail')).toBe(false);
    expect(mayVisit(somebody('audit.read'), '/compliance/trail')).toBe(true);
    expect(mayVisit(somebody('audit.read'), '/compliance/elsewhere')).toBe(false);
  });
  it('may hold pages for fewer people', () => {
    expect(mayVisit(somebody('budgets.read'), '/admin/models')).toBe(true);
    expect(mayVisit(somebody('budgets.read'), '/admin/models/')).toBe(true);
    expect(mayVisit(somebody('budgets.read'), '/admin/models/gpt-mini')).toBe(false);
    expect(mayVisit(somebody('profiles.read'), '/admin/models/gpt-mini')).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';

import type { Conversation } from '@/api/client';

import { groupsOf, shortTime } from './groups';

const NOW = new Date(2026, 10, 25, 0, 30);
const at = (day: number, hour: number, pinned = false): Conversation => ({
  id: `${day}-${hour}`, active_at: new Date(2026, 10, day, hour).toISOString(), pinned, archived: false, created_at: '',
  updated_at: '', leaf: null, entities: [], hosting: null, owner: 1, sensitivity: 'clean', team: null, title: 'T', title_source: 'none' as never, version: 1, is_own: true, owner_name: 'Erin', shared: false,
});

describe('the list', () => {
  it('is grouped by the days of the reader', () => {
    const list = [at(25, 0), at(24, 23), at(19, 12), at(18, 12), at(1, 9, true)];

    expect(groupsOf(list, NOW).map(({ name, conversations }) => [name, conversations.map(({ id }) => id)])).toEqual([
      ['pinned', ['1-9']], ['today', ['25-0']], ['yesterday', ['24-23']], ['week', ['19-12']], ['older', ['18-12']],
    ]);
  });

  it('has no empty headings', () => {
    expect(groupsOf([], NOW)).toEqual([]);
  });
});

describe('a time', () => {
  it.each([
    [25, 'en', '00:10'],
    [24, 'de', 'Di'],
    [19, 'en', 'Thu'],
    [18, 'en', 'Nov 18'],
  ] as const)('of day %i is short', (day, language, shown) => {
    expect(shortTime(new Date(2026, 10, day, 0, 10).toISOString(), NOW, language)).toBe(shown);
  });
});

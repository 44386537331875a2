import { describe, expect, it } from 'vitest';

import { dateIn, lastMonths, midnight, monthName } from './dates';

describe('lastMonths', () => {
  it('goes back over the turn of the year', () => {
    expect(lastMonths('2026-02-03', 4)).toEqual(['2026-02', '2026-01', '2025-12', '2025-11']);
  });
});

describe('midnight', () => {
  it('is that of the place, in winter and in summer', () => {
    expect(midnight('2026-11-25', 'Europe/Berlin')).toBe('2026-11-24T23:00:00.000Z');
    expect(midnight('2026-07-01', 'Europe/Berlin')).toBe('2026-06-30T22:00:00.000Z');
    expect(midnight('2026-11-25', 'America/New_York')).toBe('2026-11-25T05:00:00.000Z');
  });
  it('of the day after a change of the clocks has the new offset', () => {
    expect(midnight('2026-10-25', 'Europe/Berlin', 1)).toBe('2026-10-25T23:00:00.000Z');
  });
});

describe('names', () => {
  it('are those of the place and the language', () => {
    expect(dateIn(new Date('2026-11-30T23:30:00Z'), 'Europe/Berlin')).toBe('2026-12-01');
    expect(monthName('2026-11', 'de')).toBe('November 2026');
  });
});

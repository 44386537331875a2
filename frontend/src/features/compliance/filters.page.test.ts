import { describe, expect, it } from 'vitest';

import { byNoun, filtersOf, tidy } from './filters';
import { entryOf } from './words';

describe('filtersOf', () => {
  it('asks for whole days of the company', () => {
    expect(filtersOf({ kind: 'turn.', from: '2026-11-24', to: '2026-11-25' }, 'Europe/Berlin')).toEqual({
      kind: 'turn.', since: '2026-11-23T23:00:00.000Z', until: '2026-11-25T23:00:00.000Z',
    });
  });
  it('leaves out what is no date', () => {
    expect(filtersOf({ from: 'yesterday', to: '' }, 'UTC')).toEqual({});
  });
});

describe('tidy', () => {
  it('keeps the address short', () => {
    expect(tidy({ kind: '', actor: 'user:5' })).toEqual({ actor: 'user:5' });
  });
});

describe('byNoun', () => {
  it('keeps neighbours together', () => {
    expect(byNoun(['turn.completed', 'key.issued', 'turn.failed'])).toEqual([
      ['turn.', ['turn.completed', 'turn.failed']], ['key.', ['key.issued']],
    ]);
  });
});

describe('entryOf', () => {
  it('finds the number of an entry and nothing else', () => {
    expect([entryOf('entry 731004'), entryOf('anchors'), entryOf('')]).toEqual([731004, null, null]);
  });
});

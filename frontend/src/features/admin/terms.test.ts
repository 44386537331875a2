import { describe, expect, it } from 'vitest';

import { doubtsOf, faultsOf, listChanges, listsOf, LONGEST_TERM, MOST_TERMS, problemsAt, problemsOf, rowsOf, textOf, typedTerms, withEdit, withEdits } from './terms';

const DOCUMENT = {
  strategy: 'best',
  sensitivity: {
    action: 'mask', channels: { api: { person: 'off' } },
    dictionaries: { projects: ['Bluebird', 'Project  Falcon'], customers: ['Acme'] },
  },
};

describe('a list that is typed', () => {
  it('has each term once, without blank lines, and says how many lines that left out', () => {
    expect(typedTerms('Bluebird\n\n  Project \t Falcon \r\nbluebird\nÅngström\n')).toEqual({
      terms: ['Bluebird', 'Project Falcon', 'Ångström'], blank: 1, repeated: 1,
    });
    expect(typedTerms('')).toEqual({ terms: [], blank: 0, repeated: 0 });
  });

  it('is what was written when nothing was typed', () => {
    const terms = Array.from({ length: MOST_TERMS }, (_, at) => `Customer ${at}`);

    expect(typedTerms(textOf(terms))).toEqual({ terms, blank: 0, repeated: 0 });
    expect(textOf(['two\nlines'])).toBe('two lines');
  });

  it('may hold only what the server accepts and can find', () => {
    const longest = '😀'.repeat(LONGEST_TERM);

    expect(faultsOf(['Bluebird', 'X', '税', '+', longest])).toBe(null);
    expect(faultsOf([`${longest}x`, '__', 'Bluebird'])).toEqual({ isEmpty: false, isTooMany: false, long: [`${longest}x`], hollow: ['__'] });
    expect(faultsOf([])).toMatchObject({ isEmpty: true });
    expect(faultsOf(Array.from({ length: MOST_TERMS + 1 }, String))).toMatchObject({ isTooMany: true });
  });

  it('tells terms that would keep nearly everything inside, and those whose end is not looked for', () => {
    const sentence = Array.from({ length: 25 }, (_, at) => `w${at}`).join(' ');

    expect(doubtsOf(['X', '税', 'EU', '_', sentence])).toEqual({ tiny: ['X', '税'], cut: [sentence] });
  });
});

describe('the document with what was typed', () => {
  it('has the lists that were changed, added and removed, and everything else as before', () => {
    const edits = new Map([['customers', null], ['projects', 'Bluebird\nKestrel\n'], ['codes', 'Zebra']]);

    expect(withEdits(DOCUMENT, edits)).toEqual({
      strategy: 'best',
      sensitivity: {
        action: 'mask', channels: { api: { person: 'off' } }, dictionaries: { projects: ['Bluebird', 'Kestrel'], codes: ['Zebra'] },
      },
    });
  });

  it('is the same one when the terms are the same', () => {
    const edits = new Map([['projects', '\nBluebird\nProject Falcon\nbluebird'], ['unknown', null]]);

    expect(withEdits(DOCUMENT, edits)).toBe(DOCUMENT);
  });

  it('names no lists when the last one is removed, and begins them where there were none', () => {
    expect(withEdits(DOCUMENT, new Map([['projects', null], ['customers', null]])).sensitivity).not.toHaveProperty('dictionaries');
    expect(withEdits({}, new Map([['__proto__', 'Zebra']]))).toEqual(
      { sensitivity: { dictionaries: Object.fromEntries([['__proto__', ['Zebra']]]) } },
    );
    expect(listsOf({})).toEqual(new Map());
  });
});

describe('what differs between two documents', () => {
  it('is told list by list, with the terms', () => {
    const after = { sensitivity: { dictionaries: { projects: ['Project  Falcon', 'Kestrel', 'Zebra'], codes: ['Okapi'] } } };

    expect(listChanges(DOCUMENT, after)).toEqual([
      { name: 'codes', kind: 'added', added: ['Okapi'], removed: [] },
      { name: 'customers', kind: 'removed', added: [], removed: ['Acme'] },
      { name: 'projects', kind: 'changed', added: ['Kestrel', 'Zebra'], removed: ['Bluebird'] },
    ]);
  });

  it('is nothing where only the order is another', () => {
    const after = { sensitivity: { dictionaries: { customers: ['Acme'], projects: ['Project  Falcon', 'Bluebird'] } } };

    expect(listChanges(DOCUMENT, after)).toEqual([]);
  });
});

describe('the lists as they are to be', () => {
  it('have what was typed, what is new and what is to go, until that is taken back', () => {
    const added = withEdit(withEdit(new Map(), 'customers', null), 'codes', 'Zebra\nzebra');
    const rows = (edits: typeof added) => rowsOf(listsOf(DOCUMENT), edits, listChanges(DOCUMENT, withEdits(DOCUMENT, edits)));

    expect(rows(added)).toEqual([
      { name: 'projects', many: 2, kind: null }, { name: 'customers', many: 1, kind: 'removed' }, { name: 'codes', many: 1, kind: 'added' },
    ]);
    expect(rows(withEdit(withEdit(added, 'customers', undefined), 'codes', undefined)).map(({ kind }) => kind)).toEqual([null, null]);
  });

  it('cannot be proposed without a term, or with one that cannot be', () => {
    expect([...problemsOf(new Map([['a', ''], ['b', null], ['c', 'Zebra'], ['d', 'Zebra\n__']])).keys()]).toEqual(['a', 'd']);
  });
});

describe('what the server found wrong', () => {
  it('stands at its list and its term', () => {
    const lists = new Map([['a', ['x']], ['a[0]', ['y', 'z']]]);
    const fields = {
      'sensitivity.dictionaries.a': 'Too many.', 'sensitivity.dictionaries.a[0][1]': 'Too long.', 'rules[0].when': 'Unknown.',
    };

    expect(problemsAt(fields, lists)).toEqual({
      byList: new Map([
        ['a', { servers: [{ term: '', sentence: 'Too many.' }] }], ['a[0]', { servers: [{ term: 'z', sentence: 'Too long.' }] }],
      ]),
      elsewhere: 1,
    });
  });
});

import { describe, expect, it } from 'vitest';

import { linesIn, nameOf, SLUG, slugOf, wrongLines } from './upload';

describe('wrong lines', () => {
  it('are told in their order with what stands there', () => {
    const text = '{"id": 1}\n\u2028not json\r\n\n{}';
    expect(wrongLines({ 'line 4': 'No id.', 'line 2': 'Not JSON.', slug: 'Taken.' }, text)).toEqual([
      { number: 2, what: 'Not JSON.', text: 'not json' },
      { number: 4, what: 'No id.', text: '{}' },
    ]);
  });
  it('are cut where they are long', () => {
    expect([...(wrongLines({ 'line 1': '!' }, '🙂'.repeat(500))[0]?.text ?? '')]).toHaveLength(160);
  });
  it('are none where something else is wrong', () => expect(wrongLines({ slug: 'Taken.' }, '')).toEqual([]));
});

describe('a file', () => {
  it('has as many lines as are not empty', () => expect(linesIn('a\n\n b \n \n')).toBe(2));
  it.each([
    ['Our questions v2.jsonl', 'Our questions v2', 'our-questions-v2'],
    ['Prüfung_für Straße.jsonl', 'Prüfung für Straße', 'prufung-fur-strasse'],
    ['---.jsonl', '---', ''],
    [`${'x'.repeat(39)} y.jsonl`, `${'x'.repeat(39)} y`, 'x'.repeat(39)],
  ])('%s gives a name and a short name', (file, name, slug) => {
    expect([nameOf(file), slugOf(nameOf(file))]).toEqual([name, slug]);
    expect(slug === '' || SLUG.test(slug)).toBe(true);
  });
});

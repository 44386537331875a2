import { describe, expect, it } from 'vitest';

import { aConversation } from '@/testing/page';

import { nameOf } from './saveFile';
import { neighbourOf, ownSections } from './sections';

const NOW = new Date('2026-11-20T18:00:00Z');
const sections = ownSections(
  [aConversation('a'), aConversation('p'), aConversation('b', { active_at: '2026-01-01T10:00:00Z' })],
  [aConversation('p', { pinned: true })], NOW, (name) => name,
);

describe('the sections', () => {
  it('show what is pinned once, however it came', () => {
    expect(sections.map(({ key, items }) => [key, items.map(({ id }) => id)])).toEqual([['pinned', ['p']], ['today', ['a']], ['older', ['b']]]);
  });

  it('lead from one conversation to the next, over headings and not past the ends', () => {
    expect(neighbourOf(sections, 'p', 1)).toBe('a');
    expect(neighbourOf(sections, 'a', -1)).toBe('p');
    expect(neighbourOf(sections, 'b', 1)).toBeNull();
    expect(neighbourOf(sections, null, 1)).toBe('p');
  });
});

describe('the name of an export', () => {
  it.each([
    ["attachment; filename*=UTF-8''L%C3%B6hne.md", 'Löhne.md'],
    ['attachment; filename="x.md"', 'x.md'],
    [null, 'a b c.md'],
  ])('from %s is %s', (disposition, name) => {
    expect(nameOf(disposition, 'a/b:c', 'markdown')).toBe(name);
  });
});

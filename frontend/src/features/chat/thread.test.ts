import { describe, expect, it } from 'vitest';

import type { Message } from '@/api/client';

import type { RoutedFrame, Sensitivity } from '@/lib/frames';

import { isPrivate, ownLabelOf, textOf, threadOf, type ThreadItem } from './thread';
import { askedHere, foundRunning, turnReducer } from './turnReducer';

const message = (id: string, parent: string | null, extra: Partial<Message> = {}): Message => ({
  id, parent, conversation: 'c', turn: null, role: 'user', author: 1, text: id, state: 'ok', sensitivity: 'clean',
  sensitivity_source: 'own', is_exempt: false, model: '', hosting: '', finish: '', error: '', cost_microusd: null, created_at: '2026-11-25T09:00:00Z',
  attachments: [],
  rating: null, parts: [],
  ...extra,
});
const answer = (id: string, parent: string, turn: string, extra: Partial<Message> = {}) =>
  message(id, parent, { role: 'assistant', turn, ...extra });
const none = new Map<string, string>();
const keys = (items: readonly ThreadItem[]) => items.map(({ kind, key }) => `${kind}:${key}`);

const q1 = message('1', null);
const a1 = answer('2', '1', 't1');
const a1again = answer('3', '1', 't2');
const q2 = message('4', '2');

describe('a thread', () => {
  it('follows the newest branch', () => {
    const thread = threadOf([q1, a1, a1again, q2], [], none);

    expect(keys(thread.items)).toEqual(['question:1', 'answer:t1', 'question:4']);
    expect(thread).toMatchObject({ leaf: '4', isNewest: true });
  });

  it('shows the branch that somebody chose', () => {
    const thread = threadOf([q1, a1, a1again, q2], [], new Map([['1', '3']]));

    expect(keys(thread.items)).toEqual(['question:1', 'answer:t2']);
    expect(thread).toMatchObject({ leaf: '3', isNewest: false });
    expect(thread.items[1]).toMatchObject({ siblings: { ids: ['2', '3'], index: 1 } });
  });

  it('is empty without messages', () => {
    expect(threadOf([], [], none)).toEqual({ items: [], leaf: null, isNewest: true });
  });
});

describe('a live turn', () => {
  const asked = askedHere('k', 'c', { text: 'And now?', model: 'auto', team: null, parent: undefined, again: null });

  it('stands at the end with its question before it is stored', () => {
    const thread = threadOf([q1, a1], [asked], none);

    expect(keys(thread.items)).toEqual(['question:1', 'answer:t1', 'question:k?', 'answer:k']);
    expect(thread.leaf).toBe('2');
  });

  it('keeps its key when question and answer are stored', () => {
    const live = turnReducer(asked, { type: 'accepted', id: 'k', turn: 't9', conversation: 'c', message: '5' });
    const stored = [q1, a1, message('5', '2', { turn: 't9' })];

    expect(keys(threadOf(stored, [live], none).items)).toEqual(['question:1', 'answer:t1', 'question:5', 'answer:k']);
    expect(keys(threadOf([...stored, answer('6', '5', 't9')], [live], none).items).at(-1)).toBe('answer:k');
  });

  it('that regenerates is the newest sibling', () => {
    const asked = { text: '', model: 'auto', team: null, parent: undefined, again: { answer: '2', question: '1' } };
    const again = askedHere('k', 'c', asked);

    expect(threadOf([q1, a1], [again], none).items[1]).toMatchObject({ key: 'k', siblings: { ids: ['2', '~k'], index: 1 } });
  });

  it('waits behind everything while it is queued', () => {
    const queued = turnReducer(asked, { type: 'queued' });

    expect(keys(threadOf([q1, a1], [queued], none).items)).toEqual(['question:1', 'answer:t1', 'queued:k']);
  });
});

describe('the text of an answer', () => {
  const live = turnReducer(foundRunning('t1', 'c', '1'), { type: 'delta', turn: 't1', seq: 1, at: 0, text: 'so far' });

  it('is what has arrived while it is written', () => {
    expect(textOf({ stored: answer('2', '1', 't1', { state: 'streaming', text: '' }), turn: live })).toBe('so far');
  });

  it.each([null, live])('is what is stored once that is final', (turn) => {
    expect(textOf({ stored: answer('2', '1', 't1', { text: 'the whole' }), turn })).toBe('the whole');
  });
});

/** A turn whose question took a route with this label. */
const routedAs = (sensitivity: Sensitivity) => {
  const frame: RoutedFrame = {
    type: 'routed', turn: 't1', model: 'm', hosting: 'commercial', strategy: 'balanced', sensitivity, entities: [], reasons: [],
  };
  return turnReducer(foundRunning('t1', 'c1', 'm1'), frame);
};

describe('a question', () => {
  it.each([
    ['clean', null, false],
    ['sensitive', null, true],
    ['clean', 'sensitive', true],
    ['clean', 'clean', false],
  ] as const)('that is stored as %s and went the way of %s text is private: %s', (label, found, expected) => {
    const turn = found === null ? foundRunning('t1', 'c1', 'm1') : routedAs(found);

    expect(isPrivate({ stored: message('m1', null, { sensitivity: label }), turn })).toBe(expected);
  });

  it('does not become private by what is found in its answer', () => {
    const turn = turnReducer(routedAs('clean'), { type: 'labelled', sensitivity: 'sensitive' });

    expect(isPrivate({ stored: message('m1', null), turn })).toBe(false);
  });
});

describe('what was found in an answer itself', () => {
  const found = (asked: Sensitivity) => turnReducer(routedAs(asked), { type: 'labelled', sensitivity: 'sensitive' });
  const stored = (extra: Partial<Message>) => answer('2', '1', 't1', extra);

  it('is told while it is written', () => {
    expect(ownLabelOf({ stored: null, turn: routedAs('clean') })).toBeNull();
    expect(ownLabelOf({ stored: null, turn: found('clean') })).toBe('sensitive');
    expect(ownLabelOf({ stored: stored({ state: 'streaming' }), turn: found('clean') })).toBe('sensitive');
  });

  it('is not what its question brought along', () => {
    expect(ownLabelOf({ stored: null, turn: found('sensitive') })).toBeNull();
    expect(ownLabelOf({ stored: stored({ sensitivity: 'sensitive', sensitivity_source: 'derived' }), turn: null })).toBeNull();
  });

  it('is what is stored in the end', () => {
    expect(ownLabelOf({ stored: stored({ sensitivity: 'unclassified', sensitivity_source: 'own' }), turn: null })).toBe('unclassified');
    expect(ownLabelOf({ stored: stored({ sensitivity: 'clean', sensitivity_source: 'own' }), turn: found('clean') })).toBeNull();
  });
});

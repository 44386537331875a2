import { describe, expect, it } from 'vitest';

import type { CompletedFrame, DeltaFrame, FailedFrame, RoutedFrame, SwitchedFrame } from '@/lib/frames';

import { askedHere, foundRunning, turnReducer, type TurnEvent, type TurnState } from './turnReducer';

const TURN = 't1';
const delta = (seq: number, at: number, text: string): DeltaFrame => ({ type: 'delta', turn: TURN, seq, at, text });
const switched = (seq: number, keeps: number): SwitchedFrame => ({
  type: 'switched', turn: TURN, seq, from: 'a', to: 'b', hosting: 'self_hosted', reason: 'a stopped answering', keeps,
});
const routed: RoutedFrame = {
  type: 'routed', turn: TURN, model: 'a', hosting: 'commercial', strategy: 'balanced', sensitivity: 'clean',
  entities: [], reasons: [],
};
const completed = (seq: number): CompletedFrame => ({
  type: 'completed', turn: TURN, seq, message: 'm2', finish: 'stop', cost_microusd: 42,
  usage: { input_tokens: 1, output_tokens: 2, cached_input_tokens: 0, reasoning_tokens: 0, estimated: false },
});
const failed = (seq: number, keeps: number): FailedFrame => ({
  type: 'failed', turn: TURN, seq, message: 'm2', code: 'provider_unavailable', detail: 'It stopped.',
  partial: keeps > 0, keeps, cost_microusd: 7,
});

const start = foundRunning(TURN, 'c1', 'm1');
const after = (...events: TurnEvent[]): TurnState => events.reduce(turnReducer, start);

/** A server that numbers frames as the contract says, to try every way in which a reader can lose its place. */
const answer = 'Grüße 👩‍🔬 und 𝔘nicode';
const pieces = [...answer].map((character, index) => delta(index + 1, index, character));
const resumeFrom = (at: number): DeltaFrame => delta(pieces.length, at, [...answer].slice(at).join(''));

describe('text', () => {
  it('grows by deltas in order', () => {
    expect(after(routed, delta(1, 0, 'Good '), delta(2, 5, 'day'))).toMatchObject({ text: 'Good day', length: 8, seq: 2 });
  });

  it('counts code points, not UTF-16 units', () => {
    const state = after(delta(1, 0, '👩‍🔬𝔘'), delta(2, 4, '!'));

    expect(state).toMatchObject({ text: '👩‍🔬𝔘!', length: 5, hasHole: false });
  });

  it('ignores a frame that comes twice', () => {
    const once = after(delta(1, 0, 'a'), delta(2, 1, 'b'));

    expect(turnReducer(once, delta(2, 1, 'b'))).toBe(once);
    expect(turnReducer(once, delta(1, 0, 'a'))).toBe(once);
  });

  it('takes of an overlapping frame only what is new', () => {
    expect(after(delta(1, 0, '𝔘n'), delta(4, 1, 'nicode')).text).toBe('𝔘nicode');
  });

  it('notes a hole instead of joining what does not belong together', () => {
    const state = after(delta(1, 0, 'ab'), delta(5, 7, 'xyz'));

    expect(state).toMatchObject({ text: 'ab', seq: 1, hasHole: true });
    expect(turnReducer(state, delta(6, 2, 'cdefgxyz'))).toMatchObject({ text: 'abcdefgxyz', hasHole: false });
  });

  it.each(pieces.map((_, seen) => seen))('is whole after a resume at code point %i', (seen) => {
    const before = after(routed, ...pieces.slice(0, seen));
    const resumed = [resumeFrom(before.length), completed(pieces.length + 1)].reduce<TurnState>(turnReducer, before);

    expect(resumed).toMatchObject({ text: answer, length: pieces.length, phase: 'done' });
  });

  it.each(pieces.map((_, seen) => seen))('is whole when the catch-up begins at 0 and %i frames were seen', (seen) => {
    const before = after(routed, ...pieces.slice(0, seen));

    expect([routed, resumeFrom(0), ...pieces].reduce<TurnState>(turnReducer, before).text).toBe(answer);
  });
});

describe('a switch', () => {
  it('keeps the text that stays and drops the rest', () => {
    const state = after(routed, delta(1, 0, '👍 one two'), switched(2, 5), delta(3, 5, ' three'));

    expect(state.text).toBe('👍 one three');
    expect(state.segments.map(({ at, model }) => [at, model])).toEqual([[0, 'a'], [5, 'b']]);
    expect(state.segments[1]?.takesOverFrom).toMatchObject({ model: 'a', reason: 'a stopped answering' });
  });

  it('before the first token begins anew', () => {
    expect(after(routed, switched(1, 0), delta(2, 0, 'b says')).text).toBe('b says');
  });

  it('that is repeated changes nothing', () => {
    const once = after(routed, delta(1, 0, 'one'), switched(2, 3));

    expect(turnReducer(once, switched(2, 3))).toBe(once);
  });

  it('lets a resume fill in the text before it, whatever its number', () => {
    const behind = after(routed, delta(1, 0, 'one'));

    const caughtUp = [switched(9, 8), delta(8, 3, ' two'), delta(10, 7, '!')].reduce<TurnState>(turnReducer, behind);

    expect(caughtUp).toMatchObject({ text: 'one two!', length: 8, seq: 10 });
  });

  it('lets no void text of the old model back in', () => {
    const state = after(routed, delta(1, 0, 'one'), delta(2, 3, ' two'), switched(3, 3));

    expect(turnReducer(state, delta(2, 3, ' two')).text).toBe('one');
  });

  it('survives a resume from the start', () => {
    const state = after(routed, switched(1, 0), routed, switched(1, 0), delta(2, 0, 'b'));

    expect(state.segments.map(({ model }) => model)).toEqual(['a', 'b']);
  });
});

describe('the end', () => {
  it('of a failure keeps the partial text', () => {
    expect(after(routed, delta(1, 0, 'one two'), failed(2, 3))).toMatchObject({
      phase: 'failed', text: 'one', failure: { code: 'provider_unavailable', partial: true }, costMicroUsd: 7,
    });
  });

  it('is final', () => {
    const over = after(routed, delta(1, 0, 'one'), completed(2));

    expect([delta(3, 3, '!'), failed(4, 0), { type: 'stopping' } as const].reduce<TurnState>(turnReducer, over)).toBe(over);
  });

  it('of a stop is what the server says', () => {
    expect(after(routed, { type: 'stopping' }, delta(1, 0, 'one'))).toMatchObject({ phase: 'stopping', text: 'one' });
  });
});

describe('a question from here', () => {
  const asked = askedHere('k', null, { text: 'Why?', model: 'auto', team: null, parent: undefined, again: null });
  const accepted = { type: 'accepted', id: 'k', turn: TURN, conversation: 'c1', message: 'm1' } as const;

  it('learns where it was stored', () => {
    expect(turnReducer(asked, accepted)).toMatchObject({ turn: TURN, conversation: 'c1', question: 'm1', phase: 'choosing' });
  });

  it('can be sent again after a refusal that stored nothing', () => {
    const refused = turnReducer(asked, { type: 'unsent', code: 'rate_limited', detail: 'Wait.' });

    expect(refused).toMatchObject({ phase: 'unsent', failure: { code: 'rate_limited' } });
    expect(turnReducer(refused, { type: 'sending' })).toMatchObject({ phase: 'sending', failure: null });
  });

  it('does not start over when its acceptance is repeated', () => {
    const writing = [accepted, routed, delta(1, 0, 'Because')].reduce<TurnState>(turnReducer, asked);

    expect(turnReducer(writing, accepted)).toMatchObject({ phase: 'writing', text: 'Because' });
  });
});

describe('the last frame', () => {
  it('has the last word on the label and on who answered', () => {
    const state = after(routed, delta(1, 0, 'Hi'), { ...completed(2), hosting: 'self_hosted', sensitivity: 'sensitive' });

    expect(state).toMatchObject({ sensitivity: 'sensitive', segments: [{ model: 'a', hosting: 'self_hosted' }] });
  });

  it('of an older server changes nothing', () => {
    expect(after(routed, completed(1))).toMatchObject({ sensitivity: 'clean', segments: [{ hosting: 'commercial' }] });
  });
});

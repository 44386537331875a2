import { describe, expect, it } from 'vitest';

import { partsOf } from './answerParts';
import type { AnswerItem } from './thread';
import { foundRunning, turnReducer, type TurnEvent } from './turnReducer';

const events: TurnEvent[] = [
  {
    type: 'routed', turn: 't', model: 'one', hosting: 'commercial', strategy: 's', sensitivity: 'clean', entities: [], reasons: [],
  },
  { type: 'delta', turn: 't', seq: 1, at: 0, text: 'So 𝔘:\n\n```py\nx = 1\ny' },
  { type: 'switched', turn: 't', seq: 2, from: 'one', to: 'two', hosting: 'self_hosted', reason: 'It stopped.', keeps: 20 },
  { type: 'delta', turn: 't', seq: 3, at: 20, text: ' = 2\n```\n\nDone.' },
];
const item = (turn: TurnEvent[]): AnswerItem => ({
  kind: 'answer', key: 'k', question: 'q', stored: null, siblings: { ids: [], index: 0 },
  turn: turn.reduce(turnReducer, foundRunning('t', 'c', 'q')),
});

describe('an answer that changed its model on the way', () => {
  it('is cut at the seam, and code stays code behind it', () => {
    const parts = partsOf(item(events), () => null);

    expect(parts.map(({ text }) => text)).toEqual(['So 𝔘:\n\n```py\nx = 1\ny', '```py\n = 2\n```\n\nDone.']);
    expect(parts.map(({ segment }) => segment.model)).toEqual(['one', 'two']);
  });

  const text = 'So 𝔘:\n\n```py\nx = 1\ny = 2\n```\n\nDone.';
  const storedAs = (parts: readonly object[], extra: object = {}) =>
    ({ role: 'assistant', state: 'ok', text, model: 'two', hosting: 'commercial', parts, ...extra }) as unknown as AnswerItem['stored'];
  const asked = [
    { at: 0, model: 'none', hosting: 'commercial', after: '' },
    { at: 0, model: 'one', hosting: 'commercial', after: 'provider_timeout' },
    { at: 20, model: 'two', hosting: 'self_hosted', after: 'provider_unavailable' },
  ];

  it('is cut at the same places when it is read again, by whoever may read it', () => {
    const parts = partsOf({ ...item([]), turn: null, stored: storedAs(asked) }, () => null);

    expect(parts.map((part) => part.text)).toEqual(['', 'So 𝔘:\n\n```py\nx = 1\ny', '```py\n = 2\n```\n\nDone.']);
    expect(parts.map(({ segment }) => segment.takesOverFrom?.said)).toEqual([
      undefined,
      { code: 'switched_by_fault', params: { source: 'none', target: 'one', code: 'provider_timeout' } },
      { code: 'switched_midway', params: { source: 'one', target: 'two', code: 'provider_unavailable' } },
    ]);
    expect(parts.map(({ segment }) => segment.hosting)).toEqual(['commercial', 'commercial', 'self_hosted']);
  });

  it('is shown as it is stored on a page that missed the switch', () => {
    const missed = item(events.slice(0, 2));
    const parts = partsOf({ ...missed, stored: storedAs(asked.slice(1)) }, () => null);

    expect(parts.map(({ segment }) => segment.model)).toEqual(['one', 'two']);
  });

  it('has no empty part where the text of the last model was lost with its server', () => {
    const stored = storedAs([{ ...asked[1], after: '' }, { ...asked[2], at: 20 }], { text: text.slice(0, 10), state: 'partial' });

    expect(partsOf({ ...item([]), turn: null, stored }, () => null).map(({ segment }) => segment.model)).toEqual(['one']);
  });

  it('names the models that wrote nothing at the seam of the one that did', () => {
    const took = (seq: number, from: string, to: string): TurnEvent => ({
      type: 'switched', turn: 't', seq, from, to, hosting: 'commercial', reason: `${from} stopped.`, keeps: 20,
    });
    const several = [...events.slice(0, 2), took(2, 'one', 'dead'), took(3, 'dead', 'gone'), took(4, 'gone', 'two')];
    const live = partsOf(item(several), () => null);
    const written = partsOf(
      item([...several, { type: 'delta', turn: 't', seq: 5, at: 20, text: ' = 2' }]), () => null,
    );

    expect(live.map(({ segment }) => segment.model)).toEqual(['one', 'two']);
    expect(written.map(({ segment }) => segment.takesOverFrom)).toEqual([null, { model: 'one', reason: '', silent: ['dead', 'gone'] }]);
  });

  it('ends with what was written when all others were silent', () => {
    const failed: TurnEvent = {
      type: 'failed', turn: 't', seq: 3, message: 'm', code: 'provider_unavailable', detail: '', partial: true, keeps: 20,
      usage: { input_tokens: 0, output_tokens: 0 }, cost_microusd: 0,
    } as unknown as TurnEvent;
    const parts = partsOf(item([...events.slice(0, 3), failed]), () => null);

    expect(parts.map(({ segment }) => segment.model)).toEqual(['one']);
  });

  it('is one piece without a seam', () => {
    expect(partsOf(item(events.slice(0, 2)), () => null)).toHaveLength(1);
  });
});

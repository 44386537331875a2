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
    const parts = partsOf(item(events), undefined, () => null);

    expect(parts.map(({ text }) => text)).toEqual(['So 𝔘:\n\n```py\nx = 1\ny', '```py\n = 2\n```\n\nDone.']);
    expect(parts.map(({ segment }) => segment.model)).toEqual(['one', 'two']);
  });

  it('is one piece without a seam', () => {
    expect(partsOf(item(events.slice(0, 2)), undefined, () => null)).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';

import type { Turn } from '@/api/client';

import { decisionOf } from './record';

const turn = (decision: Turn['decision']): Turn => ({
  id: 't', state: 'completed', channel: 'chat', conversation: null, asked_model: 'auto', model: 'm', hosting: 'commercial',
  strategy: 'balanced', sensitivity: 'clean', decision, reserved_micro_usd: 0, cost_micro_usd: 0, estimated: false,
  input_tokens: 0, output_tokens: 0, granted_tokens: 0, finish: 'stop', code: '', opened_at: '', first_token_ms: null,
  closed_at: null, attempts: [], answer_entities: {}, vote: null,
});

describe('a decision', () => {
  it('is read from the record', () => {
    const decision = decisionOf(turn({
      intent: { task: 'coding', domain: 'computing', complexity: 4, words: 300 },
      sensitivity: { label: 'sensitive', entities: { PERSON: 2 } },
      policy_version: 14,
      reasons: ['It is good at code.'],
      largest_micro_usd: 32400,
      candidates: [{ model: 'gpt-mini', hosting: 'commercial', quality: 0.86, estimate_micro_usd: 4000 }],
      rejected: [{ model: 'mistral-eu', code: 'team', reason: 'Not given.' }],
    }));

    expect(decision).toMatchObject({
      task: 'coding', complexity: 4, sensitivity: 'sensitive', entities: ['PERSON'], policyVersion: 14,
      candidates: [{ model: 'gpt-mini', hosting: 'commercial', quality: 0.86, estimateMicroUsd: 4000 }],
      rejected: [{ model: 'mistral-eu', reason: { text: 'Not given.', said: null } }],
    });
  });

  it('of a refusal says why', () => {
    expect(decisionOf(turn({ refused: { code: 'no_permitted_model', reason: 'Two rules met.' } })).refusal).toEqual({ text: 'Two rules met.', said: null });
  });

  it.each([{}, { intent: null, candidates: 'x', rejected: [null], sensitivity: 3 }])('survives %j', (odd) => {
    expect(decisionOf(turn(odd)).candidates).toEqual([]);
  });
});

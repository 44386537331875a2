import type { Turn } from '@/api/client';
import type { Hosting } from '@/lib/frames';
import { saidOf, type Said } from '@/lib/said';

/** The `decision` of a record, read with care: its shape is the server's own, and older records may lack parts. */
export interface Decision {
  task: string | null;
  domain: string | null;
  complexity: number | null;
  words: number | null;
  sensitivity: string;
  entities: readonly string[];
  policyVersion: number | null;
  reasons: readonly Reason[];
  largestMicroUsd: number | null;
  candidates: readonly Candidate[];
  rejected: readonly Rejection[];
  /** Why nothing was permitted. */
  refusal: Reason | null;
}
export interface Candidate {
  model: string;
  hosting: Hosting | null;
  /** Expected quality in [0, 1]. */
  quality: number | null;
  estimateMicroUsd: number | null;
}
export interface Rejection {
  model: string;
  reason: Reason;
}
/** A sentence as the server wrote it, and what it says. */
export interface Reason {
  text: string;
  said: Said | null;
}

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

export const decisionOf = (turn: Turn): Decision => {
  const { intent, sensitivity, policy_version, reasons, said, largest_micro_usd, candidates, rejected, refused } = turn.decision;
  const asked = object(intent);
  return {
    task: text(asked.task),
    domain: text(asked.domain),
    complexity: number(asked.complexity),
    words: number(asked.words),
    sensitivity: text(object(sensitivity).label) ?? turn.sensitivity,
    entities: Object.keys(object(object(sensitivity).entities)),
    policyVersion: number(policy_version),
    reasons: list(reasons).map((reason, place) => reasonOf(reason, list(said)[place])).filter((reason) => reason !== null),
    largestMicroUsd: number(largest_micro_usd),
    candidates: list(candidates).map(object).map(candidateOf),
    rejected: list(rejected).map(object).map((row) => ({
      model: text(row.model) ?? '', reason: reasonOf(row.reason, row.said) ?? { text: '', said: null },
    })),
    refusal: reasonOf(object(refused).reason, object(refused).said),
  };
};

const reasonOf = (sentence: unknown, said: unknown): Reason | null => {
  const words = text(sentence);
  return words === null ? null : { text: words, said: saidOf(said) };
};

const candidateOf = (row: Json): Candidate => ({
  model: text(row.model) ?? '',
  hosting: row.hosting === 'self_hosted' || row.hosting === 'commercial' ? row.hosting : null,
  quality: number(row.quality),
  estimateMicroUsd: number(row.estimate_micro_usd),
});

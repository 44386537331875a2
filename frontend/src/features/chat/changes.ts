import type { TFunction } from 'i18next';

import { sliceCodePoints } from '@/lib/codePoints';
import type { Change, CheckedFrame } from '@/lib/frames';

import { placeholderOf } from './entities';
import { replaced } from './privacyMarks';

/** `<IBAN_CODE>`, `<PERSON_2>`: what the server would put in the place of a detail. */
const PLACEHOLDER = /^<([A-Z_]+?)(?:_(\d+))?>$/;

/** The same in words of the page's language: "[name 2]". */
const worded = (placeholder: string, t: TFunction): string => {
  const [, type, number] = PLACEHOLDER.exec(placeholder) ?? [];
  if (type === undefined) return placeholder;
  const word = placeholderOf(type, t);
  return number === undefined ? word : `${word.slice(0, -1)} ${number}]`;
};

/** The text with the details that a change removes replaced. */
export const changed = (text: string, change: Change, t: TFunction): string => {
  let result = '';
  let done = 0;
  for (const { start, end, placeholder } of change.spans.toSorted((a, b) => a.start - b.start)) {
    if (start < done) continue;
    result += sliceCodePoints(text, done, start) + worded(placeholder, t);
    done = end;
  }
  return result + sliceCodePoints(text, done);
};

/** One thing that a person can do about a private question, and what it would lead to. */
export interface Offer {
  kinds: readonly string[];
  model: string;
  isInside: boolean;
  costMicroUsd: number | null;
  task: string | null;
  domain: string | null;
  better: -1 | 0 | 1;
  /** It takes out everything that was found. */
  isAll: boolean;
  apply: (text: string, t: TFunction) => string;
}

/** What would change where a question goes, the least loss first. An older server tells only of taking out everything. */
export const offersOf = (frame: CheckedFrame): readonly Offer[] => {
  const found = new Set(frame.spans.map(({ type }) => type));
  if (frame.changes) {
    return frame.changes.map((change) => ({
      kinds: change.remove, model: change.route.model, isInside: change.route.hosting === 'self_hosted',
      costMicroUsd: change.estimate_microusd, task: change.task, domain: change.domain, better: change.better,
      isAll: change.remove.length >= found.size,
      apply: (text: string, t: TFunction) => changed(text, change, t),
    }));
  }
  const { without, route, spans } = frame;
  if (!without || without.model === route?.model || spans.length === 0) return [];
  return [{
    kinds: [...found], model: without.model, isInside: without.hosting === 'self_hosted', costMicroUsd: null, task: null,
    domain: null, better: 0, isAll: true,
    apply: (text, t) => replaced(text, spans, (type) => placeholderOf(type, t)),
  }];
};

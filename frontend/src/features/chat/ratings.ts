import { api } from '@/api/client';
import { Observable } from '@/lib/observable';

export type Verdict = 'up' | 'down';

export const verdictOf = (rating: string | null): Verdict | null => (rating === 'up' || rating === 'down' ? rating : null);

/** What was rated while this page lives; what was before it comes with the messages, to the person who gave it. */
export const ratings = new Observable<ReadonlyMap<string, Verdict>>(new Map());

/** The newest verdict counts: rating once more, with a reason, replaces the first. Rejects when it was not stored. */
export const rate = async (message: string, verdict: Verdict, reason = ''): Promise<void> => {
  await api.POST('/api/v1/messages/{message}/feedback/', { params: { path: { message } }, body: { verdict, reason } });
  ratings.set(new Map([...ratings.get(), [message, verdict]]));
};

const LONGEST = 1_000;

/** Codes stay the same in every language, so that reasons can be counted: "wrong, too_long: It never ends." */
export const reasonOf = (codes: readonly string[], words: string): string =>
  [codes.join(', '), words.trim()].filter(Boolean).join(': ').slice(0, LONGEST);

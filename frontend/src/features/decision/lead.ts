import type { Turn } from '@/api/client';
import { sent, standing } from '@/lib/switches';

/** What the first sentence of a record has to say. */
export interface Lead {
  /** Whose text stands in the answer, in order. */
  wrote: readonly string[];
  /** Models outside that got to see the question. */
  outside: readonly string[];
}

/** Who wrote an answer of several attempts. The last one counts where nothing says that it failed. */
export const leadOf = (turn: Pick<Turn, 'attempts' | 'vote'>): Lead => {
  const asked = sent(turn.attempts);
  const shown = standing(turn);
  const wrote = shown.filter(({ keeps, state }, place) => {
    const next = shown[place + 1];
    return next ? next.keeps > keeps : state !== 'failed';
  });
  const outside = asked.filter(({ hosting, code }) => hosting === 'commercial' && code !== 'refused_by_policy');
  return { wrote: unique(wrote.map(({ model }) => model)), outside: unique(outside.map(({ model }) => model)) };
};

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

import type { Turn } from '@/api/client';

import type { Said } from './said';

/** One model that took over from another: where in the answer, in code points, and why. */
export interface Switch {
  from: string;
  to: string;
  at: number;
  said: Said;
}

type Attempts = Turn['attempts'];

/** What was on its way to a model; one that the turn's end overtook never was. */
export const sent = (attempts: Attempts): Attempts => attempts.filter(({ code }) => code !== 'not_sent');

/** The attempts that stand behind the answer, one after the other: of a vote the winner alone. An answer that was not good
 * enough stands alone where no other model had one. */
export const standing = ({ attempts, vote }: Pick<Turn, 'attempts' | 'vote'>): Attempts => {
  const asked = sent(attempts);
  const afterAll = asked.find(({ state, code }) => state === 'answered' && code === 'not_good_enough');
  if (afterAll) return [afterAll];
  const voted = new Set(vote?.voters.map(({ attempt }) => attempt));
  return asked.filter(({ number }) => number === vote?.winner || !voted.has(number));
};

/** The model that was asked first, which is the one that the decision explains. */
export const firstModel = ({ attempts, model }: Pick<Turn, 'attempts' | 'model'>): string => sent(attempts)[0]?.model ?? model;

const OWN_WORDS: Readonly<Record<string, string>> = {
  refused_by_policy: 'switched_by_rule', not_good_enough: 'switched_by_check',
};

/** Why one model took over from another, `code` being what was wrong with that, as the server would say it. */
export const saidOfSwitch = (source: string, target: string, code: string, at: number): Said => ({
  code: OWN_WORDS[code] ?? (at > 0 ? 'switched_midway' : 'switched_by_fault'),
  params: { source, target, code },
});

/** The switches of a turn, in order, as its record tells them. */
export const switchesOf = (turn: Pick<Turn, 'attempts' | 'vote'>): readonly Switch[] => {
  const asked = standing(turn);
  return asked.slice(1).map(({ model: to, keeps: at }, place) => {
    const { model: from = '', code = '' } = asked[place] ?? {};
    return { from, to, at, said: saidOfSwitch(from, to, code, at) };
  });
};

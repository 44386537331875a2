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

/** The model that was asked first, which is the one that the decision explains. */
export const firstModel = ({ attempts, model }: Pick<Turn, 'attempts' | 'model'>): string => sent(attempts)[0]?.model ?? model;

/** Why one model took over from another, `code` being what was wrong with that, as the server would say it. */
export const saidOfSwitch = (source: string, target: string, code: string, at: number): Said => ({
  code: code === 'refused_by_policy' ? 'switched_by_rule' : at > 0 ? 'switched_midway' : 'switched_by_fault',
  params: { source, target, code },
});

/** The switches of a turn, in order, as its record tells them. */
export const switchesOf = (attempts: Attempts): readonly Switch[] => {
  const asked = sent(attempts);
  return asked.slice(1).map(({ model: to, keeps: at }, place) => {
    const { model: from = '', code = '' } = asked[place] ?? {};
    return { from, to, at, said: saidOfSwitch(from, to, code, at) };
  });
};

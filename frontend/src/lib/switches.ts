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
const sent = (attempts: Attempts): Attempts => attempts.filter(({ code }) => code !== 'not_sent');

/** The model that was asked first, which is the one that the decision explains. */
export const firstModel = ({ attempts, model }: Pick<Turn, 'attempts' | 'model'>): string => sent(attempts)[0]?.model ?? model;

/** The switches of a turn, in order, as its record tells them. */
export const switchesOf = (attempts: Attempts): readonly Switch[] => {
  const asked = sent(attempts);
  return asked.slice(1).map(({ model: to, keeps: at }, place) => {
    const { model: from = '', code = '' } = asked[place] ?? {};
    const params = { source: from, target: to, code };
    const kind = code === 'refused_by_policy' ? 'switched_by_rule' : at > 0 ? 'switched_midway' : 'switched_by_fault';
    return { from, to, at, said: { code: kind, params } };
  });
};

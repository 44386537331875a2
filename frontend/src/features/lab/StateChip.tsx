import type { LabAnswer, Run } from '@/api/lab';
import { Chip } from '@/components/ui/Chip';

import { LOOKS, outcomeOf } from './answers';
import { STATES } from './progress';
import { useLab } from './useLab';

/** Where a run stands. */
export const StateChip = ({ state }: { state: Run['state'] }) => {
  const { t } = useLab();
  return <Chip tone={STATES[state].tone} icon={STATES[state].icon}>{t(`states.${state}`)}</Chip>;
};

/** What came of an answer. */
export const OutcomeChip = ({ answer }: { answer: LabAnswer }) => {
  const { t } = useLab();
  const outcome = outcomeOf(answer);
  return <Chip tone={LOOKS[outcome].tone} icon={LOOKS[outcome].icon}>{t(`answers.outcomes.${outcome}`)}</Chip>;
};

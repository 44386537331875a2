import { useQuery } from '@tanstack/react-query';

import { costsQuery, suiteQuery } from '@/api/lab';
import { Notice } from '@/components/ui/Notice';

import { estimateOf } from './estimate';
import { leastSeconds } from './progress';
import { useDuration, useFigures, useLab } from './useLab';

interface ConsequenceProps {
  suite: string;
  models: readonly string[];
  /** So many questions; without it all of them. */
  sample: number | undefined;
  budget: number;
  rate: number;
}

const VERDICTS = 2;

/** What a run would ask, how long that takes at least, and what it may come to. */
export const Consequence = ({ suite, models, sample, budget, rate }: ConsequenceProps) => {
  const { t, i18n } = useLab();
  const { number, money } = useFigures();
  const lasts = useDuration();
  const found = useQuery(suiteQuery(suite));
  const costs = useQuery(costsQuery);
  if (!found.data) return null;
  const questions = Math.min(sample ?? found.data.questions, found.data.questions);
  const answers = questions * models.length;
  const judged = Math.min(found.data.checks.find(({ name }) => name === 'judge')?.questions ?? 0, questions) * models.length * VERDICTS;
  const time = lasts(leastSeconds(answers, rate));
  const estimate = costs.data && estimateOf(questions, models, costs.data.results);
  const sum = t('start.sum', {
    questions: t('manyQuestions', { count: questions, number: number(questions) }), models: t('start.models', { count: models.length }),
    answers: t('manyAnswers', { count: answers, number: number(answers) }),
  });
  return (
    <Notice tone="neutral" icon="flask" role="status" title={sum}>
      {judged > 0 && `${t('start.judging', { number: number(judged) })} `}
      {time !== null && `${t('start.lasts', { time })} `}
      {estimate && (estimate.unknown === null
        ? t('start.usual', { cost: money(estimate.cost), budget: money(budget) })
        : t('start.unknown', { models: new Intl.ListFormat(i18n.language, { type: 'disjunction' }).format(estimate.unknown), budget: money(budget) }))}
    </Notice>
  );
};

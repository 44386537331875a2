import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { answersQuery, type LabAnswer, type RunDetail } from '@/api/lab';
import { Nothing } from '@/components/ui/AreaPage';
import { SelectField } from '@/components/ui/Field';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';

import { AnswerDialog } from './AnswerDialog';
import { excerpt } from './answers';
import { pageOf, Pager } from './Pager';
import { OutcomeChip } from './StateChip';
import { TaskFilter, taskOf } from './TaskFilter';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

const ONLY = ['all', 'failed', 'wrong'] as const;

interface Search {
  model?: string;
  task?: string;
  only?: string;
  page?: string;
}

/** Every answer of a run. Filters stand in the address, so that a finding can be sent to somebody. */
export const AnswersTab = ({ run, isLive }: { run: RunDetail; isLive: boolean }) => {
  const { t } = useLab();
  const { number } = useFigures();
  const navigate = useNavigate();
  const search: Search = useSearch({ strict: false });
  const [open, setOpen] = useState<string | null>(null);
  const page = pageOf(search.page);
  const task = taskOf(search.task);
  const only = ONLY.find((each) => each === search.only) ?? 'all';
  const model = run.models.find((each) => each === search.model);
  const query = useQuery(answersQuery(run.id, { page, only, ...(model ? { model } : {}), ...(task ? { task } : {}) }, isLive));
  const go = (changes: Search) => {
    const { model: m, task: ta, only: o, page: p }: Search = { ...search, page: '', ...changes };
    const kept = Object.entries({ model: m, task: ta, only: o, page: p }).filter(([, value]) => value);
    void navigate({ to: '/admin/lab', search: { run: run.id, tab: 'answers', ...Object.fromEntries(kept) }, replace: true });
  };
  const answer = query.data?.results.find(({ id }) => id === open);
  return (
    <>
      <div className={styles.filters}>
        <SelectField label={t('model')} value={model ?? ''} onChange={({ target }) => go({ model: target.value })}>
          <option value="">{t('allModels')}</option>
          {run.models.map((each) => <option key={each} value={each}>{each}</option>)}
        </SelectField>
        <TaskFilter task={task} onTask={(next) => go({ task: next ?? '' })} />
        <SelectField label={t('answers.which')} value={only} onChange={({ target }) => go({ only: target.value === 'all' ? '' : target.value })}>
          {ONLY.map((each) => <option key={each} value={each}>{t(`answers.only.${each}`)}</option>)}
        </SelectField>
      </div>
      <Loaded query={query} lines={6}>
        {({ results, count }) => results.length === 0
          ? <Nothing title={t('answers.none')}>{t('answers.noneHint')}</Nothing>
          : (
            <Answers
              answers={results}
              onOpen={({ id }) => setOpen(id)}
              foot={(
                <Pager page={page} count={count} onPage={(next) => go({ page: String(next) })}>
                  {t('manyAnswers', { count, number: number(count) })}
                </Pager>
              )}
            />
          )}
      </Loaded>
      {answer && <AnswerDialog answer={answer} onClose={() => setOpen(null)} />}
    </>
  );
};

const Answers = ({ answers, onOpen, foot }: {
  answers: readonly LabAnswer[]; onOpen: (answer: LabAnswer) => void; foot: React.ReactNode;
}) => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  const { money, duration } = useFigures();
  const columns: Column<LabAnswer>[] = [
    {
      key: 'question', head: t('answers.question'), phone: 'first',
      cell: (answer) => (
        <>
          <button
            type="button" className={styles.link} aria-label={t('answers.openOf', { model: answer.model, question: answer.question })}
            onClick={(event) => {
              event.stopPropagation();
              onOpen(answer);
            }}
          >
            <span className="mono">{answer.question}</span>
          </button>
          <span className={styles.excerpt}>{excerpt(answer.prompt)}</span>
        </>
      ),
    },
    { key: 'model', head: t('model'), phone: 'plain', cell: ({ model }) => <span className="mono">{model}</span> },
    { key: 'task', head: t('task'), phone: 'plain', cell: ({ task }) => words(`tasks.${task as 'coding'}`) },
    { key: 'outcome', head: t('answers.outcome'), phone: 'aside', cell: (answer) => <OutcomeChip answer={answer} /> },
    { key: 'cost', head: t('answers.cost'), isNumber: true, cell: ({ cost_microusd: cost }) => money(cost) },
    { key: 'time', head: t('answers.time'), isNumber: true, cell: ({ duration_ms: whole }) => duration(whole) },
  ];
  return <Table label={t('answers.title')} columns={columns} rows={answers} keyOf={({ id }) => id} onPick={onOpen} foot={foot} />;
};

import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { questionsQuery, suiteQuery, type SuiteDetail, type SuiteQuestion } from '@/api/lab';
import { AreaPage, Card, Nothing } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { Dialog } from '@/components/ui/Dialog';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';

import { excerpt } from './answers';
import { NewRun } from './NewRun';
import { pageOf, Pager } from './Pager';
import { Asked } from './Question';
import { TaskFilter, taskOf } from './TaskFilter';
import { Upload } from './Upload';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** One suite: how its questions are spread, and the questions themselves. */
export const SuitePage = ({ slug }: { slug: string }) => {
  const { t } = useLab();
  const query = useQuery(suiteQuery(slug));
  const [making, setMaking] = useState<'run' | 'suite' | null>(null);
  const suite = query.data;
  const name = suite?.shipped ? t('suites.general') : (suite?.name ?? slug);
  return (
    <AreaPage
      title={name}
      aside={<Link to="/admin/lab" search={{ tab: 'suites' }} className={styles.link}>{t('suites.back')}</Link>}
      actions={suite && (
        <>
          {!suite.shipped && <Button onClick={() => setMaking('suite')}>{t('suites.again')}</Button>}
          <Button kind="primary" icon="plus" onClick={() => setMaking('run')}>{t('runs.start')}</Button>
        </>
      )}
    >
      <Loaded query={query}>{(found) => <Spread suite={found} />}</Loaded>
      {suite && <Questions slug={slug} />}
      {making === 'run' && <NewRun suite={slug} onClose={() => setMaking(null)} />}
      {making === 'suite' && suite && <Upload suite={suite} onClose={() => setMaking(null)} />}
    </AreaPage>
  );
};

const Spread = ({ suite }: { suite: SuiteDetail }) => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  const { number } = useFigures();
  return (
    <Card title={`${t('manyQuestions', { count: suite.questions, number: number(suite.questions) })}, ${t('run.version', { version: suite.version })}`}>
      <dl className={styles.facts}>
        <div>
          <dt>{t('suites.tasks')}</dt>
          <dd className={styles.chips}>
            {suite.tasks.map(({ name, questions }) => (
              <Chip key={name}>{words(`tasks.${name as 'coding'}`)} {number(questions)}</Chip>
            ))}
          </dd>
        </div>
        <div>
          <dt>{t('suites.kinds')}</dt>
          <dd className={styles.chips}>
            {suite.checks.map(({ name, questions }) => (
              <Chip key={name}>{t(`checks.${name as 'exact'}`)} {number(questions)}</Chip>
            ))}
          </dd>
        </div>
        <div>
          <dt>{t('suites.digest')}</dt>
          <dd className={styles.hint}><span className="mono">{suite.digest.slice(0, 16)}</span></dd>
        </div>
      </dl>
    </Card>
  );
};

const Questions = ({ slug }: { slug: string }) => {
  const { t } = useLab();
  const { number } = useFigures();
  const navigate = useNavigate();
  const { page: word, task: named }: { page?: string; task?: string } = useSearch({ strict: false });
  const [open, setOpen] = useState<SuiteQuestion | null>(null);
  const [page, task] = [pageOf(word), taskOf(named)];
  const query = useQuery(questionsQuery(slug, page, task));
  const go = (more: { page?: string; task?: string }) => void navigate({ to: '/admin/lab', search: { suite: slug, ...more }, replace: true });
  return (
    <>
      <div className={styles.filters}>
        <TaskFilter task={task} onTask={(next) => go(next ? { task: next } : {})} />
      </div>
      <Loaded query={query} lines={6}>
        {({ results, count }) => results.length === 0 ? <Nothing title={t('suites.none')} /> : (
          <QuestionTable
            questions={results}
            onOpen={setOpen}
            foot={
              <Pager page={page} count={count} onPage={(next) => go({ ...(task ? { task } : {}), page: String(next) })}>
                {t('manyQuestions', { count, number: number(count) })}
              </Pager>
            }
          />
        )}
      </Loaded>
      {open && (
        <Dialog title={t('suites.openOf', { id: open.id })} onClose={() => setOpen(null)} isWide>
          <div className={styles.detail}><Asked question={open} /></div>
        </Dialog>
      )}
    </>
  );
};

const QuestionTable = ({ questions, onOpen, foot }: {
  questions: readonly SuiteQuestion[]; onOpen: (question: SuiteQuestion) => void; foot: React.ReactNode;
}) => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  const columns: Column<SuiteQuestion>[] = [
    {
      key: 'question', head: t('suites.question'), phone: 'first',
      cell: (question) => (
        <>
          <button
            type="button" className={styles.link} aria-label={t('suites.openOf', { id: question.id })}
            onClick={(event) => {
              event.stopPropagation();
              onOpen(question);
            }}
          >
            <span className="mono">{question.id}</span>
          </button>
          <span className={styles.excerpt} lang={question.language || undefined}>{excerpt(question.prompt)}</span>
        </>
      ),
    },
    { key: 'task', head: t('task'), phone: 'plain', cell: ({ task }) => words(`tasks.${task as 'coding'}`) },
    { key: 'domain', head: t('domain'), phone: 'plain', cell: ({ domain }) => words(`domains.${domain as 'legal'}`) },
    { key: 'check', head: t('suites.check'), phone: 'plain', cell: ({ check }) => t(`checks.${check}`) },
  ];
  return <Table label={t('suites.questions')} columns={columns} rows={questions} keyOf={({ id }) => id} onPick={onOpen} foot={foot} />;
};

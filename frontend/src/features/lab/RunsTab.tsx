import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';

import { doneOf, runsQuery, type Run } from '@/api/lab';
import { Nothing } from '@/components/ui/AreaPage';
import { Bar } from '@/components/ui/Bar';
import { Button } from '@/components/ui/Button';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';

import { pageOf, Pager } from './Pager';
import { StateChip } from './StateChip';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** All runs, the newest first; those that go on move by themselves. */
export const RunsTab = ({ page: word, onStart }: { page: string | undefined; onStart: () => void }) => {
  const { t } = useLab();
  const navigate = useNavigate();
  const figures = useFigures();
  const page = pageOf(word);
  const query = useQuery(runsQuery(page));
  const go = (next: number) => void navigate({ to: '/admin/lab', search: next > 1 ? { page: String(next) } : {}, replace: true });
  return (
    <Loaded query={query} lines={6}>
      {({ results, count }) => results.length === 0
        ? <Nothing title={t('runs.none')} actions={<Button icon="plus" onClick={onStart}>{t('runs.start')}</Button>}>{t('runs.noneHint')}</Nothing>
        : (
          <Runs
            runs={results}
            foot={<Pager page={page} count={count} onPage={go}>{t('runs.count', { count, number: figures.number(count) })}</Pager>}
          />
        )}
    </Loaded>
  );
};

const MANY = 3;

const Runs = ({ runs, foot }: { runs: readonly Run[]; foot: React.ReactNode }) => {
  const { t } = useLab();
  const figures = useFigures();
  const columns: Column<Run>[] = [
    {
      key: 'suite', head: t('runs.suite'), phone: 'first',
      cell: ({ id, suite, version, created_at: at }) => (
        <>
          <Link
            to="/admin/lab" search={{ run: id }} className={styles.link}
            aria-label={t('runs.openOf', { suite, at: figures.time(at) })}
          >
            {suite}
          </Link>
          <span className={styles.hint}>{t('run.version', { version })}</span>
        </>
      ),
    },
    {
      key: 'models', head: t('runs.models'), phone: 'plain',
      cell: ({ models }) => models.length > MANY
        ? t('start.models', { count: models.length })
        : <span className="mono">{models.join(', ')}</span>,
    },
    { key: 'state', head: t('runs.state'), phone: 'aside', cell: (run) => <StateChip state={run.state} /> },
    {
      key: 'progress', head: t('runs.progress'), phone: 'plain',
      cell: (run) => (
        <div className={styles.bar}>
          <span>{figures.number(doneOf(run))} / {figures.number(run.total)}</span>
          <Bar share={run.total === 0 ? 0 : doneOf(run) / run.total} />
        </div>
      ),
    },
    { key: 'cost', head: t('runs.cost'), isNumber: true, cell: ({ cost_microusd: cost }) => figures.money(cost) },
    {
      key: 'by', head: t('runs.by'), phone: 'none',
      cell: ({ scheduled, started_by: by }) => (scheduled ? t('runs.canaries') : by || t('runs.somebody')),
    },
    { key: 'at', head: t('runs.at'), phone: 'plain', cell: ({ created_at: at }) => <span className={styles.time}>{figures.time(at)}</span> },
  ];
  return <Table label={t('tabs.runs')} columns={columns} rows={runs} keyOf={({ id }) => id} foot={foot} />;
};

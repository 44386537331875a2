import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Result } from '@/api/lab';
import { Card, Nothing } from '@/components/ui/AreaPage';
import { SelectField } from '@/components/ui/Field';
import { Table, type Column } from '@/components/ui/Table';

import { Interval } from './Interval';
import { leaders, linesOf, matrixOf, modelsOf, OVERALL, tasksOf, type TaskRow } from './results';
import { useFigures, useLab } from './useLab';

import styles from './Lab.module.css';

/** What the run says of each model, over all questions or one task; and all tasks side by side. */
export const ResultsTab = ({ results }: { results: readonly Result[] }) => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  const nameOf = (task: string) => (task === OVERALL ? t('results.everything') : words(`tasks.${task as 'coding'}`));
  const [wanted, setWanted] = useState(OVERALL);
  const tasks = tasksOf(results, nameOf);
  if (results.every(({ mean }) => mean === null)) return <Nothing title={t('results.none')}>{t('results.noneHint')}</Nothing>;
  const lines = linesOf(results, wanted);
  return (
    <>
      <Card title={t('results.title')}>
        <div className={styles.over}>
          <Lead lines={lines} />
          {tasks.length > 1 && (
            <SelectField label={t('results.over')} value={wanted} onChange={({ target }) => setWanted(target.value)}>
              {[OVERALL, ...tasks].map((task) => <option key={task} value={task}>{nameOf(task)}</option>)}
            </SelectField>
          )}
        </div>
        <Models lines={lines} />
      </Card>
      {tasks.length > 1 && <ByTask rows={matrixOf(results, tasks)} models={modelsOf(results)} nameOf={nameOf} />}
    </>
  );
};

/** Who is best, where the run shows a difference. */
const Lead = ({ lines }: { lines: readonly Result[] }) => {
  const { t, i18n } = useLab();
  const best = leaders(lines);
  if (best.length === 0) return <p />;
  const names = new Intl.ListFormat(i18n.language).format(best);
  return <p className={styles.lead}>{best.length === 1 ? t('results.best', { model: names }) : t('results.alike', { models: names })}</p>;
};

const Models = ({ lines }: { lines: readonly Result[] }) => {
  const { t } = useLab();
  const { hundredth, number, money, duration } = useFigures();
  const columns: Column<Result>[] = [
    { key: 'model', head: t('model'), phone: 'first', cell: ({ model }) => <span className="mono">{model}</span> },
    {
      key: 'quality', head: t('results.quality'), phone: 'aside',
      cell: ({ mean, low, high }) => mean === null ? t('none') : (
        <span className={styles.quality}>
          <Interval mean={mean} low={low} high={high} />
          <b>{hundredth(mean)}</b>
        </span>
      ),
    },
    {
      key: 'interval', head: t('results.interval'), isNumber: true,
      cell: ({ mean, low, high }) => (mean === null ? t('none') : t('results.range', { low: hundredth(low), high: hundredth(high) })),
    },
    { key: 'n', head: t('results.checked'), isNumber: true, cell: ({ n }) => number(n) },
    { key: 'missing', head: t('results.missing'), isNumber: true, cell: ({ failed, skipped }) => number(failed + skipped) },
    { key: 'cost', head: t('results.cost'), isNumber: true, cell: ({ cost_microusd: cost }) => money(cost) },
    { key: 'first', head: t('results.first'), isNumber: true, cell: ({ first_token_ms: first }) => duration(first) },
    { key: 'whole', head: t('results.whole'), isNumber: true, cell: ({ duration_ms: whole }) => duration(whole) },
  ];
  return <Table label={t('results.title')} columns={columns} rows={lines} keyOf={({ model }) => model} foot={<span>{t('results.foot')}</span>} />;
};

const ByTask = ({ rows, models, nameOf }: { rows: readonly TaskRow[]; models: readonly string[]; nameOf: (task: string) => string }) => {
  const { t } = useLab();
  const { hundredth, number } = useFigures();
  const columns: Column<TaskRow>[] = [
    { key: 'task', head: t('task'), phone: 'first', cell: ({ task }) => nameOf(task) },
    ...models.map((model): Column<TaskRow> => ({
      key: model, head: model, isNumber: true,
      cell: ({ cells }) => {
        const cell = cells.get(model);
        const mean = cell?.mean ?? null;
        if (!cell || mean === null) return t('none');
        return (
          <>
            <b>{hundredth(mean)}</b>{' '}
            <span className={styles.quiet}>{t('results.inIt', { low: hundredth(cell.low), high: hundredth(cell.high) })}</span>
            <span className={styles.hint}>{t('manyAnswers', { count: cell.n, number: number(cell.n) })}</span>
          </>
        );
      },
    })),
  ];
  return (
    <Card title={t('results.byTask')}>
      <Table label={t('results.byTask')} columns={columns} rows={rows} keyOf={({ task }) => task} foot={<span>{t('results.byTaskFoot')}</span>} />
    </Card>
  );
};

import type { Estimate, ModelProfile } from '@/api/models';
import { Card } from '@/components/ui/AreaPage';
import { Table, type Column } from '@/components/ui/Table';

import { Details } from './Details';
import { Interval } from './Interval';
import { estimateOf, inHundred, isPrior, QUALITIES, spreadOf, type Quality } from './profiles';
import { useShow } from './show';

import styles from './Models.module.css';

interface Row extends Estimate {
  key: Quality;
}

/** One small chart for each kind of question, all with the same line. */
export const TaskMultiples = ({ profile, isChanged }: { profile: ModelProfile; isChanged: boolean }) => {
  const { t, taskName, samples } = useShow();
  const rows = QUALITIES.flatMap((key): Row[] => {
    const estimate = estimateOf(profile, key);
    return estimate ? [{ ...estimate, key }] : [];
  });
  const spread = spreadOf(profile);
  const range = ({ low, high }: Estimate): string => t('range', { low: inHundred(low), high: inHundred(high) });
  const count = (row: Row): string => (isPrior(row) ? t('noData') : samples(row.samples));
  const columns: Column<Row>[] = [
    { key: 'task', head: t('task'), phone: 'first', cell: ({ key }) => taskName(key) },
    { key: 'quality', head: t('quality'), isNumber: true, phone: 'aside', cell: ({ quality }) => inHundred(quality) },
    { key: 'interval', head: t('interval'), isNumber: true, cell: range },
    { key: 'prior', head: t('prior'), isNumber: true, cell: ({ prior }) => inHundred(prior) },
    { key: 'samples', head: t('samples'), isNumber: true, cell: count },
  ];
  return (
    <Card title={t('byTask')}>
      <figure className={styles.figure}>
        <div className={styles.tiles}>
          {rows.map((row) => (
            <div key={row.key} className={styles.tile} data-task={row.key}>
              <p className={styles.tileHead}><span>{taskName(row.key)}</span><b>{inHundred(row.quality)}</b></p>
              <Interval estimate={row} hasNotch isChanged={isChanged && row.key === 'overall'} />
              <p>{range(row)}{', '}{count(row)}</p>
            </div>
          ))}
        </div>
        <figcaption>
          {spread && t(spread.measured === 0 ? 'byTaskPrior' : 'byTaskCaption', {
            best: taskName(spread.best.task), most: inHundred(spread.best.quality), worst: taskName(spread.worst.task),
            least: inHundred(spread.worst.quality), measured: spread.measured, all: spread.all,
          })}{' '}
          {t('byTaskHint')}
        </figcaption>
      </figure>
      <Details what={t('byTask')}>
        <Table label={t('byTask')} columns={columns} rows={rows} keyOf={({ key }) => key} />
      </Details>
    </Card>
  );
};

import type { ModelProfile } from '@/api/models';
import { Card } from '@/components/ui/AreaPage';
import { Table, type Column } from '@/components/ui/Table';
import { seconds } from '@/lib/format';

import { Details } from './Details';
import { waitsOf } from './profiles';
import { roundAbove, scale } from './scales';
import { exactSeconds, useShow } from './show';

import styles from './WaitChart.module.css';

type Wait = NonNullable<ReturnType<typeof waitsOf>>['waits'][number];
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** How long each model keeps one waiting for its first word: half of the answers, and 95 %. */
export const WaitChart = ({ profiles }: { profiles: readonly ModelProfile[] }) => {
  const { t, language } = useShow();
  const found = waitsOf(profiles);
  if (!found) return null;
  const { waits, fastest, slowest } = found;
  const greatest = roundAbove(slowest.late);
  const at = scale([0, greatest], [0, 100]);
  const second = (value: number): string => seconds(value, language);
  const caption = t('waitsCaption', {
    count: waits.length, fastest: fastest.model, half: second(fastest.half), slowest: slowest.model, longest: second(slowest.late),
  });
  const columns: Column<Wait>[] = [
    { key: 'model', head: t('model'), phone: 'first', cell: ({ model }) => <span className="mono">{model}</span> },
    { key: 'half', head: t('waitsHalf'), isNumber: true, cell: ({ half }) => second(half) },
    { key: 'late', head: t('waitsLate'), isNumber: true, cell: ({ late }) => second(late) },
  ];
  return (
    <Card title={t('waits')} actions={<span className={styles.hint}>{t('waitsHint')}</span>}>
      <figure className={styles.chart}>
        <div className={styles.rows} aria-hidden="true">
          {waits.map(({ model, half, late }) => (
            <div key={model} className={styles.row}>
              <span className={`${styles.model ?? ''} mono`}>{model}</span>
              <svg className={styles.bar}>
                {TICKS.map((share) => <line key={share} className={styles.grid} x1={`${share * 100}%`} x2={`${share * 100}%`} y1="0" y2="100%" />)}
                <line className={styles.span} x1={`${at(half)}%`} x2={`${at(late)}%`} y1="50%" y2="50%" />
                <line className={styles.end} x1={`${at(late)}%`} x2={`${at(late)}%`} y1="25%" y2="75%" />
                <circle className={styles.dot} cx={`${at(half)}%`} cy="50%" r="5" />
              </svg>
              <span className={styles.late}>{second(late)}</span>
            </div>
          ))}
          <div className={styles.row}>
            <span />
            <span className={styles.axis}>{TICKS.map((share) => <span key={share}>{exactSeconds(share * greatest, language)}</span>)}</span>
            <span />
          </div>
        </div>
        <figcaption>{caption}</figcaption>
      </figure>
      <Details what={t('waits')}>
        <Table label={t('waits')} columns={columns} rows={waits} keyOf={({ model }) => model} />
      </Details>
    </Card>
  );
};

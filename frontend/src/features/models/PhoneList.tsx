import type { ModelProfile } from '@/api/models';
import { Table, type Column } from '@/components/ui/Table';

import { Interval, Key } from './Interval';
import { ModelName } from './ModelName';
import { estimateOf, FIGURES, inHundred, isPrior, isQuality, type ColumnKey } from './profiles';
import { useShow } from './show';
import type { ShownProfiles } from './shown';

import styles from './Models.module.css';

interface PhoneListProps extends ShownProfiles {
  current: ColumnKey;
}

/** On a narrow screen: one kind of question at a time, a wide line for each model, and its figures below. */
export const PhoneList = ({ profiles, changed, current }: PhoneListProps) => {
  const { t, head, figure, samples } = useShow();
  const shown = isQuality(current) ? current : 'overall';
  const columns: Column<ModelProfile>[] = [
    { key: 'model', head: head('model'), phone: 'first', cell: (profile) => <ModelName profile={profile} isChanged={changed.has(profile.model)} /> },
    {
      key: 'quality', head: t('quality'), phone: 'aside',
      cell: (profile) => <span className={styles.large}>{inHundred(estimateOf(profile, shown)?.quality ?? 0)}</span>,
    },
    {
      key: 'line', head: head(shown), phone: 'plain',
      cell: (profile) => {
        const estimate = estimateOf(profile, shown);
        if (!estimate) return t('unknown');
        return (
          <span className={styles.wide}>
            <Interval estimate={estimate} isChanged={changed.has(profile.model) && shown === 'overall'} />
            <span>
              {t('interval')} {t('range', { low: inHundred(estimate.low), high: inHundred(estimate.high) })}
              {', '}{isPrior(estimate) ? t('noData') : samples(estimate.samples)}
            </span>
          </span>
        );
      },
    },
    ...FIGURES.map((key) => ({ key, head: head(key), cell: (profile: ModelProfile) => figure(profile, key) ?? '–' })),
  ];
  return (
    <div className={styles.phone}>
      <Table
        label={t('matrix')} columns={columns} rows={profiles} keyOf={({ model }) => model}
        foot={<><span>{t('legend')}</span> <span><Key look="ring" />{t('legendRing')}</span></>}
      />
    </div>
  );
};

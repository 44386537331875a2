import type { ModelProfile } from '@/api/models';
import { Table, type Column } from '@/components/ui/Table';

import { ModelName } from './ModelName';
import { estimateOf, FIGURES, inHundred, isPrior, QUALITIES, type ColumnKey, type Quality } from './profiles';
import { useShow } from './show';
import type { ShownProfiles } from './shown';

interface PlainTableProps extends ShownProfiles {
  /** Where rows become several lines the heads are out of sight, and nobody could see the focus on them. */
  hasHeads: boolean;
}

/** The same as the matrix, in figures. */
export const PlainTable = ({ profiles, changed, sortOf, hasHeads }: PlainTableProps) => {
  const { t, head, figure } = useShow();
  const estimated = (profile: ModelProfile, key: Quality): string => {
    const estimate = estimateOf(profile, key);
    if (!estimate) return t('unknown');
    const [quality, low, high] = [estimate.quality, estimate.low, estimate.high].map(inHundred);
    return t(isPrior(estimate) ? 'tablePrior' : 'tableCell', { quality, low, high });
  };
  const sorting = (key: ColumnKey) => (hasHeads ? { sort: sortOf(key) } : {});
  const columns: Column<ModelProfile>[] = [
    {
      key: 'model', head: head('model'), phone: 'first', ...sorting('model'),
      cell: (profile) => <ModelName profile={profile} isChanged={changed.has(profile.model)} />,
    },
    ...QUALITIES.map((key) => ({ key, head: head(key), isNumber: true, ...sorting(key), cell: (profile: ModelProfile) => estimated(profile, key) })),
    ...FIGURES.map((key) => ({ key, head: head(key), isNumber: true, ...sorting(key), cell: (profile: ModelProfile) => figure(profile, key) ?? t('unknown') })),
  ];
  const foot = <><span>{t('tableHint')}</span> <span>{t('figuresHint')}</span></>;
  return <Table label={t('matrix')} columns={columns} rows={profiles} keyOf={({ model }) => model} foot={foot} />;
};

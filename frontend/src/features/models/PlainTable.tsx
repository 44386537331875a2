import type { ModelProfile } from '@/api/models';
import { Table, type Column } from '@/components/ui/Table';

import { ModelName } from './ModelName';
import { estimateOf, FIGURES, inHundred, isPrior, QUALITIES, type Quality } from './profiles';
import type { ShownProfiles } from './ProfilesTab';
import { useShow } from './show';

/** The same as the matrix, in figures. */
export const PlainTable = ({ profiles, changed, sortOf }: ShownProfiles) => {
  const { t, head, figure } = useShow();
  const estimated = (profile: ModelProfile, key: Quality): string => {
    const estimate = estimateOf(profile, key);
    if (!estimate) return t('unknown');
    const [quality, low, high] = [estimate.quality, estimate.low, estimate.high].map(inHundred);
    return t(isPrior(estimate) ? 'tablePrior' : 'tableCell', { quality, low, high });
  };
  const columns: Column<ModelProfile>[] = [
    {
      key: 'model', head: head('model'), phone: 'first', sort: sortOf('model'),
      cell: (profile) => <ModelName profile={profile} isChanged={changed.has(profile.model)} />,
    },
    ...QUALITIES.map((key) => ({ key, head: head(key), isNumber: true, sort: sortOf(key), cell: (profile: ModelProfile) => estimated(profile, key) })),
    ...FIGURES.map((key) => ({ key, head: head(key), isNumber: true, sort: sortOf(key), cell: (profile: ModelProfile) => figure(profile, key) ?? t('unknown') })),
  ];
  const foot = <><span>{t('tableHint')}</span> <span>{t('figuresHint')}</span></>;
  return <Table label={t('matrix')} columns={columns} rows={profiles} keyOf={({ model }) => model} foot={foot} />;
};

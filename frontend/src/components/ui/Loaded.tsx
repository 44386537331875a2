import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { clockTime } from '@/lib/dates';

import { Failure } from './Failure';
import { Notice } from './Notice';
import { Skeleton } from './Skeleton';

interface Query<Data> {
  data: Data | undefined;
  error: Error | null;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

/** What a query brought, or that it is on its way, or why it did not come. Old figures say how old they are. */
export const Loaded = <Data,>({ query, lines = 4, children }: {
  query: Query<Data>; lines?: number; children: (data: Data) => ReactNode;
}) => {
  const { t, i18n } = useTranslation();
  const { data, error, dataUpdatedAt, refetch } = query;
  if (data === undefined) {
    return error ? <Failure error={error} onRetry={() => void refetch()} /> : <Skeleton label={t('area.loading')} lines={lines} />;
  }
  return (
    <>
      {error && (
        <Notice tone="warn" icon="clock" role="status" title={t('area.stale', { time: clockTime(dataUpdatedAt, i18n.language) })}>
          {t('area.offlineHint')}
        </Notice>
      )}
      {children(data)}
    </>
  );
};

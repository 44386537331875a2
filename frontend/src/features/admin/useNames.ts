import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { everybodyQuery, teamsQuery } from '@/api/admin';
import { may, useMe } from '@/api/me';

/** Teams by their names; null is the whole company. */
export const useTeamName = (): ((team: number | null) => string) => {
  const { t } = useTranslation();
  const me = useMe();
  const { data } = useQuery({ ...teamsQuery, enabled: may(me, 'teams.read') });
  const names = useMemo(() => new Map(data?.map(({ id, name }) => [id, name])), [data]);
  return (team) => (team === null ? t('admin.company') : (names.get(team) ?? t('admin.unknownTeam', { id: team })));
};

/** People by their names. */
export const usePersonName = (): ((user: number) => string) => {
  const { t } = useTranslation();
  const me = useMe();
  const { data } = useQuery({ ...everybodyQuery, enabled: may(me, 'people.read') });
  const names = useMemo(() => new Map(data?.map(({ id, name }) => [id, name])), [data]);
  return (user) => names.get(user) ?? t('admin.unknownPerson', { id: user });
};

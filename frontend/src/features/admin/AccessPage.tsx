import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { teamKeysQuery, teamsQuery } from '@/api/admin';
import { isAlive, revokeKey, type Key } from '@/api/usage';
import { AreaPage, Nothing } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { Confirm } from '@/components/ui/Confirm';
import { SelectField } from '@/components/ui/Field';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';
import { day } from '@/lib/dates';
import { showToast } from '@/lib/toasts';

import { usePersonName, useTeamName } from './useNames';

import styles from './Admin.module.css';

/** The keys of the teams that one administers: whose, for what, and an end to each. */
export const AccessPage = () => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const search: { team?: string } = useSearch({ strict: false });
  const query = useQuery(teamKeysQuery);
  const teams = useQuery(teamsQuery);
  const [revoked, setRevoked] = useState<Key | null>(null);
  const revoking = useMutation({
    mutationFn: (key: Key) => revokeKey(key.id),
    onSuccess: (_, key) => {
      showToast(t('settings.revoked', { name: key.name }));
      setRevoked(null);
      return client.invalidateQueries({ queryKey: ['keys'] });
    },
  });
  return (
    <AreaPage title={t('area.titles.access')} aside={t('admin.access.hint')}>
      <div className={styles.search}>
        <SelectField
          label={t('admin.team')} value={search.team ?? ''}
          onChange={({ target }) => void navigate({ to: '/admin/access', search: target.value === '' ? {} : { team: target.value }, replace: true })}
        >
          <option value="">{t('admin.access.allTeams')}</option>
          {(teams.data ?? []).map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </SelectField>
      </div>
      <Loaded query={query} lines={6}>
        {(keys) => {
          const shown = keys.filter(({ team }) => search.team === undefined || String(team) === search.team);
          if (shown.length === 0) return <Nothing title={t('admin.access.none')}>{t('admin.access.noneHint')}</Nothing>;
          return (
            <KeyTable
              keys={shown}
              onRevoke={(key) => {
                revoking.reset();
                setRevoked(key);
              }}
            />
          );
        }}
      </Loaded>
      {revoked && (
        <Confirm
          title={t('settings.revokeTitle', { name: revoked.name })} act={t('settings.revoke')} isBusy={revoking.isPending}
          failure={revoking.error} onConfirm={() => revoking.mutate(revoked)} onClose={() => setRevoked(null)}
        >
          {t('settings.revokeHint')}
        </Confirm>
      )}
    </AreaPage>
  );
};

const KeyTable = ({ keys, onRevoke }: { keys: readonly Key[]; onRevoke: (key: Key) => void }) => {
  const { t, i18n } = useTranslation();
  const personName = usePersonName();
  const teamName = useTeamName();
  const [now] = useState(() => Date.now());
  const columns: Column<Key>[] = [
    {
      key: 'name', head: t('settings.name'), phone: 'first',
      cell: (key) => (
        <>
          <span className={styles.strong}>{key.name}</span> <span className="mono">{key.prefix}…</span>
          <span className={styles.hint}>{key.scopes.map((scope) => t(`settings.scopes.${scope}`)).join(' · ')}</span>
        </>
      ),
    },
    { key: 'user', head: t('admin.access.owner'), phone: 'plain', cell: (key) => personName(key.user) },
    { key: 'team', head: t('admin.team'), phone: 'plain', cell: (key) => (key.team === null ? t('admin.access.noTeam') : teamName(key.team)) },
    { key: 'used', head: t('settings.lastUsed'), cell: (key) => (key.last_used_at ? day(key.last_used_at, i18n.language) : t('settings.never')) },
    { key: 'ends', head: t('settings.expires'), cell: (key) => (key.expires_at ? day(key.expires_at, i18n.language) : t('settings.neverEnds')) },
    {
      key: 'acts', head: t('settings.acts'), isMute: true, isNumber: true, phone: 'aside',
      cell: (key) =>
        isAlive(key, now)
          ? <Button size="small" aria-label={t('settings.revokeTitle', { name: key.name })} onClick={() => onRevoke(key)}>{t('settings.revoke')}</Button>
          : <Chip icon="lock">{t(key.revoked_at === null ? 'settings.expired' : 'settings.isRevoked')}</Chip>,
    },
  ];
  return <Table label={t('area.titles.access')} columns={columns} rows={keys} keyOf={({ id }) => id} />;
};

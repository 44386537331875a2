import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { teamsQuery, type Team } from '@/api/admin';
import { Nothing } from '@/components/ui/AreaPage';
import { Chip } from '@/components/ui/Chip';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';

import { TeamDetail } from './TeamDetail';

import styles from './Admin.module.css';

export const TeamsTab = ({ team }: { team: number | null }) => {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const query = useQuery(teamsQuery);
  const open = (id: number) => void navigate({ to: '/admin/people', search: { tab: 'teams', team: String(id) }, replace: true });
  const columns: Column<Team>[] = [
    {
      key: 'name', head: t('admin.team'), phone: 'first',
      cell: ({ id, name, slug }) => (
        <button type="button" className={styles.pick} aria-current={id === team ? true : undefined} onClick={() => open(id)}>
          <span>{name} <span className="mono">{slug}</span></span>
        </button>
      ),
    },
    {
      key: 'state', head: t('admin.state'), phone: 'aside',
      cell: ({ active }) => active ? <Chip tone="ok" icon="check">{t('admin.active')}</Chip> : <Chip tone="warn" icon="lock">{t('admin.suspended')}</Chip>,
    },
  ];
  return (
    <Loaded query={query}>
      {(teams) => {
        const chosen = teams.find(({ id }) => id === team) ?? teams[0];
        if (!chosen) return <Nothing title={t('admin.teams.none')}>{t('admin.teams.noneHint')}</Nothing>;
        return (
          <div className={styles.split}>
            <Table label={t('admin.teams.tab')} columns={columns} rows={teams} keyOf={({ id }) => id} current={chosen.id} />
            <TeamDetail key={chosen.id} team={chosen} />
          </div>
        );
      }}
    </Loaded>
  );
};

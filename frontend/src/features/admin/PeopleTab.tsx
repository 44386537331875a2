import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { PEOPLE_A_PAGE, peopleQuery, type Person } from '@/api/admin';
import { may, useMe } from '@/api/me';
import { Nothing } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';
import { TextField } from '@/components/ui/Field';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';
import { count as counted } from '@/lib/dates';

import { useTeamName } from './useNames';

import styles from './Admin.module.css';

export const PeopleTab = ({ q, page, onChange }: { q: string; page: number; onChange: (person: Person) => void }) => {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const query = useQuery(peopleQuery({ search: q, page }));
  const go = (search: { q?: string; page?: string }) => void navigate({ to: '/admin/people', search, replace: true });
  const words = q === '' ? {} : { q };
  return (
    <>
      <div className={styles.search}>
        <TextField
          label={t('admin.people.search')} type="search" autoComplete="off" value={q}
          onChange={({ target }) => go(target.value === '' ? {} : { q: target.value })}
        />
      </div>
      <Loaded query={query} lines={6}>
        {({ results, count }) => {
          const pages = Math.max(1, Math.ceil(count / PEOPLE_A_PAGE));
          if (results.length === 0) return <Nothing title={t('admin.people.none')}>{t('admin.people.noneHint')}</Nothing>;
          return (
            <PeopleTable
              people={results}
              onChange={onChange}
              foot={
                <>
                  <span role="status">{t('admin.people.count', { count, shown: counted(count, i18n.language) })}</span>
                  {pages > 1 && (
                    <nav className={styles.pager} aria-label={t('admin.pages')}>
                      <Button size="small" disabled={page <= 1} onClick={() => go({ ...words, page: String(page - 1) })}>{t('admin.before')}</Button>
                      <span>{t('admin.pageOf', { page, pages })}</span>
                      <Button size="small" disabled={page >= pages} onClick={() => go({ ...words, page: String(page + 1) })}>{t('admin.next')}</Button>
                    </nav>
                  )}
                </>
              }
            />
          );
        }}
      </Loaded>
    </>
  );
};

const PeopleTable = ({ people, onChange, foot }: {
  people: readonly Person[]; onChange: (person: Person) => void; foot: React.ReactNode;
}) => {
  const { t } = useTranslation();
  const me = useMe();
  const teamName = useTeamName();
  const columns: Column<Person>[] = [
    {
      key: 'name', head: t('admin.name'), phone: 'first',
      cell: (person) => (
        <>
          <span className={styles.strong}>{person.name}{person.id === me.id ? ` (${t('admin.you')})` : ''}</span>
          <span className={styles.hint}>{person.email}</span>
        </>
      ),
    },
    { key: 'role', head: t('admin.role'), phone: 'plain', cell: (person) => t(`admin.roles.${person.role}`) },
    {
      key: 'teams', head: t('admin.teams.tab'), phone: 'plain',
      cell: (person) =>
        person.memberships.map(({ team, admin }) => (admin ? t('admin.leads', { team: teamName(team) }) : teamName(team))).join(', '),
    },
    {
      key: 'state', head: t('admin.state'), phone: 'aside',
      cell: (person) =>
        person.active ? <Chip tone="ok" icon="check">{t('admin.active')}</Chip> : <Chip icon="lock">{t('admin.inactive')}</Chip>,
    },
    ...(may(me, 'people.write')
      ? [{
          key: 'acts', head: t('settings.acts'), isMute: true, isNumber: true, phone: 'plain' as const,
          cell: (person: Person) => (
            <Button size="small" aria-label={t('admin.changeOf', { name: person.name })} onClick={() => onChange(person)}>{t('admin.change')}</Button>
          ),
        }]
      : []),
  ];
  return <Table label={t('admin.people.tab')} columns={columns} rows={people} keyOf={({ id }) => id} foot={foot} />;
};

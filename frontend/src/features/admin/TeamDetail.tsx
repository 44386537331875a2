import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changePerson, changeTeam, peopleQuery, type Person, type Team } from '@/api/admin';
import { may, useMe } from '@/api/me';
import { Card } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Combobox } from '@/components/ui/Combobox';
import { Confirm } from '@/components/ui/Confirm';
import { Dialog } from '@/components/ui/Dialog';
import { Failure } from '@/components/ui/Failure';
import { Loaded } from '@/components/ui/Loaded';
import { Table, type Column } from '@/components/ui/Table';
import { showToast } from '@/lib/toasts';

import { seated } from './person';
import { TeamForm } from './TeamForm';
import { useRefreshPeople } from './useRefresh';

import styles from './Admin.module.css';

interface Seating {
  person: Person;
  isIn: boolean;
  admin: boolean;
  words: string;
}

/** One team: its members, who administers it, its models, and whether it may act. */
export const TeamDetail = ({ team }: { team: Team }) => {
  const { t } = useTranslation();
  const me = useMe();
  const refresh = useRefreshPeople();
  const [open, setOpen] = useState<'change' | 'switch' | null>(null);
  const query = useQuery(peopleQuery({ team: team.id }));
  const mayAdd = may(me, 'memberships.write');
  const close = () => setOpen(null);
  const seating = useMutation({
    mutationFn: ({ person, isIn, admin }: Seating) =>
      changePerson(person.id, { memberships: seated(person.memberships, team.id, isIn, admin) }),
    onSuccess: (_, { words }) => {
      showToast(words);
      return refresh();
    },
  });
  const switching = useMutation({
    mutationFn: () => changeTeam(team.id, { active: !team.active }),
    onSuccess: () => {
      showToast(t(team.active ? 'admin.teams.suspended' : 'admin.teams.resumed', { name: team.name }));
      close();
      return refresh();
    },
  });
  const actions = may(me, 'teams.write') && (
    <div className={styles.buttons}>
      <Button size="small" icon="pen" onClick={() => setOpen('change')}>{t('admin.change')}</Button>
      <Button size="small" onClick={() => { switching.reset(); setOpen('switch'); }}>{t(team.active ? 'admin.teams.suspend' : 'admin.teams.resume')}</Button>
    </div>
  );
  return (
    <Card title={team.name} actions={actions}>
      <p className={styles.hint}>
        {team.models === null ? t('admin.teams.allModels') : t('admin.teams.someModels', { models: team.models.join(', ') })}
      </p>
      {seating.error && <Failure error={seating.error} />}
      <Loaded query={query}>
        {({ results, count }) => (
          <>
            <Members team={team} people={results} more={count - results.length} onSeat={(each) => seating.mutate(each)} />
            {mayAdd && (
              <AddMember
                key={count}
                team={team}
                onAdd={(person) => seating.mutate({ person, isIn: true, admin: false, words: t('admin.teams.added', { name: person.name, team: team.name }) })}
              />
            )}
          </>
        )}
      </Loaded>
      {open === 'change' && (
        <Dialog title={team.name} onClose={close}>
          <TeamForm team={team} onSaved={({ name }) => { showToast(t('admin.saved', { name })); close(); void refresh(); }} onCancel={close} />
        </Dialog>
      )}
      {open === 'switch' && (
        <Confirm
          title={t(team.active ? 'admin.teams.suspendTitle' : 'admin.teams.resumeTitle', { name: team.name })}
          act={t(team.active ? 'admin.teams.suspend' : 'admin.teams.resume')}
          isBusy={switching.isPending} failure={switching.error} onConfirm={() => switching.mutate()} onClose={close}
        >
          {t(team.active ? 'admin.teams.suspendHint' : 'admin.teams.resumeHint')}
        </Confirm>
      )}
    </Card>
  );
};

const Members = ({ team, people, more, onSeat }: {
  team: Team; people: readonly Person[]; more: number; onSeat: (seating: Seating) => void;
}) => {
  const { t } = useTranslation();
  const me = useMe();
  const leads = (person: Person) => person.memberships.some((seat) => seat.team === team.id && seat.admin);
  if (people.length === 0) return <p>{t('admin.teams.empty')}</p>;
  const columns: Column<Person>[] = [
    {
      key: 'name', head: t('admin.name'), phone: 'first',
      cell: ({ name, email }) => <><span className={styles.strong}>{name}</span><span className={styles.hint}>{email}</span></>,
    },
    { key: 'lead', head: t('admin.role'), phone: 'plain', cell: (person) => t(leads(person) ? 'admin.teams.admin' : 'admin.teams.member') },
    ...(may(me, 'memberships.write')
      ? [{
          key: 'acts', head: t('settings.acts'), isMute: true, isNumber: true, phone: 'plain' as const,
          cell: (person: Person) => {
            const isLead = leads(person);
            const words = { name: person.name, team: team.name };
            return (
              <div className={styles.buttons}>
                <Button
                  size="small"
                  aria-label={t(isLead ? 'admin.teams.demoteOf' : 'admin.teams.promoteOf', words)}
                  onClick={() => onSeat({ person, isIn: true, admin: !isLead, words: t(isLead ? 'admin.teams.demoted' : 'admin.teams.promoted', words) })}
                >
                  {t(isLead ? 'admin.teams.demote' : 'admin.teams.promote')}
                </Button>
                <Button
                  size="small"
                  aria-label={t('admin.teams.removeOf', words)}
                  onClick={() => onSeat({ person, isIn: false, admin: false, words: t('admin.teams.gone', words) })}
                >
                  {t('admin.teams.remove')}
                </Button>
              </div>
            );
          },
        }]
      : []),
  ];
  return (
    <Table
      label={t('admin.teams.members', { team: team.name })} columns={columns} rows={people} keyOf={({ id }) => id}
      foot={more > 0 && <span>{t('admin.teams.more', { count: more })}</span>}
    />
  );
};

const SUGGESTED = 6;

const AddMember = ({ team, onAdd }: { team: Team; onAdd: (person: Person) => void }) => {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const { data } = useQuery({ ...peopleQuery({ search: typed.trim() }), enabled: typed.trim() !== '' });
  const found = typed.trim() === ''
    ? []
    : (data?.results ?? []).filter((person) => !person.memberships.some((seat) => seat.team === team.id)).slice(0, SUGGESTED);
  return (
    <div className={styles.add}>
      <Combobox
        label={t('admin.teams.add', { team: team.name })}
        placeholder={t('admin.teams.addHint')}
        value={typed}
        onValue={setTyped}
        options={found.map((person) => ({ id: String(person.id), label: person.name, hint: person.email, person }))}
        onPick={({ person }) => {
          setTyped('');
          onAdd(person);
        }}
        status={typed.trim() === '' ? '' : t('admin.teams.found', { count: found.length })}
      />
    </div>
  );
};

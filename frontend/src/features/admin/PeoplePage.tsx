import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Person } from '@/api/admin';
import { may, useMe } from '@/api/me';
import { AreaPage } from '@/components/ui/AreaPage';
import { Button } from '@/components/ui/Button';
import { Dialog } from '@/components/ui/Dialog';
import { Tabs } from '@/components/ui/Tabs';
import { showToast } from '@/lib/toasts';

import { PeopleTab } from './PeopleTab';
import { PersonForm } from './PersonForm';
import { TeamForm } from './TeamForm';
import { TeamsTab } from './TeamsTab';
import { useRefreshPeople } from './useRefresh';

type Open = 'person' | 'team' | { person: Person } | null;

/** Who there is, what they may do, and where they belong. Without the right to change it, it is only shown. */
export const PeoplePage = () => {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const search: { tab?: string; q?: string; page?: string; team?: string } = useSearch({ strict: false });
  const tab = search.tab === 'teams' ? 'teams' : 'people';
  const [open, setOpen] = useState<Open>(null);
  const refresh = useRefreshPeople();
  const close = () => setOpen(null);
  const saved = (words: string) => {
    showToast(words);
    close();
    void refresh();
  };
  const create = tab === 'people'
    ? may(me, 'people.write') && <Button kind="primary" icon="plus" onClick={() => setOpen('person')}>{t('admin.people.new')}</Button>
    : may(me, 'teams.write') && <Button kind="primary" icon="plus" onClick={() => setOpen('team')}>{t('admin.teams.new')}</Button>;
  return (
    <AreaPage title={t('area.titles.people')} actions={create}>
      <Tabs
        label={t('area.titles.people')}
        tabs={[{ key: 'people', label: t('admin.people.tab') }, { key: 'teams', label: t('admin.teams.tab') }]}
        current={tab}
        onChoose={(key) => void navigate({ to: '/admin/people', search: key === 'teams' ? { tab: key } : {}, replace: true })}
      >
        {tab === 'people'
          ? <PeopleTab q={search.q ?? ''} page={Math.max(1, Number(search.page ?? '1') || 1)} onChange={(person) => setOpen({ person })} />
          : <TeamsTab team={search.team === undefined ? null : Number(search.team)} />}
      </Tabs>
      {open === 'person' && (
        <Dialog title={t('admin.people.new')} onClose={close}>
          <PersonForm person={null} onSaved={({ name }) => saved(t('admin.people.created', { name }))} onCancel={close} />
        </Dialog>
      )}
      {open === 'team' && (
        <Dialog title={t('admin.teams.new')} onClose={close}>
          <TeamForm team={null} onSaved={({ name }) => saved(t('admin.teams.created', { name }))} onCancel={close} />
        </Dialog>
      )}
      {typeof open === 'object' && open !== null && (
        <Dialog title={open.person.name} onClose={close}>
          <PersonForm person={open.person} onSaved={({ name }) => saved(t('admin.saved', { name }))} onCancel={close} />
        </Dialog>
      )}
    </AreaPage>
  );
};

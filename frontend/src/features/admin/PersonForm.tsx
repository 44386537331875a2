import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changePerson, createPerson, teamsQuery, type Person, type RoleName } from '@/api/admin';
import { ApiError } from '@/api/client';
import { useMe } from '@/api/me';
import { CheckField, FieldGroup, SelectField, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';
import { Notice } from '@/components/ui/Notice';
import { LANGUAGES } from '@/lib/i18n';

import { changesOf, draftOf, GRANTABLE, seated, type Draft } from './person';

import styles from './Admin.module.css';

interface PersonFormProps {
  /** Null: somebody new. */
  person: Person | null;
  onSaved: (person: Person) => void;
  onCancel: () => void;
}

type Problems = Partial<Record<'email' | 'name' | 'role' | 'password', string>>;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export const PersonForm = ({ person, onSaved, onCancel }: PersonFormProps) => {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(person));
  const [problems, setProblems] = useState<Problems | null>(null);
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const saving = useMutation({
    mutationFn: () => save(person, draft),
    onSuccess: onSaved,
    onError: (error) => setProblems(error instanceof ApiError ? { ...error.fields } : null),
  });
  const submit = () => {
    const found: Problems = {
      ...(person === null && !EMAIL.test(draft.email.trim()) ? { email: t('admin.people.emailWrong') } : {}),
      ...(draft.name.trim() === '' ? { name: t('admin.nameMissing') } : {}),
    };
    const isWrong = Object.keys(found).length > 0;
    setProblems(isWrong ? found : null);
    if (!isWrong) saving.mutate();
  };
  return (
    <FieldForm
      submit={t(person ? 'admin.save' : 'admin.people.create')} isBusy={saving.isPending} problems={problems}
      failure={saving.error} onSubmit={submit} onCancel={onCancel}
    >
      {person === null && (
        <TextField
          label={t('admin.people.email')} type="email" autoComplete="off" error={problems?.email} data-autofocus
          value={draft.email} onChange={({ target }) => set({ email: target.value })}
        />
      )}
      <TextField
        label={t('admin.name')} autoComplete="off" maxLength={200} error={problems?.name} data-autofocus={person ? true : undefined}
        value={draft.name} onChange={({ target }) => set({ name: target.value })}
      />
      <RoleField person={person} draft={draft} error={problems?.role} onChange={(role) => set({ role })} />
      <SelectField label={t('account.language')} value={draft.locale} onChange={({ target }) => set({ locale: target.value })}>
        {LANGUAGES.map((each) => <option key={each} value={each} lang={each}>{t(`account.languages.${each}`)}</option>)}
      </SelectField>
      <Seats draft={draft} onChange={(memberships) => set({ memberships })} />
      {person === null
        ? (
          <TextField
            label={t('admin.people.password')} type="password" autoComplete="new-password" hint={t('admin.people.passwordHint')}
            error={problems?.password} value={draft.password} onChange={({ target }) => set({ password: target.value })}
          />
        )
        : (
          <CheckField
            label={t('admin.people.isActive')} checked={draft.active} onChange={({ target }) => set({ active: target.checked })}
          />
        )}
      {person?.active && !draft.active && (
        <Notice tone="warn" icon="triangle" role="status" title={t('admin.people.deactivating')}>{t('admin.people.deactivatingHint')}</Notice>
      )}
    </FieldForm>
  );
};

const save = (person: Person | null, draft: Draft): Promise<Person> => {
  if (person) return changePerson(person.id, changesOf(person, draft));
  return createPerson({
    email: draft.email.trim(), name: draft.name.trim(), role: draft.role, locale: draft.locale as 'de' | 'en',
    memberships: [...draft.memberships], ...(draft.password === '' ? {} : { password: draft.password }),
  });
};

const RoleField = ({ person, draft, error, onChange }: {
  person: Person | null; draft: Draft; error: string | undefined; onChange: (role: RoleName) => void;
}) => {
  const { t } = useTranslation();
  const me = useMe();
  const isOneself = person?.id === me.id;
  const isAppointed = person !== null && !GRANTABLE.includes(person.role);
  const roles = isAppointed ? [person.role] : GRANTABLE;
  return (
    <SelectField
      label={t('admin.role')} error={error} disabled={isOneself || isAppointed}
      hint={isOneself ? t('admin.people.ownRole') : isAppointed ? t('admin.people.appointed') : undefined}
      value={draft.role} onChange={({ target }) => onChange(target.value as RoleName)}
    >
      {roles.map((role) => <option key={role} value={role}>{t(`admin.roles.${role}`)}</option>)}
    </SelectField>
  );
};

const Seats = ({ draft, onChange }: { draft: Draft; onChange: (seats: Draft['memberships']) => void }) => {
  const { t } = useTranslation();
  const { data: teams } = useQuery(teamsQuery);
  if (!teams || teams.length === 0) return null;
  return (
    <FieldGroup label={t('admin.teams.tab')}>
      <div className={styles.seats}>
        {teams.map(({ id, name }) => {
          const seat = draft.memberships.find(({ team }) => team === id);
          return (
            <div key={id} className={styles.seat}>
              <CheckField label={name} checked={seat !== undefined} onChange={({ target }) => onChange(seated(draft.memberships, id, target.checked))} />
              {seat && (
                <CheckField
                  label={t('admin.teams.isAdmin')} aria-label={t('admin.leads', { team: name })} checked={seat.admin ?? false}
                  onChange={({ target }) => onChange(seated(draft.memberships, id, true, target.checked))}
                />
              )}
            </div>
          );
        })}
      </div>
    </FieldGroup>
  );
};

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, type Me } from '@/api/client';
import { issueKey, type NewKey, type Scope } from '@/api/usage';
import { CheckField, FieldGroup, SelectField, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';

const LIFETIMES_DAYS = [30, 90, 365];

/** What a key of this person in this team may carry: at most their own rights there. */
export const scopesOf = (me: Me, team: number | null): Scope[] => {
  if (me.role === 'operator') return ['models', 'admin'];
  const administers = me.role !== 'employee' || me.teams.some(({ id, admin }) => admin && id === team);
  const all: Scope[] = ['chat', 'models', 'embeddings', 'conversations', 'admin'];
  return administers ? all : all.filter((scope) => scope !== 'admin');
};

interface Problems {
  name?: string;
  scopes?: string;
}

export const IssueKey = ({ me, onMade, onCancel }: { me: Me; onMade: (key: NewKey) => void; onCancel: () => void }) => {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [team, setTeam] = useState<number | null>(me.teams[0]?.id ?? null);
  const [days, setDays] = useState(90);
  const [scopes, setScopes] = useState<readonly Scope[]>(scopesOf(me, null).includes('chat') ? ['chat', 'models'] : ['models']);
  const [problems, setProblems] = useState<Problems | null>(null);
  const possible = scopesOf(me, team);
  const wanted = scopes.filter((scope) => possible.includes(scope));
  const issuing = useMutation({
    mutationFn: () => issueKey({ name: name.trim(), team, scopes: wanted }, days),
    onSuccess: onMade,
    onError: (error) => setProblems(error instanceof ApiError ? { ...error.fields } : null),
  });
  const submit = () => {
    const found: Problems = {
      ...(name.trim() === '' ? { name: t('settings.nameMissing') } : {}),
      ...(wanted.length === 0 ? { scopes: t('settings.scopesMissing') } : {}),
    };
    const isWrong = Object.keys(found).length > 0;
    setProblems(isWrong ? found : null);
    if (!isWrong) issuing.mutate();
  };
  return (
    <FieldForm
      submit={t('settings.issue')}
      isBusy={issuing.isPending}
      problems={problems}
      failure={issuing.error}
      onSubmit={submit}
      onCancel={onCancel}
    >
      <TextField
        label={t('settings.name')} hint={t('settings.nameHint')} error={problems?.name} maxLength={100} data-autofocus
        autoComplete="off" value={name} onChange={({ target }) => setName(target.value)}
      />
      <SelectField label={t('composer.team')} value={team ?? ''} onChange={({ target }) => setTeam(target.value === '' ? null : Number(target.value))}>
        {me.teams.map(({ id, name: title }) => <option key={id} value={id}>{title}</option>)}
        <option value="">{me.tenant.name}</option>
      </SelectField>
      <FieldGroup label={t('settings.scopesHead')} error={problems?.scopes}>
        {possible.map((scope) => (
          <CheckField
            key={scope}
            label={t(`settings.scopes.${scope}`)}
            checked={wanted.includes(scope)}
            onChange={({ target }) => setScopes(target.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))}
          />
        ))}
      </FieldGroup>
      <SelectField label={t('settings.lifetime')} value={days} onChange={({ target }) => setDays(Number(target.value))}>
        {LIFETIMES_DAYS.map((each) => <option key={each} value={each}>{t('settings.days', { count: each })}</option>)}
      </SelectField>
    </FieldForm>
  );
};

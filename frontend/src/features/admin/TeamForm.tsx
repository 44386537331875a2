import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeTeam, companyModelsQuery, createTeam, type Team } from '@/api/admin';
import { ApiError } from '@/api/client';
import { CheckField, FieldGroup, TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';

import styles from './Admin.module.css';

type Problems = Partial<Record<'slug' | 'name' | 'models', string>>;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const TeamForm = ({ team, onSaved, onCancel }: { team: Team | null; onSaved: (team: Team) => void; onCancel: () => void }) => {
  const { t } = useTranslation();
  const [name, setName] = useState(team?.name ?? '');
  const [slug, setSlug] = useState(team?.slug ?? '');
  const [models, setModels] = useState<readonly string[] | null>(team?.models ?? null);
  const [problems, setProblems] = useState<Problems | null>(null);
  const saving = useMutation({
    mutationFn: () => {
      const values = { name: name.trim(), models: models === null ? null : [...models] };
      return team ? changeTeam(team.id, values) : createTeam({ slug, ...values });
    },
    onSuccess: onSaved,
    onError: (error) => setProblems(error instanceof ApiError ? { ...error.fields } : null),
  });
  const submit = () => {
    const found: Problems = {
      ...(name.trim() === '' ? { name: t('admin.nameMissing') } : {}),
      ...(SLUG.test(slug) ? {} : { slug: t('admin.teams.slugWrong') }),
    };
    const isWrong = Object.keys(found).length > 0;
    setProblems(isWrong ? found : null);
    if (!isWrong) saving.mutate();
  };
  return (
    <FieldForm
      submit={t(team ? 'admin.save' : 'admin.teams.create')} isBusy={saving.isPending} problems={problems}
      failure={saving.error} onSubmit={submit} onCancel={onCancel}
    >
      <TextField
        label={t('admin.name')} autoComplete="off" maxLength={200} error={problems?.name} data-autofocus value={name}
        onChange={({ target }) => setName(target.value)}
      />
      {!team && (
        <TextField
          label={t('admin.teams.slug')} hint={t('admin.teams.slugHint')} autoComplete="off" spellCheck={false} maxLength={63}
          error={problems?.slug} value={slug} onChange={({ target }) => setSlug(target.value)}
        />
      )}
      <Models chosen={models} error={problems?.models} onChange={setModels} />
    </FieldForm>
  );
};

const Models = ({ chosen, error, onChange }: {
  chosen: readonly string[] | null; error: string | undefined; onChange: (models: readonly string[] | null) => void;
}) => {
  const { t } = useTranslation();
  const { data } = useQuery(companyModelsQuery(true));
  const names = (data ?? []).map(({ name }) => name);
  return (
    <FieldGroup label={t('admin.teams.models')} error={error}>
      <CheckField
        label={t('admin.teams.everyModel')} hint={t('admin.teams.everyModelHint')} checked={chosen === null}
        onChange={({ target }) => onChange(target.checked ? null : names)}
      />
      {chosen !== null && (
        <div className={styles.seats}>
          {names.map((name) => (
            <CheckField
              key={name} label={name} checked={chosen.includes(name)}
              onChange={({ target }) => onChange(target.checked ? [...chosen, name] : chosen.filter((each) => each !== name))}
            />
          ))}
        </div>
      )}
    </FieldGroup>
  );
};

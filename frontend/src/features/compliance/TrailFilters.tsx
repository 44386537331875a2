import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { kindsQuery } from '@/api/audit';
import { Button } from '@/components/ui/Button';
import { SelectField, TextField } from '@/components/ui/Field';

import { byNoun, type TrailSearch } from './filters';
import { useActors, useKindName } from './words';

import styles from './Compliance.module.css';

export const TrailFilters = ({ search, onFilter }: { search: TrailSearch; onFilter: (search: TrailSearch) => void }) => {
  const { t } = useTranslation();
  const kinds = useQuery(kindsQuery);
  const kindName = useKindName();
  const { people, nameOf } = useActors();
  const set = (part: TrailSearch) => onFilter({ ...search, ...part });
  const isForeign = search.actor !== undefined && search.actor !== 'system' && !people.some(({ id }) => id === search.actor);
  return (
    <form role="search" aria-label={t('compliance.filters')} className={styles.filters} onSubmit={(event) => event.preventDefault()}>
      <SelectField label={t('compliance.what')} value={search.kind ?? ''} onChange={({ target }) => set({ kind: target.value })}>
        <option value="">{t('compliance.everything')}</option>
        {byNoun(Object.keys(kinds.data ?? {})).map(([noun, names]) => {
          const label = t(`compliance.nouns.${noun.slice(0, -1) as 'turn'}`, { defaultValue: noun });
          return (
            <optgroup key={noun} label={label}>
              <option value={noun}>{t('compliance.allOf', { noun: label })}</option>
              {names.map((kind) => <option key={kind} value={kind}>{kindName(kind)}</option>)}
            </optgroup>
          );
        })}
      </SelectField>
      <SelectField label={t('compliance.who')} value={search.actor ?? ''} onChange={({ target }) => set({ actor: target.value })}>
        <option value="">{t('compliance.everybody')}</option>
        {isForeign && search.actor && <option value={search.actor}>{nameOf(search.actor)}</option>}
        {people.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        <option value="system">{t('compliance.system')}</option>
      </SelectField>
      <Subject key={search.subject ?? ''} subject={search.subject ?? ''} onSubject={(subject) => set({ subject })} />
      <TextField type="date" label={t('compliance.from')} value={search.from ?? ''} onChange={({ target }) => set({ from: target.value })} />
      <TextField type="date" label={t('compliance.to')} value={search.to ?? ''} onChange={({ target }) => set({ to: target.value })} />
      <Button kind="quiet" disabled={Object.keys(search).length === 0} onClick={() => onFilter({})}>{t('compliance.clear')}</Button>
    </form>
  );
};

/** Asked when it is done: each reading of the trail is on record. */
const Subject = ({ subject, onSubject }: { subject: string; onSubject: (subject: string) => void }) => {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(subject);
  const done = () => {
    if (typed.trim() !== subject) onSubject(typed.trim());
  };
  return (
    <TextField
      label={t('compliance.about')} placeholder={t('compliance.aboutHint')} autoComplete="off" spellCheck={false} maxLength={128}
      value={typed} onChange={({ target }) => setTyped(target.value)} onBlur={done}
      onKeyDown={(event) => event.key === 'Enter' && done()}
    />
  );
};

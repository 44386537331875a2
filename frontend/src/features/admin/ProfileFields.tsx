import { useTranslation } from 'react-i18next';

import type { Preset } from '@/api/policy';
import { CheckField, FieldGroup, SelectField, TextAreaField, TextField } from '@/components/ui/Field';

import { kindOf } from './kinds';
import { ACTIONS, LEVELS, withPreset, type Action, type Level, type Profile } from './profiles';

import styles from './Admin.module.css';

interface ProfileFieldsProps {
  profile: Profile;
  presets: readonly Preset[];
  /** The types that a recogniser finds. */
  covered: readonly string[];
  isCompany: boolean;
  onChange: (profile: Profile) => void;
}

/** One profile: where it begins, which findings count, and what then happens. */
export const ProfileFields = ({ profile, presets, covered, isCompany, onChange }: ProfileFieldsProps) => {
  const { t } = useTranslation();
  const set = (part: Partial<Profile>) => onChange({ ...profile, ...part });
  return (
    <>
      <SelectField
        label={t('privacy.rules.preset')} hint={profile.preset !== '' && t(`privacy.rules.presetHints.${profile.preset as 'strict'}`, { defaultValue: '' })}
        value={profile.preset} onChange={({ target }) => onChange(withPreset(profile, target.value, presets))}
      >
        {!isCompany && <option value="">{t('privacy.rules.asCompany')}</option>}
        {presets.map(({ name }) => <option key={name} value={name}>{t(`privacy.rules.presets.${name as 'strict'}`, { defaultValue: name })}</option>)}
      </SelectField>
      <Kinds label={t('privacy.rules.counting')} types={covered} chosen={profile.types} onChange={(types) => set({ types })} />
      <SelectField label={t('privacy.rules.names')} value={profile.person} onChange={({ target }) => set({ person: target.value as Level })}>
        {LEVELS.map((each) => <option key={each} value={each}>{t(`privacy.rules.levels.${each}`)}</option>)}
      </SelectField>
      <TextField
        label={t('privacy.rules.threshold')} hint={t('privacy.rules.thresholdHint')} type="number" min={0} max={1} step={0.05}
        value={profile.threshold} onChange={({ target }) => set({ threshold: Math.min(1, Math.max(0, Number(target.value))) })}
      />
      <SelectField label={t('privacy.rules.action')} value={profile.action} onChange={({ target }) => set({ action: target.value as Action })}>
        {ACTIONS.map((each) => <option key={each} value={each}>{t(`privacy.rules.actions.${each}`)}</option>)}
      </SelectField>
      {profile.action === 'mask' && (
        <Kinds
          label={t('privacy.rules.masked')} types={covered.filter((type) => profile.types.includes(type))} chosen={profile.maskTypes}
          onChange={(maskTypes) => set({ maskTypes })}
        />
      )}
      <TextAreaField
        label={t('privacy.rules.allow')} hint={t('privacy.rules.allowHint')} value={profile.allow.join('\n')} spellCheck={false}
        onChange={({ target }) => set({ allow: target.value === '' ? [] : target.value.split('\n') })}
      />
    </>
  );
};

const Kinds = ({ label, types, chosen, onChange }: {
  label: string; types: readonly string[]; chosen: readonly string[]; onChange: (types: readonly string[]) => void;
}) => {
  const { t } = useTranslation();
  const flip = (type: string, isOn: boolean) =>
    onChange(isOn ? [...chosen, type].toSorted() : chosen.filter((each) => each !== type));
  return (
    <FieldGroup label={label}>
      <div className={styles.kinds}>
        {types.map((type) => (
          <CheckField key={type} label={kindOf(type, t)} checked={chosen.includes(type)} onChange={({ target }) => flip(type, target.checked)} />
        ))}
      </div>
    </FieldGroup>
  );
};

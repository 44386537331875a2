import { useTranslation } from 'react-i18next';

import type { UsableModel } from '@/api/client';
import { CheckField, FieldGroup } from '@/components/ui/Field';

import { useLab } from './useLab';

import styles from './Lab.module.css';

interface ModelChoiceProps {
  label: string;
  models: readonly UsableModel[];
  chosen: readonly string[];
  error?: string | undefined;
  onChange: (models: readonly string[]) => void;
}

/** Some of the company's models, or all of them. */
export const ModelChoice = ({ label, models, chosen, error, onChange }: ModelChoiceProps) => {
  const { t } = useLab();
  const { t: words } = useTranslation();
  const names = models.map(({ name }) => name);
  return (
    <FieldGroup label={label} error={error}>
      {names.length > 1 && (
        <CheckField
          label={t('all')} checked={names.every((name) => chosen.includes(name))}
          onChange={({ target }) => onChange(target.checked ? names : [])}
        />
      )}
      <div className={styles.models}>
        {models.map(({ name, hosting }) => (
          <CheckField
            key={name} label={name} hint={words(hosting === 'self_hosted' ? 'sign.insideShort' : 'sign.outside')} checked={chosen.includes(name)}
            onChange={({ target }) => onChange(target.checked ? [...chosen, name] : chosen.filter((each) => each !== name))}
          />
        ))}
      </div>
    </FieldGroup>
  );
};

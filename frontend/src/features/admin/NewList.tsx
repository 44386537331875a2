import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Dialog } from '@/components/ui/Dialog';
import { TextField } from '@/components/ui/Field';
import { FieldForm } from '@/components/ui/FieldForm';

const LONGEST = 100;

/** A name for a new list; that of another one is refused, however it is written. */
export const NewList = ({ taken, onNamed, onClose }: {
  taken: readonly string[]; onNamed: (name: string) => void; onClose: () => void;
}) => {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [problems, setProblems] = useState<{ name: string } | null>(null);
  const name = typed.trim();
  const submit = () => {
    if (name === '') setProblems({ name: t('privacy.terms.nameMissing') });
    else if (taken.some((each) => each.toLowerCase() === name.toLowerCase())) setProblems({ name: t('privacy.terms.nameTaken', { name }) });
    else onNamed(name);
  };
  return (
    <Dialog title={t('privacy.terms.newList')} onClose={onClose}>
      <FieldForm submit={t('privacy.terms.add')} isBusy={false} problems={problems} onSubmit={submit} onCancel={onClose}>
        <TextField
          label={t('privacy.terms.name')} hint={t('privacy.terms.nameHint')} error={problems?.name} maxLength={LONGEST}
          autoComplete="off" data-autofocus value={typed} onChange={({ target }) => setTyped(target.value)}
        />
      </FieldForm>
    </Dialog>
  );
};

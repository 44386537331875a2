import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Notice } from '@/components/ui/Notice';

import { textOf, type Problem } from './terms';
import { TermsField } from './TermsField';
import { TermsProblem } from './TermsProblem';

interface TermsEditorProps {
  name: string;
  /** Its terms in the policy in force; undefined: it is new. */
  inForce: readonly string[] | undefined;
  /** Its text as it is to be, null where it is to go, undefined where nothing was done to it. */
  edit: string | null | undefined;
  problem: Problem | undefined;
  isReadOnly: boolean;
  onEdit: (text: string | null | undefined) => void;
}

/** One list: its terms, or that it is to go. */
export const TermsEditor = ({ name, inForce, edit, problem, isReadOnly, onEdit }: TermsEditorProps) => {
  const { t } = useTranslation();
  if (edit === null) {
    return (
      <Notice
        tone="warn" icon="trash" role="status" title={t('privacy.terms.removed', { name })}
        actions={<Button kind="link" onClick={() => onEdit(undefined)}>{t('privacy.terms.keep')}</Button>}
      >
        {t('privacy.terms.removedHint')}
      </Notice>
    );
  }
  return (
    <TermsField
      name={name} text={edit ?? textOf(inForce ?? [])} isReadOnly={isReadOnly}
      error={problem && <TermsProblem problem={problem} />} onChange={onEdit}
      also={<Button size="small" icon="trash" onClick={() => onEdit(inForce ? null : undefined)}>{t('privacy.terms.remove')}</Button>}
    />
  );
};

import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from './Button';
import { Failure } from './Failure';
import { Refusal } from './refusal';

import styles from './FieldForm.module.css';

interface FieldFormProps {
  submit: string;
  onSubmit: () => void;
  onCancel?: () => void;
  /** What else can be done with the same fields. */
  also?: ReactNode;
  isBusy: boolean;
  /** Changes whenever something was refused: then the first wrong field gets the focus. */
  problems: object | null;
  failure?: Error | null;
  children: ReactNode;
}

/** Fields and what is done with them. What is wrong stands beside its field until that is changed; what was typed stays. */
export const FieldForm = ({ submit, onSubmit, onCancel, also, isBusy, problems, failure = null, children }: FieldFormProps) => {
  const { t } = useTranslation();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problems === null) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] input')?.focus();
  }, [problems]);
  return (
    <form
      ref={form}
      noValidate
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) onSubmit();
      }}
    >
      <Refusal value={problems}>{children}</Refusal>
      {failure && <Failure error={failure} />}
      <div className={styles.actions}>
        <Button kind="primary" type="submit" aria-disabled={isBusy}>{isBusy ? t('area.saving') : submit}</Button>
        {also}
        {onCancel && <Button kind="quiet" onClick={onCancel}>{t('area.cancel')}</Button>}
      </div>
    </form>
  );
};

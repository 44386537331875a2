import { useContext, useId, useState, type ComponentProps, type ReactNode } from 'react';

import { Refusal } from './refusal';

import styles from './Field.module.css';

interface Words {
  label: string;
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: ReactNode;
}

/** What was wrong with a control is no longer told once it was changed; the next attempt tells it again. */
const useError = (error: ReactNode): { shown: ReactNode; settle: () => void } => {
  const refusal = useContext(Refusal);
  const [settled, setSettled] = useState<object | null>(null);
  return { shown: refusal !== null && refusal === settled ? null : error, settle: () => setSettled(refusal) };
};

interface FieldProps extends Words {
  children: (control: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined }) => ReactNode;
}

/** A control with its label, what helps to fill it in, and what is wrong with it. */
export const Field = ({ label, hint, error, children }: FieldProps) => {
  const id = useId();
  const { shown, settle } = useError(error);
  const described = [hint ? `${id}-hint` : '', shown ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className={styles.field} onChange={settle}>
      <label htmlFor={id} className={styles.label}>{label}</label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': shown ? true : undefined })}
      {hint && <p id={`${id}-hint`} className={styles.hint}>{hint}</p>}
      {shown && <p id={`${id}-error`} className={styles.error}>{shown}</p>}
    </div>
  );
};

export const TextField = ({ label, hint, error, ...rest }: Words & ComponentProps<'input'>) => (
  <Field label={label} hint={hint} error={error}>
    {(control) => <input type="text" {...rest} {...control} className={styles.input} />}
  </Field>
);

export const TextAreaField = ({ label, hint, error, ...rest }: Words & ComponentProps<'textarea'>) => (
  <Field label={label} hint={hint} error={error}>
    {(control) => <textarea rows={3} {...rest} {...control} className={styles.input} />}
  </Field>
);

export const SelectField = ({ label, hint, error, children, ...rest }: Words & ComponentProps<'select'>) => (
  <Field label={label} hint={hint} error={error}>
    {(control) => <select {...rest} {...control} className={styles.input}>{children}</select>}
  </Field>
);

export const CheckField = ({ label, hint, ...rest }: Omit<Words, 'error'> & ComponentProps<'input'>) => {
  const id = useId();
  return (
    <div className={styles.check}>
      <input type="checkbox" {...rest} id={id} aria-describedby={hint ? `${id}-hint` : undefined} />
      <label htmlFor={id}>{label}</label>
      {hint && <p id={`${id}-hint`} className={styles.hint}>{hint}</p>}
    </div>
  );
};

/** Controls that belong together, below one name. */
export const FieldGroup = ({ label, error, children }: { label: string; error?: ReactNode; children: ReactNode }) => {
  const id = useId();
  const { shown, settle } = useError(error);
  return (
    <fieldset
      className={styles.group} aria-describedby={shown ? id : undefined} data-invalid={shown ? true : undefined} onChange={settle}
    >
      <legend className={styles.label}>{label}</legend>
      {children}
      {shown && <p id={id} className={styles.error}>{shown}</p>}
    </fieldset>
  );
};

import { useId, type ComponentProps, type ReactNode } from 'react';

import styles from './Field.module.css';

interface Words {
  label: string;
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: ReactNode;
}

interface FieldProps extends Words {
  children: (control: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined }) => ReactNode;
}

/** A control with its label, what helps to fill it in, and what is wrong with it. */
export const Field = ({ label, hint, error, children }: FieldProps) => {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>{label}</label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {hint && <p id={`${id}-hint`} className={styles.hint}>{hint}</p>}
      {error && <p id={`${id}-error`} className={styles.error}>{error}</p>}
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
  return (
    <fieldset className={styles.group} aria-describedby={error ? id : undefined} data-invalid={error ? true : undefined}>
      <legend className={styles.label}>{label}</legend>
      {children}
      {error && <p id={id} className={styles.error}>{error}</p>}
    </fieldset>
  );
};

import { Field } from '@/components/ui/Field';

import styles from './Dial.module.css';

interface DialProps {
  label: string;
  /** What its ends mean. */
  least: string;
  most: string;
  /** In [0, 1]. */
  value: number;
  /** Where it stands in force: a mark stays there. */
  before: number;
  /** Where it stands, in words. */
  words: string;
  hint: string;
  error: string | undefined;
  onChange: (value: number) => void;
}

const STEP = 0.05;

/** Between cost and answer, in steps of a twentieth. The browser's own control: arrows, Home, End, and a thumb work. */
export const Dial = ({ label, least, most, value, before, words, hint, error, onChange }: DialProps) => (
  <Field label={label} hint={hint} error={error && <span lang="en">{error}</span>}>
    {(control) => (
      <div className={styles.dial}>
        <span className={styles.least} aria-hidden="true">{least}</span>
        <span className={styles.most} aria-hidden="true">{most}</span>
        <div className={styles.slide}>
          <span className={styles.mark} style={{ insetInlineStart: `calc(11px + (100% - 22px) * ${before})` }} />
          <input
            {...control} type="range" className={styles.range} min={0} max={1} step={STEP} value={value} aria-valuetext={words}
            onChange={({ target }) => onChange(target.valueAsNumber)}
          />
        </div>
      </div>
    )}
  </Field>
);

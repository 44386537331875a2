import { useId } from 'react';

import { classNames } from '@/components/ui/classNames';

import styles from './Choice.module.css';

interface ChoiceProps<Key extends string> {
  label: string;
  options: readonly { key: Key; label: string }[];
  current: Key;
  onChoose: (key: Key) => void;
}

/** One of a few, side by side: radio buttons that look like one control. */
export const Choice = <Key extends string>({ label, options, current, onChoose }: ChoiceProps<Key>) => {
  const name = useId();
  return (
    <fieldset className={styles.choice}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.key} className={classNames(styles.option, option.key === current && styles.chosen)}>
          <input type="radio" name={name} checked={option.key === current} onChange={() => onChoose(option.key)} />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
};

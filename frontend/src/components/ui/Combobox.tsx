import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import { Icon, type IconName } from './Icon';

import styles from './Combobox.module.css';

export interface Option {
  id: string;
  label: string;
  /** What is shown in place of the label, for instance with marks in it. */
  shown?: ReactNode;
  hint?: ReactNode;
  icon?: IconName | undefined;
  /** At the end of the line, for instance a key. */
  end?: ReactNode;
  /** Neighbours with the same word stand under it. */
  group?: string | undefined;
}

interface ComboboxProps<One extends Option> {
  label: string;
  placeholder?: string;
  value: string;
  onValue: (text: string) => void;
  options: readonly One[];
  onPick: (option: One) => void;
  /** Said, and heard politely: how many there are, that there are none, or what to type. */
  status: string;
  isFocused?: boolean;
  describedBy?: string | undefined;
}

/**
 * A text field whose suggestions stand below it, in the flow of the page. The focus stays in the field: arrows, Page and
 * Home keys move the choice, Enter picks it.
 */
export const Combobox = <One extends Option>(props: ComboboxProps<One>) => {
  const { label, placeholder, value, onValue, options, onPick, status, isFocused = false, describedBy } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, options.length - 1);
  const current = options[at];

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [at, options]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const to = goalOf(event.key, at, options.length);
    if (event.key === 'Enter' && current) onPick(current);
    else if (to === null || options.length === 0) return;
    else setChosen(to);
    event.preventDefault();
  };

  return (
    <div>
      <div className={styles.field}>
        <Icon name="search" size={16} />
        <input
          type="text"
          role="combobox"
          aria-label={label}
          aria-autocomplete="list"
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={current ? `${id}-${current.id}` : undefined}
          aria-describedby={describedBy}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          data-autofocus={isFocused ? true : undefined}
          value={value}
          onChange={(event) => {
            setChosen(0);
            onValue(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={label} className={styles.options}>
        {groupsOf(options).map(({ group, items }) => (
          <div key={`${group}-${items[0]?.id ?? ''}`} role="group" aria-label={group === '' ? undefined : group}>
            {group !== '' && <div className={styles.group} aria-hidden="true">{group}</div>}
            {items.map((option) => (
              <div
                key={option.id}
                id={`${id}-${option.id}`}
                role="option"
                aria-selected={option === current}
                className={styles.option}
                // The field keeps the focus.
                onPointerDown={(event) => event.preventDefault()}
                onPointerMove={() => option !== current && setChosen(options.indexOf(option))}
                onClick={() => onPick(option)}
              >
                {option.icon && <Icon name={option.icon} size={16} />}
                <span className={styles.words}>
                  {option.shown ?? option.label}
                  {option.hint && <span className={styles.hint}>{option.hint}</span>}
                </span>
                {option.end}
              </div>
            ))}
          </div>
        ))}
      </div>
      <p role="status" className={options.length > 0 ? 'visually-hidden' : styles.none}>{status}</p>
    </div>
  );
};

const PAGE = 8;

/** The number of the option that a key leads to; null: this key does not move. */
const goalOf = (key: string, at: number, count: number): number | null => {
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowUp':
      return (at - 1 + count) % count;
    case 'PageDown':
      return Math.min(at + PAGE, count - 1);
    case 'PageUp':
      return Math.max(at - PAGE, 0);
    default:
      return null;
  }
};

const groupsOf = <One extends Option>(options: readonly One[]): { group: string; items: One[] }[] => {
  const groups: { group: string; items: One[] }[] = [];
  for (const option of options) {
    const group = option.group ?? '';
    const last = groups.at(-1);
    if (last?.group === group) last.items.push(option);
    else groups.push({ group, items: [option] });
  }
  return groups;
};

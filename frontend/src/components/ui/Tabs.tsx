import { useId, type KeyboardEvent, type ReactNode } from 'react';

import { classNames } from './classNames';

import styles from './Tabs.module.css';

interface TabsProps<Key extends string> {
  label: string;
  tabs: readonly { key: Key; label: string }[];
  current: Key;
  onChoose: (key: Key) => void;
  children: ReactNode;
}

/** Tabs and the panel of the one that is open. Arrows and Home/End go from tab to tab. */
export const Tabs = <Key extends string>({ label, tabs, current, onChoose, children }: TabsProps<Key>) => {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex(({ key }) => key === current);
    const goals: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 };
    const goal = goals[event.key];
    const tab = goal === undefined ? undefined : tabs[goal % tabs.length];
    if (!tab) return;
    event.preventDefault();
    onChoose(tab.key);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${tab.key}"]`)?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label={label} className={styles.tabs} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.key}
            type="button"
            role="tab"
            id={`${id}-${tab.key}`}
            data-tab={tab.key}
            aria-selected={tab.key === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab.key === current ? 0 : -1}
            className={classNames(styles.tab)}
            onClick={() => onChoose(tab.key)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`} className={styles.panel}>{children}</div>
    </>
  );
};

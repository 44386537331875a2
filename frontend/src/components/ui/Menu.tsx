import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { createPortal } from 'react-dom';

import { classNames } from './classNames';
import { Icon, type IconName } from './Icon';
import { typedAhead } from './typeAhead';

import styles from './Menu.module.css';

export interface MenuItem {
  id: string;
  label: string;
  icon?: IconName | undefined;
  /** A second line: what it means, or why it cannot be chosen. */
  hint?: string | undefined;
  /** With it the item is one of a choice. */
  isChecked?: boolean | undefined;
  isDisabled?: boolean | undefined;
  isDanger?: boolean | undefined;
  /** A line above it: another kind of thing begins. */
  isApart?: boolean | undefined;
  onSelect: () => void;
}

interface MenuPanelProps {
  /** The button it belongs to: it stands there, and the focus goes back to it. */
  anchor: HTMLElement;
  label: string;
  items: readonly MenuItem[];
  onClose: () => void;
}

const GAP = 4;
const EDGE = 8;

/**
 * An open menu. Arrows, Home, End and the first letters move; Enter and Space choose; Escape, Tab and a click elsewhere
 * close. The focus is back on the anchor before `onSelect` runs, so that a dialog that it opens returns there too.
 */
export const MenuPanel = ({ anchor, label, items, onClose }: MenuPanelProps) => {
  const panel = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', at: 0 });
  usePlace(anchor, panel);
  useDismissal(anchor, panel, onClose);

  useEffect(() => panel.current?.querySelector<HTMLElement>('[role^="menuitem"]')?.focus(), []);

  const close = () => {
    onClose();
    anchor.focus();
  };
  const choose = (item: MenuItem) => {
    if (item.isDisabled) return;
    close();
    item.onSelect();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(panel.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const at = all.findIndex((element) => element === document.activeElement);
    const to = goalOf(event, { at, count: all.length, labels: items.map((item) => item.label), typed: typed.current });
    if (event.key === 'Escape' || event.key === 'Tab') close();
    else if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (to !== null) all[to]?.focus();
  };

  return createPortal(
    <div ref={panel} role="menu" aria-label={label} className={styles.panel} tabIndex={-1} onKeyDown={onKeyDown}>
      {items.map((item) => (
        <Item key={item.id} item={item} onChoose={() => choose(item)} />
      ))}
    </div>,
    // Outside an open dialog nothing can be reached: there the menu stands inside it.
    anchor.closest('dialog') ?? document.body,
  );
};

const Item = ({ item, onChoose }: { item: MenuItem; onChoose: () => void }) => (
  <>
    {item.isApart && <div role="separator" className={styles.line} />}
    <button
      type="button"
      role={item.isChecked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={item.isChecked}
      aria-disabled={item.isDisabled ? true : undefined}
      tabIndex={-1}
      className={classNames(styles.item, item.isDanger && styles.danger)}
      onClick={onChoose}
    >
      {item.icon && <Icon name={item.icon} size={16} />}
      <span>
        {item.label}
        {item.hint && <span className={styles.hint}>{item.hint}</span>}
      </span>
      {item.isChecked && <Icon name="check" size={15} />}
    </button>
  </>
);

interface Where {
  at: number;
  count: number;
  labels: readonly string[];
  typed: { text: string; at: number };
}

/** The number of the item that a key leads to; null: this key does not move. */
const goalOf = (event: KeyboardEvent, { at, count, labels, typed }: Where): number | null => {
  switch (event.key) {
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowUp':
      return (at - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      if (event.key.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey) return null;
      return typedAhead(labels, at, typed, event.key, event.timeStamp);
  }
};

/** Beside the anchor, below it where there is room, and never over the edge of the window. */
const usePlace = (anchor: HTMLElement, panel: React.RefObject<HTMLElement | null>): void => {
  useLayoutEffect(() => {
    if (!panel.current) return;
    const at = anchor.getBoundingClientRect();
    const { width, height } = panel.current.getBoundingClientRect();
    const below = at.bottom + GAP;
    const top = below + height + EDGE <= window.innerHeight ? below : Math.max(EDGE, at.top - GAP - height);
    const left = Math.max(EDGE, Math.min(at.right - width, window.innerWidth - width - EDGE));
    Object.assign(panel.current.style, { top: `${top}px`, left: `${left}px` });
  }, [anchor, panel]);
};

const useDismissal = (anchor: HTMLElement, panel: React.RefObject<HTMLElement | null>, onClose: () => void): void => {
  const latest = useRef(onClose);
  useEffect(() => {
    latest.current = onClose;
  });
  useEffect(() => {
    const isInside = (target: EventTarget | null) =>
      target instanceof Node && (panel.current?.contains(target) === true || anchor.contains(target));
    const onPointer = (event: Event) => !isInside(event.target) && latest.current();
    const onMove = (event: Event) => event.target instanceof Node && event.target.contains(anchor) && latest.current();
    const onResize = () => latest.current();
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('scroll', onMove, true);
    window.addEventListener('resize', onResize);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('scroll', onMove, true);
      window.removeEventListener('resize', onResize);
    };
  }, [anchor, panel]);
};

interface MenuProps {
  /** The name of the menu, and of its button for who hears it. */
  label: string;
  items: readonly MenuItem[];
  /** The button that opens it; gets what ARIA wants of it. */
  trigger: (props: {
    ref: React.Ref<HTMLButtonElement>;
    'aria-haspopup': 'menu';
    'aria-expanded': boolean;
    onClick: (event: React.MouseEvent<HTMLButtonElement>) => void;
    onKeyDown: (event: KeyboardEvent<HTMLButtonElement>) => void;
  }) => React.ReactNode;
}

/** A button with its menu. */
export const Menu = ({ label, items, trigger }: MenuProps) => {
  const button = useRef<HTMLButtonElement>(null);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      {trigger({
        ref: button,
        'aria-haspopup': 'menu',
        'aria-expanded': anchor !== null,
        onClick: () => setAnchor(anchor ? null : button.current),
        onKeyDown: (event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          setAnchor(button.current);
        },
      })}
      {anchor && <MenuPanel anchor={anchor} label={label} items={items} onClose={() => setAnchor(null)} />}
    </>
  );
};

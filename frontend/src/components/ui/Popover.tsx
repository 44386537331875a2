import { createContext, use, useCallback, useEffect, useId, useRef, useState, type ReactNode } from 'react';

import { classNames } from './classNames';

import styles from './Popover.module.css';

interface PopoverProps {
  /** The button that opens it; gets what ARIA wants of it. */
  trigger: (props: {
    ref: React.Ref<HTMLButtonElement>;
    onClick: () => void;
    'aria-expanded': boolean;
    'aria-controls': string;
  }) => ReactNode;
  side?: 'above' | 'beside';
  label: string;
  children: ReactNode;
}

const Closing = createContext<() => void>(() => undefined);

/** Closes the popover round a component, and gives the focus back to its button. */
export const usePopoverClose = (): (() => void) => use(Closing);

/** A small panel at its button. Escape and a click elsewhere close it; the focus goes in and comes back. */
export const Popover = ({ trigger, side = 'above', label, children }: PopoverProps) => {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  const close = useCallback(() => {
    setOpen(false);
    button.current?.focus();
  }, []);

  useEffect(() => {
    if (!isOpen) return;
    panel.current?.querySelector<HTMLElement>('[data-autofocus], button, select, a')?.focus();
    const onPointer = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [isOpen]);

  return (
    <div
      ref={root}
      className={styles.root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      {trigger({ ref: button, onClick: () => setOpen(!isOpen), 'aria-expanded': isOpen, 'aria-controls': id })}
      {isOpen && (
        <div ref={panel} id={id} role="group" aria-label={label} className={classNames(styles.panel, styles[side])}>
          <Closing value={close}>{children}</Closing>
        </div>
      )}
    </div>
  );
};

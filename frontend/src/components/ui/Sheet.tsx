import { useEffect, useRef, type ReactNode } from 'react';

import { classNames } from './classNames';

import styles from './Sheet.module.css';

/** A modal layer on small screens. The browser keeps the focus inside; Escape and a tap beside it close it. */
export const Sheet = ({ side, label, onClose, children }: {
  side: 'left' | 'bottom'; label: string; onClose: () => void; children: ReactNode;
}) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={classNames(styles.sheet, styles[side])}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className={styles.inner}>{children}</div>
    </dialog>
  );
};

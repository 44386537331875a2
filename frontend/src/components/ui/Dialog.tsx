import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { IconButton } from './Button';
import { classNames } from './classNames';

import styles from './Dialog.module.css';

interface DialogProps {
  title: string;
  onClose: () => void;
  /** `top`: below the upper edge, for what grows while one types. */
  place?: 'middle' | 'top';
  isWide?: boolean;
  /** Without a head the title is only heard. */
  hasHead?: boolean;
  foot?: ReactNode;
  children: ReactNode;
}

/**
 * A modal dialog: mount it to open it. The browser keeps the focus inside and gives it back to where it was; it begins at
 * `data-autofocus`, else at the first control. Escape and a click beside it close it.
 */
export const Dialog = ({ title, onClose, place = 'middle', isWide = false, hasHead = true, foot, children }: DialogProps) => {
  const { t } = useTranslation();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      element?.close();
      // The browser does so itself, unless the element that it remembers was made anew meanwhile.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      className={classNames(styles.dialog, isWide && styles.wide, place === 'top' && styles.top)}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {hasHead ? (
        <header className={styles.head}>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={t('close')} onClick={onClose} />
        </header>
      ) : (
        <h2 id={id} className="visually-hidden">{title}</h2>
      )}
      <div className={hasHead ? styles.body : undefined}>{children}</div>
      {foot && <footer className={styles.foot}>{foot}</footer>}
    </dialog>
  );
};

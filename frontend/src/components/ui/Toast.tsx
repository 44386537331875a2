import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';

import { isInField, isLayerOpen, usePageKeys } from '@/lib/shortcuts';
import { dismissToast, runNewestAction, toasts, type Toast } from '@/lib/toasts';

import { classNames } from './classNames';
import { Icon } from './Icon';

import styles from './Toast.module.css';

const SHOWN_MS = 8_000;
const TICK_MS = 200;

/**
 * Where toasts are shown. They wait while the pointer or the focus is on one; Escape takes it away. F8 leads to the
 * newest; Ctrl Z does what it offers, outside of fields with text.
 */
export const Toasts = () => {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(toasts.subscribe, toasts.get);
  const host = useHost(shown.length > 0);
  const region = useRef<HTMLElement>(null);
  usePageKeys((event) => {
    if (event.key === 'F8') region.current?.querySelector<HTMLElement>('div:last-child button')?.focus();
    else if (!isUndo(event) || !runNewestAction()) return;
    event.preventDefault();
  });
  if (shown.length === 0) return null;
  return createPortal(
    <section ref={region} className={styles.region} aria-label={t('ui.toasts')}>
      {shown.map((toast) => <OneToast key={toast.number} toast={toast} />)}
    </section>,
    host,
  );
};

const isUndo = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z' && !hasText(event.target) &&
  !isLayerOpen();

/** A field with text has an undo of its own. Deleting the open conversation leads into an empty one. */
const hasText = (target: EventTarget | null): boolean =>
  isInField(target) && !(target instanceof HTMLTextAreaElement && target.value === '');

const OneToast = ({ toast }: { toast: Toast }) => {
  const { t } = useTranslation();
  const [isHeld, setHeld] = useState(false);
  const left = useRef(SHOWN_MS);
  const dismiss = useCallback(() => dismissToast(toast.number), [toast.number]);

  useEffect(() => {
    if (isHeld) return;
    const timer = setInterval(() => {
      left.current -= TICK_MS;
      if (left.current <= 0) dismiss();
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [isHeld, dismiss]);

  return (
    <div
      className={classNames(styles.toast, toast.tone === 'warn' && styles.warn)}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        dismiss();
      }}
    >
      <p>{toast.text}</p>
      {toast.action && (
        <button
          type="button"
          className={styles.action}
          onClick={() => {
            dismiss();
            toast.action?.run();
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button type="button" className={styles.close} aria-label={t('close')} title={t('close')} onClick={dismiss}>
        <Icon name="close" size={15} />
      </button>
    </div>
  );
};

const topLayer = (): Element => [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;

/** Outside an open dialog nothing can be reached, so toasts move into it, and out again when it closes. */
const useHost = (isShown: boolean): Element => {
  const [host, setHost] = useState<Element>(topLayer);
  useEffect(() => {
    if (!isShown) return;
    const look = () => setHost(topLayer());
    look();
    const observer = new MutationObserver(look);
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['open'] });
    return () => observer.disconnect();
  }, [isShown]);
  return host.isConnected ? host : document.body;
};

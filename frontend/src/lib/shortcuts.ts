import { useEffect, useRef } from 'react';

import { Observable } from '@/lib/observable';

/*
 * Keys without a modifier (`/`, `?`, `G` then a letter, `W`, `R`, `E`) can be switched off: who steers by voice or leans
 * on the keyboard would set them off by accident. The choice belongs to this browser.
 */

const STORED = 'openroute.singleKeys';

export const singleKeys = new Observable<boolean>(localStorage.getItem(STORED) !== 'off');

export const chooseSingleKeys = (isOn: boolean): void => {
  localStorage.setItem(STORED, isOn ? 'on' : 'off');
  singleKeys.set(isOn);
};

/** Whether keys are text where they arrive. */
export const isInField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, [contenteditable="true"]') !== null);

/** Whether a layer above the page has the keyboard: a dialog, a sheet or a menu. */
export const isLayerOpen = (): boolean => document.querySelector('dialog[open], [role="menu"]') !== null;

/** Whether a key without a modifier may do something here and now. Shift is allowed: it makes `?` and `/` on many keyboards. */
export const isSingleKey = (event: KeyboardEvent): boolean =>
  singleKeys.get() && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing &&
  !event.defaultPrevented && !isInField(event.target) && !isLayerOpen();

/** Listen to the keys of the whole page; the listener may change with every rendering. */
export const usePageKeys = (listener: (event: KeyboardEvent) => void): void => {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => latest.current(event);
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
};

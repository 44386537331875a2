import { announce } from '@/lib/announcer';
import { Observable } from '@/lib/observable';

/** What happened, said for a while at the edge of the page, with at most one thing that can be done about it. */
export interface Toast {
  number: number;
  text: string;
  tone: 'neutral' | 'warn';
  action: ToastAction | null;
}
export interface ToastAction {
  label: string;
  run: () => void;
}

const SHOWN = 3;

/** The toasts that are shown now, oldest first. */
export const toasts = new Observable<readonly Toast[]>([]);
let numbered = 0;

interface Saying {
  action?: ToastAction;
  tone?: Toast['tone'];
  /** What is heard, where more must be said than is seen. */
  heard?: string;
}

/** Show and announce a sentence; returns its number, by which `dismissToast` takes it back. */
export const showToast = (text: string, { action, tone = 'neutral', heard }: Saying = {}): number => {
  numbered += 1;
  toasts.set([...toasts.get(), { number: numbered, text, tone, action: action ?? null }].slice(-SHOWN));
  announce(heard ?? text);
  return numbered;
};

export const dismissToast = (number: number): void => {
  const left = toasts.get().filter((toast) => toast.number !== number);
  if (left.length < toasts.get().length) toasts.set(left);
};

/** Do what the newest toast offers, if it offers anything; whether it did. */
export const runNewestAction = (): boolean => {
  const newest = toasts.get().findLast(({ action }) => action !== null);
  if (!newest?.action) return false;
  dismissToast(newest.number);
  newest.action.run();
  return true;
};

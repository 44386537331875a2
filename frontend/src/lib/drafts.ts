import { Observable } from '@/lib/observable';

/*
 * Unsent text, one draft per conversation. It lives in this tab, survives a reload and an ended session, and follows the
 * person to their other devices; signing out removes it here, because the next person at this browser is another one.
 *
 * The last writer wins, with one exception: what was typed here and has not reached the server yet is never replaced
 * under the person's hands; it goes to the server next, and wins there.
 */

const PREFIX = 'openroute.draft.';
const SENT = 'openroute.drafted.';
export const NEW = 'new';
export const QUIET_MS = 800;

/** Tells the server what a draft is now; an empty text removes it. Rejects with a `status` when the server refused. */
export type PutDraft = (name: string, text: string) => Promise<unknown>;

export class DraftBook {
  /** Changes with every draft; who shows one reads it by `read`. */
  readonly changed = new Observable<number>(0);
  readonly #store: Storage;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #put: PutDraft | null = null;

  constructor(store: Storage) {
    this.#store = store;
  }

  read(name: string): string {
    return this.#store.getItem(PREFIX + name) ?? '';
  }

  /** A person typed, or the text was sent: shown at once, and told to the server when typing pauses. */
  write(name: string, text: string): void {
    this.#keep(name, text);
    clearTimeout(this.#timers.get(name));
    if (text === this.#known(name)) this.#timers.delete(name);
    else this.#timers.set(name, setTimeout(() => void this.#tell(name), QUIET_MS));
  }

  /** What the server holds: shown, unless newer text of this page is on its way to it. */
  hear(name: string, text: string): void {
    const here = this.read(name);
    const isNewer = here !== this.#known(name);
    if (text) this.#store.setItem(SENT + name, text);
    else this.#store.removeItem(SENT + name);
    if (here === text) return;
    if (isNewer) this.write(name, here);
    else this.#keep(name, text);
  }

  /** From now on drafts are told to a server; what it does not know yet is told at once. */
  connect(put: PutDraft): void {
    this.#put = put;
    for (const key of Object.keys(this.#store)) {
      const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
      if (name !== null && this.read(name) !== this.#known(name)) void this.#tell(name);
    }
  }

  forget(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const key of Object.keys(this.#store)) {
      if (key.startsWith(PREFIX) || key.startsWith(SENT)) this.#store.removeItem(key);
    }
  }

  #known(name: string): string {
    return this.#store.getItem(SENT + name) ?? '';
  }

  #keep(name: string, text: string): void {
    if (text === this.read(name)) return;
    // An empty draft is kept as long as the server holds another text: it is still to be told.
    if (text || this.#known(name)) this.#store.setItem(PREFIX + name, text);
    else this.#store.removeItem(PREFIX + name);
    this.changed.set(this.changed.get() + 1);
  }

  async #tell(name: string): Promise<void> {
    this.#timers.delete(name);
    if (!this.#put) return;
    const text = this.read(name);
    try {
      await this.#put(name, text);
    } catch (problem) {
      // What the server refuses (too long, a conversation that is gone) stays in this tab; a lost connection comes back.
      if (!isRefusal(problem)) return;
    }
    this.#store.setItem(SENT + name, text);
    if (text === '' && this.read(name) === '') {
      this.#store.removeItem(PREFIX + name);
      this.#store.removeItem(SENT + name);
    }
  }
}

const isRefusal = (problem: unknown): boolean =>
  problem instanceof Error && 'status' in problem && Number(problem.status) >= 400 && Number(problem.status) < 500;

export const drafts = new DraftBook(sessionStorage);

export const readDraft = (conversation: string): string => drafts.read(conversation);
export const keepDraft = (conversation: string, text: string): void => drafts.write(conversation, text);
export const forgetDrafts = (): void => drafts.forget();

import { ApiError } from '@/api/client';
import type { Attachment } from '@/lib/frames';
import { Observable } from '@/lib/observable';

import { dropFile, MAX_FILE_BYTES, MAX_FILES, type SendFile } from './attachments';

/** A file on its way into a question. `problem`: why it did not arrive, as a sentence; empty when nobody said why. */
export interface Upload {
  key: string;
  file: File;
  name: string;
  isPicture: boolean;
  state: 'sending' | 'ready' | 'failed';
  /** The share that was sent, in [0, 1]; at 1 the server reads it. */
  progress: number;
  problem: string | { code: 'too_large' };
  /** The file itself is the problem: sending it again would end alike. */
  isLasting: boolean;
  stored: Attachment | null;
  isShortened: boolean;
}

/** What the server answers to a file that it will never take. */
const LASTING: ReadonlySet<number> = new Set([400, 413, 415, 422]);
const NONE: readonly Upload[] = [];

/** The files of each question that is being written, by the name of its draft. They are of this page and this tab only. */
export class UploadBook {
  readonly changed = new Observable<ReadonlyMap<string, readonly Upload[]>>(new Map());
  readonly #send: SendFile;
  readonly #aborts = new Map<string, AbortController>();

  constructor(send: SendFile) {
    this.#send = send;
  }

  of(name: string): readonly Upload[] {
    return this.changed.get().get(name) ?? NONE;
  }

  /** Begin to upload; returns the files that were left out because there are too many. */
  add(name: string, files: readonly File[]): readonly File[] {
    const free = Math.max(0, MAX_FILES - this.of(name).length);
    for (const file of files.slice(0, free)) {
      const upload: Upload = {
        key: crypto.randomUUID(), file, name: file.name || 'file', isPicture: file.type.startsWith('image/'), state: 'sending',
        progress: 0, problem: '', isLasting: false, stored: null, isShortened: false,
      };
      this.#set(name, [...this.of(name), upload]);
      if (file.size > MAX_FILE_BYTES) this.#change(upload.key, { state: 'failed', problem: { code: 'too_large' }, isLasting: true });
      else void this.#start(upload);
    }
    return files.slice(free);
  }

  retry(name: string, key: string): void {
    const upload = this.of(name).find((one) => one.key === key);
    if (upload?.state !== 'failed' || upload.isLasting) return;
    this.#change(key, { state: 'sending', progress: 0, problem: '' });
    void this.#start(upload);
  }

  remove(name: string, key: string): void {
    const upload = this.of(name).find((one) => one.key === key);
    this.#aborts.get(key)?.abort();
    this.#aborts.delete(key);
    if (upload?.stored) dropFile(upload.stored.id);
    this.#set(name, this.of(name).filter((one) => one.key !== key));
  }

  /** The files of a question that is sent now; they are no longer here afterwards. */
  take(name: string): readonly Attachment[] {
    const ready = this.of(name).flatMap(({ stored }) => (stored ? [stored] : []));
    this.#set(name, NONE);
    return ready;
  }

  /** A new conversation has its id: what was added to it meanwhile goes along. */
  move(from: string, to: string): void {
    const uploads = this.of(from);
    this.#set(from, NONE);
    if (uploads.length) this.#set(to, uploads);
  }

  /** Put files back that were taken: their question was not sent after all. */
  putBack(name: string, files: readonly Attachment[]): void {
    const back = files.map((stored): Upload => ({
      key: stored.id, file: new File([], stored.name), name: stored.name, isPicture: stored.kind === 'image', state: 'ready',
      progress: 1, problem: '', isLasting: false, stored, isShortened: false,
    }));
    this.#set(name, [...this.of(name).filter(({ key }) => !back.some((one) => one.key === key)), ...back]);
  }

  async #start({ key, file }: Upload): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(key, abort);
    try {
      const stored = await this.#send(file, (progress) => this.#change(key, { progress }), abort.signal);
      this.#change(key, { state: 'ready', progress: 1, name: stored.name, stored, isShortened: stored.shortened });
    } catch (problem) {
      const words = problem instanceof Error ? problem.message : '';
      this.#change(key, { state: 'failed', problem: words, isLasting: problem instanceof ApiError && LASTING.has(problem.status) });
    }
    this.#aborts.delete(key);
  }

  /** Found by its key: its question may have got a conversation meanwhile, or have lost this file. */
  #change(key: string, change: Partial<Upload>): void {
    for (const [name, uploads] of this.changed.get()) {
      if (uploads.some((one) => one.key === key)) {
        this.#set(name, uploads.map((one) => (one.key === key ? { ...one, ...change } : one)));
      }
    }
  }

  #set(name: string, uploads: readonly Upload[]): void {
    const all = new Map(this.changed.get());
    if (uploads.length) all.set(name, uploads);
    else all.delete(name);
    this.changed.set(all);
  }
}

import { describe, expect, it, vi } from 'vitest';

import { ApiError, type Attachment } from '@/api/client';

import { MAX_FILES, type SendFile } from './attachments';
import { UploadBook } from './uploads';

const stored = (name: string): Attachment => ({
  id: `id-${name}`, name, kind: 'text', media_type: 'text/plain', size_bytes: 3, characters: 3, shortened: name.startsWith('long'),
});
const file = (name: string, size = 3): File => {
  const made = new File(['abc'], name, { type: 'text/plain' });
  Object.defineProperty(made, 'size', { value: size });
  return made;
};

describe('a file of a question', () => {
  it('is sent, tells how far it is, and is taken with the question', async () => {
    let progressed: (share: number) => void = () => undefined;
    let arrive: (file: Attachment) => void = () => undefined;
    const send: SendFile = (_, onProgress) => {
      progressed = onProgress;
      return new Promise((resolve) => (arrive = resolve));
    };
    const book = new UploadBook(send);
    book.add('new', [file('a.txt')]);
    book.move('new', 'c');
    progressed(0.5);
    expect(book.of('c')).toMatchObject([{ name: 'a.txt', state: 'sending', progress: 0.5 }]);

    arrive(stored('long.txt'));
    await vi.waitFor(() => expect(book.of('c')).toMatchObject([{ state: 'ready', name: 'long.txt', isShortened: true }]));

    expect(book.take('c').map(({ id }) => id)).toEqual(['id-long.txt']);
    expect(book.of('c')).toEqual([]);
  });

  it('that is refused says why, and can be sent again', async () => {
    const send = vi.fn<SendFile>().mockRejectedValueOnce(new Error('It is damaged.')).mockResolvedValueOnce(stored('a.pdf'));
    const book = new UploadBook(send);
    book.add('c', [file('a.pdf')]);
    await vi.waitFor(() => expect(book.of('c')).toMatchObject([{ state: 'failed', problem: 'It is damaged.' }]));

    book.retry('c', book.of('c')[0]?.key ?? '');

    await vi.waitFor(() => expect(book.of('c')).toMatchObject([{ state: 'ready' }]));
  });

  it.each([[400, true], [413, true], [415, true], [0, false], [500, false], [429, false]])(
    'refused with status %i can never be sent again: %s',
    async (status, isLasting) => {
      const send = vi.fn<SendFile>().mockRejectedValueOnce(new ApiError(status, 'code', 'Words.')).mockResolvedValue(stored('a.pdf'));
      const book = new UploadBook(send);
      book.add('c', [file('a.pdf')]);
      await vi.waitFor(() => expect(book.of('c')).toMatchObject([{ state: 'failed', isLasting }]));
      book.retry('c', book.of('c')[0]?.key ?? '');

      expect(send).toHaveBeenCalledTimes(isLasting ? 1 : 2);
    },
  );

  it('that is too large is not sent at all', () => {
    const send = vi.fn<SendFile>();
    const book = new UploadBook(send);
    book.add('c', [file('film.mov', 10_000_001)]);

    expect(send).not.toHaveBeenCalled();
    expect(book.of('c')).toMatchObject([{ state: 'failed', problem: { code: 'too_large' } }]);
  });

  it('beyond the last place is left out', () => {
    const book = new UploadBook(() => new Promise(() => undefined));
    const left = book.add('c', Array.from({ length: MAX_FILES + 2 }, (_, index) => file(`${index}.txt`)));

    expect(book.of('c')).toHaveLength(MAX_FILES);
    expect(left.map(({ name }) => name)).toEqual(['10.txt', '11.txt']);
  });

  it('that is removed on its way is not sent to the end, and does not come back', async () => {
    let signal: AbortSignal | undefined;
    let arrive: (file: Attachment) => void = () => undefined;
    const book = new UploadBook((_, __, given) => {
      signal = given;
      return new Promise((resolve) => (arrive = resolve));
    });
    book.add('c', [file('a.txt')]);
    book.remove('c', book.of('c')[0]?.key ?? '');
    arrive(stored('a.txt'));
    await Promise.resolve();

    expect(signal?.aborted).toBe(true);
    expect(book.of('c')).toEqual([]);
  });
});

import { beforeEach, describe, expect, it, vi } from 'vitest';

import { DraftBook, QUIET_MS } from './drafts';

let book: DraftBook;
const put = vi.fn<(name: string, text: string) => Promise<unknown>>();

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  put.mockReset().mockResolvedValue(undefined);
  book = new DraftBook(sessionStorage);
  book.connect(put);
});

describe('a draft', () => {
  it('is told to the server when typing pauses, once', async () => {
    book.write('c', 'Hel');
    book.write('c', 'Hello');
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(put).not.toHaveBeenCalled();

    await vi.advanceTimersByTimeAsync(1);

    expect(put.mock.calls).toEqual([['c', 'Hello']]);
    expect(book.read('c')).toBe('Hello');
  });

  it('of another device is shown', () => {
    book.hear('c', 'From the phone');

    expect(book.read('c')).toBe('From the phone');
  });

  it('of another device never replaces newer text of this one, which wins', async () => {
    book.write('c', 'Typed here');
    book.hear('c', 'From the phone');
    expect(book.read('c')).toBe('Typed here');

    await vi.advanceTimersByTimeAsync(QUIET_MS);

    expect(put).toHaveBeenLastCalledWith('c', 'Typed here');
  });

  it('that both know is replaced by what the other device made of it', async () => {
    book.write('c', 'One');
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    book.hear('c', 'One and two');

    expect(book.read('c')).toBe('One and two');
  });

  it('that is sent is emptied on the server too', async () => {
    book.write('c', 'One');
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    book.write('c', '');
    await vi.advanceTimersByTimeAsync(QUIET_MS);

    expect(put).toHaveBeenLastCalledWith('c', '');
    expect(Object.keys(sessionStorage)).toEqual([]);
  });

  it('that a lost connection kept back is told when there is one again', async () => {
    put.mockRejectedValue(new TypeError('no network'));
    book.write('c', 'One');
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    put.mockReset().mockResolvedValue(undefined);
    book.connect(put);

    expect(put.mock.calls).toEqual([['c', 'One']]);
  });

  it('that the server refuses is not told again', async () => {
    put.mockRejectedValue(Object.assign(new Error('too large'), { status: 413 }));
    book.write('c', 'Long');
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    book.connect(put);

    expect(put).toHaveBeenCalledTimes(1);
    expect(book.read('c')).toBe('Long');
  });

  it('is forgotten at the end of the session', () => {
    book.write('c', 'One');
    book.forget();
    vi.advanceTimersByTime(QUIET_MS);

    expect(put).not.toHaveBeenCalled();
    expect(book.read('c')).toBe('');
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ChatSocket } from './socket';

class FakeSocket {
  static readonly OPEN = 1;
  static readonly all: FakeSocket[] = [];
  readyState = FakeSocket.OPEN;
  readonly sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    FakeSocket.all.push(this);
  }

  send(raw: string): void {
    this.sent.push(raw);
  }

  close(): void {
    this.readyState = 3;
  }
}

let stop = (): void => undefined;

/** A connection that stands, and what the browser holds of it. */
const connected = (): [ChatSocket, FakeSocket] => {
  const socket = new ChatSocket('ws://here');
  stop = socket.start();
  const wire = FakeSocket.all.at(-1);
  if (!wire) throw new Error('no connection');
  wire.onopen?.();
  return [socket, wire];
};

describe('a connection', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
  });
  afterEach(() => {
    stop();
    FakeSocket.all.length = 0;
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it.each([
    ['the network went', () => window.dispatchEvent(new Event('offline'))],
    ['the network came', () => window.dispatchEvent(new Event('online'))],
    ['the page is looked at again', () => document.dispatchEvent(new Event('visibilitychange'))],
  ])('that answers nothing when %s is given up soon, and opened again', (_, happens) => {
    const [socket, wire] = connected();
    happens();
    expect(wire.sent).toEqual(['{"type":"ping"}']);
    vi.advanceTimersByTime(3_100);

    expect(socket.connection.get().state).toBe('waiting');
    vi.advanceTimersByTime(30_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
  });

  it('that only brings what was on its way is given up all the same', () => {
    const [socket, wire] = connected();
    window.dispatchEvent(new Event('offline'));
    wire.onmessage?.({ data: '{"type":"delta","turn":"t","seq":1,"at":0,"text":"late"}' });
    vi.advanceTimersByTime(3_100);

    expect(socket.connection.get().state).toBe('waiting');
  });

  it('that answers stays', () => {
    const [socket, wire] = connected();
    window.dispatchEvent(new Event('offline'));
    wire.onmessage?.({ data: '{"type":"pong"}' });
    vi.advanceTimersByTime(15_000);

    expect(socket.connection.get().state).toBe('open');
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('that is silent for half a minute is given up', () => {
    const [socket] = connected();
    vi.advanceTimersByTime(30_100);

    expect(socket.connection.get().state).not.toBe('open');
  });
});

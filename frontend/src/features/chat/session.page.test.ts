import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Message } from '@/api/client';
import { messagesQuery } from '@/api/queries';
import type { ClientFrame, ServerFrame } from '@/lib/frames';
import { Observable } from '@/lib/observable';
import type { ChatSocket, Connection } from '@/lib/socket';

import { ChatSession } from './session';
import type { Question, TurnState } from './turnReducer';

/** A socket whose other end is the test. */
class FakeSocket {
  readonly connection = new Observable<Connection>({ state: 'open', generation: 1 });
  sent: ClientFrame[] = [];
  #listener: (frame: ServerFrame) => void = () => undefined;

  onFrame(listener: (frame: ServerFrame) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }
  send(frame: ClientFrame): boolean {
    const isOpen = this.connection.get().state === 'open';
    if (isOpen) this.sent.push(frame);
    return isOpen;
  }
  say(...frames: ServerFrame[]): void {
    frames.forEach((frame) => this.#listener(frame));
  }
  lose(): void {
    this.connection.set({ state: 'waiting', attempt: 1, since: 0, retryAt: 0 });
    this.sent = [];
  }
  comeBack(): void {
    this.connection.set({ state: 'open', generation: 2 });
  }
}

const asked: Question = { text: 'Why?', model: 'auto', team: null, parent: undefined, again: null };
const accepted = (id: string): ServerFrame => ({ type: 'accepted', id, turn: 't', conversation: 'c', message: '1' });
const routed: ServerFrame = {
  type: 'routed', turn: 't', model: 'm', hosting: 'commercial', strategy: 'balanced', sensitivity: 'clean', entities: [], reasons: [],
};
const delta = (seq: number, at: number, text: string): ServerFrame => ({ type: 'delta', turn: 't', seq, at, text });
const failed: ServerFrame = {
  type: 'failed', turn: 't', seq: 9, message: '', code: 'provider_unavailable', detail: 'It stopped.', partial: false, keeps: 0,
  cost_microusd: 0,
};

let socket: FakeSocket;
let client: QueryClient;
let session: ChatSession;
const only = (): TurnState | undefined => [...session.turns.get().values()][0];
const messages = (): readonly Message[] => client.getQueryData(messagesQuery('c').queryKey) ?? [];

beforeEach(() => {
  vi.spyOn(globalThis, 'requestAnimationFrame').mockImplementation((paint) => {
    paint(0);
    return 0;
  });
  socket = new FakeSocket();
  client = new QueryClient();
  session = new ChatSession(socket as unknown as ChatSocket, client);
  session.start();
});

describe('a question', () => {
  it('is sent, and stored where the server says', () => {
    const key = session.ask(null, asked);
    expect(socket.sent).toEqual([{ type: 'ask', id: key, conversation: null, text: 'Why?', model: 'auto' }]);

    socket.say(accepted(key));

    expect(messages()).toMatchObject([{ id: '1', role: 'user', text: 'Why?', turn: 't' }]);
    expect(only()).toMatchObject({ conversation: 'c', phase: 'choosing' });
  });

  it('that nobody heard is sent again under the same id', () => {
    socket.lose();
    const key = session.ask(null, asked);
    expect(socket.sent).toEqual([]);

    socket.comeBack();

    expect(socket.sent).toMatchObject([{ type: 'ask', id: key }]);
  });

  it('that was refused can be sent again, and is the same question', () => {
    const key = session.ask(null, asked);
    socket.say({ type: 'error', id: key, code: 'rate_limited', detail: 'Wait.' });
    expect(only()).toMatchObject({ phase: 'unsent', failure: { code: 'rate_limited' } });

    session.retry(key);

    expect(socket.sent.map((frame) => 'id' in frame && frame.id)).toEqual([key, key]);
  });

  it('waits while its conversation is being answered, then goes out', async () => {
    const first = session.ask('c', asked);
    socket.say(accepted(first));
    const second = session.ask('c', { ...asked, text: 'And then?' });
    expect(session.turns.get().get(second)?.phase).toBe('queued');

    socket.say(failed);
    await vi.waitFor(() => expect(session.turns.get().get(second)?.phase).toBe('sending'));

    expect(socket.sent.at(-1)).toMatchObject({ type: 'ask', id: second, text: 'And then?' });
  });

  it('that is stopped before it is accepted is stopped as soon as it can be', () => {
    const key = session.ask(null, asked);
    session.stop(key);
    socket.say(accepted(key));

    expect(socket.sent.at(-1)).toEqual({ type: 'stop', turn: 't' });
  });
});

describe('an answer', () => {
  it('is resumed where it was after the connection broke', () => {
    const key = session.ask('c', asked);
    session.open('c');
    socket.say(accepted(key), routed, delta(1, 0, '𝔘nd '), delta(2, 4, 'so'));
    socket.lose();
    socket.comeBack();

    expect(socket.sent).toEqual([
      { type: 'resume', turn: 't', at: 6, seq: 2 },
      { type: 'subscribe', conversation: 'c' },
    ]);
  });

  it('with a hole is asked for once, not with every frame', () => {
    const key = session.ask('c', asked);
    socket.say(accepted(key), routed, delta(1, 0, 'ab'), delta(5, 9, 'x'), delta(6, 10, 'y'));

    expect(socket.sent.filter(({ type }) => type === 'resume')).toEqual([{ type: 'resume', turn: 't', at: 2, seq: 1 }]);
  });

  it('that runs elsewhere is shown from its beginning', () => {
    session.open('c');
    socket.say({ type: 'state', conversation: 'c', running: [{ turn: 't', seq: 7 }] });
    expect(socket.sent.at(-1)).toEqual({ type: 'resume', turn: 't', at: 0, seq: 0 });

    socket.say(routed, delta(7, 0, 'so far'));

    expect(only()).toMatchObject({ conversation: 'c', text: 'so far' });
  });

  it('to what another device asked appears with its question', () => {
    session.open('c');
    socket.say(
      { type: 'message', conversation: 'c', message: '1', parent: null, role: 'user', author: 1, text: 'Hello?', turn: 't' },
      { type: 'message', conversation: 'c', message: '2', parent: '1', role: 'assistant', author: null, text: '', turn: 't' },
      routed,
    );

    expect(messages()).toMatchObject([{ id: '1', text: 'Hello?' }, { id: '2', parent: '1', state: 'streaming' }]);
    expect(only()).toMatchObject({ conversation: 'c', question: '1' });
  });

  it('and its question lose their labels when compliance declares them not private, and get them back', () => {
    const key = session.ask(null, asked);
    socket.say(accepted(key), { ...routed, sensitivity: 'sensitive' }, { type: 'label', conversation: 'c', message: '1', sensitivity: 'sensitive' });
    session.open('c');
    for (const message of ['1', '2']) socket.say({ type: 'label', conversation: 'c', message, sensitivity: 'clean' });

    expect(messages()[0]).toMatchObject({ id: '1', sensitivity: 'clean', is_exempt: true });

    socket.say({ type: 'label', conversation: 'c', message: '1', sensitivity: 'sensitive' });
    expect(messages()[0]).toMatchObject({ id: '1', sensitivity: 'sensitive', is_exempt: false });
  });

  it('is labelled while it is written, and its question is not', () => {
    const key = session.ask(null, asked);
    socket.say(accepted(key), routed, delta(1, 0, 'It is DE89.'));
    socket.say({ type: 'label', conversation: 'c', message: '2', sensitivity: 'sensitive' });

    expect(only()).toMatchObject({ sensitivity: 'sensitive' });
    expect(messages()).toMatchObject([{ id: '1', sensitivity: 'clean' }]);

    socket.say({ type: 'label', conversation: 'c', message: '1', sensitivity: 'unclassified' });
    expect(only()).toMatchObject({ sensitivity: 'sensitive' });
    expect(messages()).toMatchObject([{ id: '1', sensitivity: 'unclassified' }]);
  });

  it('that is over is forgotten with its conversation', () => {
    const key = session.ask('c', asked);
    const close = session.open('c');
    socket.say(accepted(key), failed);
    close();

    expect(session.turns.get().size).toBe(0);
  });
});

describe('a check', () => {
  it('is answered by its own frame, and replaced by a newer one', async () => {
    const first = session.check({ text: 'a' });
    const second = session.check({ text: 'ab' });
    const id = socket.sent.map((frame) => ('id' in frame ? frame.id : '')).at(-1) ?? '';
    socket.say({ type: 'checked', id, sensitivity: 'clean', spans: [], route: null, estimate_microusd: null, without: null });

    expect(await first).toBeNull();
    expect(await second).toMatchObject({ id });
  });
});

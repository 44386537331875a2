import { randomUUID } from 'node:crypto';

import type { WebSocket } from 'ws';

import type { Conversation, Message } from '@/api/client';
import type { AskFrame, CheckFrame, ClientFrame, ServerFrame, Span } from '@/lib/frames';

import { ANSWER, conversation, LETTER, message, type FakeTurn } from './fakeData.ts';

/*
 * The fake server's chat. In a question "switch" changes the model in mid-answer, "fall back" before the first token,
 * "break" fails with partial text, "refuse" and "budget" refuse, "wait" refuses without storing anything, and "drop"
 * cuts the connection. An e-mail address, an IBAN or "Lindqvist" is private.
 */

const TOKEN_MS = 25;
const PATTERNS: [string, RegExp][] = [
  ['EMAIL_ADDRESS', /[\w.]+@[\w-]+\.\w+/g],
  ['IBAN_CODE', /DE\d{2}(?: ?\d{4}){4} ?\d{2}/g],
  ['PERSON', /Anna Lindqvist/g],
];

interface Stored {
  row: Conversation;
  messages: Message[];
}
interface Running {
  turn: FakeTurn;
  answer: Message;
  log: ServerFrame[];
  readers: Set<WebSocket>;
  isStopped: boolean;
}

const send = (client: WebSocket, frame: ServerFrame): void => client.send(JSON.stringify(frame));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const spansOf = (text: string): Span[] =>
  PATTERNS.flatMap(([type, pattern]) =>
    [...text.matchAll(pattern)].map((found) => {
      const start = [...text.slice(0, found.index)].length;
      return { type, start, end: start + [...found[0]].length };
    }),
  );

export class FakeChat {
  readonly conversations = new Map<string, Stored>();
  readonly turns = new Map<string, FakeTurn>();
  readonly #running = new Map<string, Running>();
  readonly #clients = new Set<WebSocket>();
  #ids = 0;

  constructor() {
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    const rows = [
      conversation('c-1', 'Lab notebook, plain English', ago(400), { pinned: true }),
      conversation('c-2', 'Reminder for invoice 2026-1187', ago(1), { sensitivity: 'sensitive' }),
      conversation('c-3', 'Compare three tube furnaces', ago(30)),
      conversation('c-4', 'Candidate feedback, second round', ago(80), { sensitivity: 'sensitive' }),
      conversation('c-5', 'Regex for batch numbers', ago(100)),
    ];
    for (const row of rows) this.conversations.set(row.id, { row, messages: [] });
  }

  list(): Conversation[] {
    return [...this.conversations.values()].map(({ row }) => row).sort((a, b) => (a.active_at < b.active_at ? 1 : -1));
  }

  join(client: WebSocket): void {
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    client.on('message', (data: Buffer) => this.#hear(client, JSON.parse(data.toString()) as ClientFrame));
  }

  #hear(client: WebSocket, frame: ClientFrame): void {
    if (frame.type === 'ping') send(client, { type: 'pong' });
    else if (frame.type === 'check') this.#check(client, frame);
    else if (frame.type === 'ask') void this.#ask(client, frame);
    else if (frame.type === 'regenerate') this.#regenerate(client, frame.id, frame.message);
    else if (frame.type === 'stop') this.#stop(frame.turn);
    else if (frame.type === 'resume') this.#resume(client, frame.turn, frame.seq);
    else if (frame.type === 'subscribe') {
      const running = [...this.#running.values()].filter(({ turn }) => turn.conversation === frame.conversation);
      send(client, { type: 'state', conversation: frame.conversation, running: running.map(({ turn, log }) => ({ turn: turn.id, seq: log.length })) });
    }
  }

  #check(client: WebSocket, { id, text }: CheckFrame): void {
    const spans = spansOf(text);
    const inside = { model: 'local-llama', hosting: 'self_hosted' } as const;
    const outside = { model: 'gpt-mini', hosting: 'commercial' } as const;
    send(client, {
      type: 'checked', id, spans, sensitivity: spans.length ? 'sensitive' : 'clean', route: spans.length ? inside : outside,
      estimate_microusd: spans.length ? 0 : 4_100, without: spans.length ? outside : null,
    });
  }

  async #ask(client: WebSocket, frame: AskFrame): Promise<void> {
    await pause(250);
    if (/\bwait\b/.test(frame.text)) {
      send(client, { type: 'error', id: frame.id, code: 'rate_limited', detail: 'Try again in 20 seconds.' });
      return;
    }
    const id = frame.conversation ?? randomUUID();
    const isPrivate = spansOf(frame.text).length > 0;
    const stored = this.conversations.get(id) ?? { row: conversation(id, frame.text.slice(0, 60), new Date()), messages: [] };
    if (isPrivate) stored.row = { ...stored.row, sensitivity: 'sensitive' };
    this.conversations.set(id, stored);
    const turn = this.#turn(id, isPrivate);
    const parent = frame.parent === undefined ? (stored.messages.at(-1)?.id ?? null) : frame.parent;
    const question = message(this.#nextId(), id, parent, { text: frame.text, turn: turn.id, sensitivity: isPrivate ? 'sensitive' : 'clean' });
    stored.messages.push(question);
    this.#begin(client, frame.id, turn, question, frame.text);
  }

  #regenerate(client: WebSocket, id: string, answer: string): void {
    for (const { messages, row } of this.conversations.values()) {
      const parent = messages.find((one) => one.id === answer)?.parent;
      const question = messages.find((one) => one.id === parent);
      if (question) this.#begin(client, id, this.#turn(row.id, question.sensitivity !== 'clean'), question, '');
    }
  }

  #turn(conversationId: string, isPrivate: boolean): FakeTurn {
    const turn: FakeTurn = {
      id: randomUUID(), conversation: conversationId, isPrivate, cost: null, failedModel: null,
      ...(isPrivate ? { model: 'local-llama', hosting: 'self_hosted' } : { model: 'gpt-mini', hosting: 'commercial' }),
    };
    this.turns.set(turn.id, turn);
    return turn;
  }

  #begin(client: WebSocket, id: string, turn: FakeTurn, question: Message, text: string): void {
    const answer = message(this.#nextId(), turn.conversation, question.id, { role: 'assistant', turn: turn.id, state: 'streaming', model: turn.model, hosting: turn.hosting });
    const stored = this.conversations.get(turn.conversation);
    stored?.messages.push(answer);
    const running: Running = { turn, answer, log: [], readers: new Set([client]), isStopped: false };
    this.#running.set(turn.id, running);
    send(client, { type: 'accepted', id, turn: turn.id, conversation: turn.conversation, message: question.id });
    void this.#answer(running, text);
  }

  async #answer(running: Running, text: string): Promise<void> {
    const { turn } = running;
    await pause(500);
    const refusal = /\brefuse\b/.test(text) ? 'no_permitted_model' : /\bbudget\b/.test(text) ? 'budget_exceeded' : null;
    if (refusal) {
      this.#fail(running, refusal, 'Two rules leave no model: text with a card number stays inside, and team Interns has no model there.');
      return;
    }
    this.#say(running, { type: 'routed', turn: turn.id, model: turn.model, hosting: turn.hosting, strategy: 'balanced', sensitivity: turn.isPrivate ? 'sensitive' : 'clean', entities: [], reasons: [] });
    if (/\bfall back\b/.test(text)) this.#switch(running, 0);
    const pieces = (turn.isPrivate ? LETTER : ANSWER).match(/\s*\S+\s?/g) ?? [];
    let at = 0;
    for (const [index, piece] of pieces.entries()) {
      await pause(TOKEN_MS);
      if (running.isStopped) break;
      if (index === 30 && this.#disturb(running, text, at)) return;
      this.#say(running, { type: 'delta', turn: turn.id, seq: running.log.length + 1, at, text: piece });
      Object.assign(running.answer, { text: running.answer.text + piece });
      at += [...piece].length;
    }
    this.#complete(running);
  }

  /** What a question wants to happen in mid-answer; whether that ends it. */
  #disturb(running: Running, text: string, at: number): boolean {
    if (/\bswitch\b/.test(text)) this.#switch(running, at);
    if (/\bdrop\b/.test(text)) for (const reader of running.readers) reader.terminate();
    const breaks = /\bbreak\b/.test(text);
    if (breaks) this.#fail(running, 'provider_unavailable', 'The provider closed the connection.');
    return breaks;
  }

  #switch(running: Running, keeps: number): void {
    const { turn, answer } = running;
    turn.failedModel = turn.model;
    Object.assign(turn, { model: 'local-llama', hosting: 'self_hosted' });
    Object.assign(answer, { model: turn.model, hosting: turn.hosting });
    this.#say(running, { type: 'switched', turn: turn.id, seq: running.log.length + 1, from: turn.failedModel, to: turn.model, reason: `${turn.failedModel} sent nothing for 20 seconds.`, keeps });
  }

  #complete(running: Running): void {
    const { turn, answer, isStopped } = running;
    const finish = isStopped ? 'stopped' : 'stop';
    turn.cost = turn.hosting === 'commercial' ? 4_210 : 0;
    Object.assign(answer, { state: isStopped ? 'stopped' : 'ok', finish, cost_microusd: turn.cost });
    const stored = this.conversations.get(turn.conversation);
    if (stored) stored.row = { ...stored.row, hosting: turn.hosting, leaf: answer.id };
    const usage = { input_tokens: 120, output_tokens: 310, cached_input_tokens: 0, reasoning_tokens: 0, estimated: isStopped };
    this.#say(running, { type: 'completed', turn: turn.id, seq: running.log.length + 1, message: answer.id, finish, usage, cost_microusd: turn.cost });
    this.#running.delete(turn.id);
  }

  #fail(running: Running, code: string, detail: string): void {
    const { turn, answer } = running;
    const keeps = [...answer.text].length;
    turn.cost = 0;
    Object.assign(answer, { state: keeps ? 'partial' : code === 'provider_unavailable' ? 'failed' : 'refused', error: code });
    this.#say(running, { type: 'failed', turn: turn.id, seq: running.log.length + 1, message: answer.id, code, detail, partial: keeps > 0, keeps, cost_microusd: 0 });
    this.#running.delete(turn.id);
  }

  #stop(turn: string): void {
    const running = this.#running.get(turn);
    if (running) running.isStopped = true;
  }

  #resume(client: WebSocket, turn: string, seq: number): void {
    const running = this.#running.get(turn);
    if (!running) {
      send(client, { type: 'error', code: 'not_found', detail: 'There is no such turn.' });
      return;
    }
    running.readers.add(client);
    for (const frame of running.log) if (!('seq' in frame) || frame.seq > seq) send(client, frame);
  }

  #say(running: Running, frame: ServerFrame): void {
    running.log.push(frame);
    for (const reader of running.readers) if (this.#clients.has(reader)) send(reader, frame);
  }

  /** Like the server's ids, these sort by time. */
  #nextId(): string {
    this.#ids += 1;
    return `m-${String(this.#ids).padStart(8, '0')}`;
  }
}

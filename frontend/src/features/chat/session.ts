import type { QueryClient } from '@tanstack/react-query';

import type { Message } from '@/api/client';
import { refreshConversations } from '@/api/conversations';
import { messagesQuery, patchConversation, refreshAnswer, turnQuery, upsertMessages } from '@/api/queries';
import {
  hostingOf, isTurnFrame,
  type AcceptedFrame, type AskFrame, type Attachment, type CheckedFrame, type CheckFrame, type ErrorFrame, type LabelFrame,
  type MessageFrame, type RegenerateFrame, type ServerFrame, type StateFrame, type TurnFrame,
} from '@/lib/frames';
import { Observable } from '@/lib/observable';
import type { ChatSocket } from '@/lib/socket';

import {
  askedHere, foundRunning, isOver, isRunning, turnReducer, type Question, type TurnEvent, type TurnState,
} from './turnReducer';

const HIDDEN_MS = 100;

/** Where a turn belongs that another device asked. */
interface Place {
  conversation: string;
  question: string | null;
}

/**
 * The turns that this page knows, and the talk with the server about them: it asks, resumes after each loss of the
 * connection, and keeps what waits. All decisions about one turn's state are the reducer's.
 */
export class ChatSession {
  readonly turns = new Observable<ReadonlyMap<string, TurnState>>(new Map());
  readonly #socket: ChatSocket;
  readonly #client: QueryClient;
  readonly #latest = new Map<string, TurnState>();
  readonly #keys = new Map<string, string>();
  readonly #places = new Map<string, Place>();
  readonly #opened = new Set<string>();
  readonly #accepted = new Set<(key: string, conversation: string) => void>();
  #check: { id: string; settle: (frame: CheckedFrame | null) => void } | null = null;
  #isPublishing = false;
  #generation = 0;

  constructor(socket: ChatSocket, client: QueryClient) {
    this.#socket = socket;
    this.#client = client;
  }

  /** Listen until the returned function is called. */
  start(): () => void {
    const unhear = this.#socket.onFrame((frame) => this.#hear(frame));
    const unwatch = this.#socket.connection.subscribe(() => this.#connected());
    this.#connected();
    return () => {
      unhear();
      unwatch();
    };
  }

  /** Called with a question's key when its turn is on record; a new conversation has its id from then on. */
  onAccepted(listener: (key: string, conversation: string) => void): () => void {
    this.#accepted.add(listener);
    return () => this.#accepted.delete(listener);
  }

  /** Ask, or queue behind what the conversation is being answered. Returns the question's key. */
  ask(conversation: string | null, asked: Question): string {
    const key = crypto.randomUUID();
    const state = askedHere(key, conversation, asked);
    const mustWait = conversation !== null && this.#of(conversation).some(isRunning);
    this.#put(mustWait ? turnReducer(state, { type: 'queued' }) : state);
    if (!mustWait) this.#send(state);
    return key;
  }

  /** Send a question again that was not accepted: the same id, so it is never asked twice. */
  retry(key: string): void {
    this.#apply(key, { type: 'sending' });
    const state = this.#latest.get(key);
    if (state) this.#send(state);
  }

  /** Forget a question that is not on record. */
  discard(key: string): void {
    const state = this.#latest.get(key);
    if (state?.turn !== null) return;
    this.#latest.delete(key);
    this.#publish();
  }

  /** Show "stopping" at once; the server's `completed` ends it. */
  stop(key: string): void {
    const turn = this.#latest.get(key)?.turn;
    this.#apply(key, { type: 'stopping' });
    if (turn) this.#socket.send({ type: 'stop', turn });
  }

  /** Follow a conversation until the returned function is called. */
  open(conversation: string): () => void {
    this.#opened.add(conversation);
    this.#socket.send({ type: 'subscribe', conversation });
    return () => {
      this.#opened.delete(conversation);
      this.#socket.send({ type: 'unsubscribe', conversation });
      this.#forget(this.#of(conversation).filter(({ phase }) => phase === 'done' || phase === 'failed'));
    };
  }

  /** What would happen to a text. Null when a newer check replaced this one, or nobody could be asked. */
  check(question: Omit<CheckFrame, 'type' | 'id'>): Promise<CheckedFrame | null> {
    this.#check?.settle(null);
    const id = crypto.randomUUID();
    return new Promise((resolve) => {
      this.#check = { id, settle: resolve };
      if (!this.#socket.send({ type: 'check', id, ...question })) resolve(null);
    });
  }

  // --- what the server says

  #hear(frame: ServerFrame): void {
    if (isTurnFrame(frame)) {
      this.#hearTurn(frame);
      return;
    }
    switch (frame.type) {
      case 'accepted':
        this.#hearAccepted(frame);
        break;
      case 'checking':
        this.#apply(frame.id, frame);
        break;
      case 'checked':
        this.#settleCheck(frame.id, frame);
        break;
      case 'message':
        this.#hearMessage(frame);
        break;
      case 'state':
        this.#hearState(frame);
        break;
      case 'label':
        this.#hearLabel(frame);
        break;
      case 'error':
        this.#hearError(frame);
        break;
    }
  }

  #hearTurn(frame: TurnFrame): void {
    const key = this.#keys.get(frame.turn) ?? this.#found(frame.turn);
    const before = this.#latest.get(key);
    this.#apply(key, frame);
    const state = this.#latest.get(key);
    if (!state) return;
    if (state.hasHole && !before?.hasHole) this.#resume(state);
    if (isOver(state) && before && !isOver(before)) void this.#ended(state);
  }

  #hearAccepted(frame: AcceptedFrame): void {
    const known = this.#latest.get(frame.id);
    if (!known) return;
    this.#keys.set(frame.turn, frame.id);
    this.#apply(frame.id, frame);
    if (known.phase === 'stopping') this.#socket.send({ type: 'stop', turn: frame.turn });
    if (known.turn !== null) return;
    if (known.asked && !known.asked.again) this.#storeQuestion(frame, known.asked);
    refreshConversations(this.#client).catch(() => undefined); // the list shows it with the next one
    for (const listener of this.#accepted) listener(frame.id, frame.conversation);
  }

  #hearMessage(frame: MessageFrame): void {
    if (frame.turn) this.#places.set(frame.turn, { conversation: frame.conversation, question: frame.parent });
    const known = this.#messages(frame.conversation).find(({ id }) => id === frame.message);
    if (known && known.state !== 'streaming') return;
    this.#store(frame.conversation, {
      ...blankMessage, id: frame.message, conversation: frame.conversation, parent: frame.parent, role: frame.role,
      author: frame.author, text: frame.text, turn: frame.turn ?? null, attachments: (frame.attachments ?? []).map(asStored),
      state: frame.role === 'assistant' ? 'streaming' : 'ok',
    });
  }

  #hearState({ conversation, running }: StateFrame): void {
    for (const { turn } of running) {
      if (this.#keys.has(turn)) continue;
      this.#places.set(turn, this.#places.get(turn) ?? { conversation, question: null });
      const state = this.#latest.get(this.#found(turn));
      if (state) this.#resume(state);
    }
  }

  #hearLabel({ conversation, message, sensitivity }: LabelFrame): void {
    const known = this.#messages(conversation).find(({ id }) => id === message);
    if (known) {
      // Of a message that is final, compliance alone changes the label.
      const isExempt = known.sensitivity === sensitivity ? known.is_exempt : sensitivity === 'clean';
      this.#store(conversation, { ...known, sensitivity, is_exempt: isExempt });
    }
    if (known && known.state !== 'streaming') {
      const turn = this.#of(conversation).find(({ answer }) => answer === message);
      if (turn) this.#apply(turn.key, { type: 'relabelled', sensitivity });
      return;
    }
    // It is the answer that is being written, of which this page may have nothing stored yet.
    for (const { key } of this.#of(conversation).filter(isRunning)) this.#apply(key, { type: 'labelled', sensitivity });
  }

  #hearError({ id, code, detail, said }: ErrorFrame): void {
    if (id === undefined) {
      if (code === 'not_found') for (const conversation of this.#opened) void this.#reread(conversation);
    } else if (this.#check?.id === id) this.#settleCheck(id, null);
    else this.#apply(id, code === 'turn_running' ? { type: 'queued' } : { type: 'unsent', code, detail, said });
  }

  #settleCheck(id: string, frame: CheckedFrame | null): void {
    if (this.#check?.id !== id) return;
    this.#check.settle(frame);
    this.#check = null;
  }

  // --- what follows from it

  /** A new connection knows nothing of what the old one was told. */
  #connected(): void {
    const now = this.#socket.connection.get();
    if (now.state !== 'open' || now.generation === this.#generation) return;
    this.#generation = now.generation;
    this.#check?.settle(null);
    for (const state of this.#latest.values()) {
      if (isOver(state) || state.phase === 'queued') continue;
      if (state.turn === null) this.#send(state);
      else this.#resume(state);
      if (state.phase === 'stopping' && state.turn) this.#socket.send({ type: 'stop', turn: state.turn });
    }
    for (const conversation of this.#opened) {
      this.#socket.send({ type: 'subscribe', conversation });
      if (now.generation > 1) void this.#client.invalidateQueries(messagesQuery(conversation));
    }
  }

  #send({ key, conversation, asked }: TurnState): void {
    if (asked) this.#socket.send(frameOf(key, conversation, asked));
  }

  #resume({ turn, length, seq }: TurnState): void {
    if (turn !== null) this.#socket.send({ type: 'resume', turn, at: length, seq });
  }

  async #ended(state: TurnState): Promise<void> {
    if (state.turn) void this.#client.invalidateQueries(turnQuery(state.turn));
    if (state.conversation === null) return;
    if (state.answer) await refreshAnswer(this.#client, state.conversation, state.answer).catch(() => undefined);
    this.#listOrigin(state.conversation, state.answer);
    const next = this.#of(state.conversation).find(({ phase }) => phase === 'queued');
    if (next && !this.#of(state.conversation).some(isRunning)) this.retry(next.key);
  }

  /** The list shows where the newest answer came from. */
  #listOrigin(conversation: string, answer: string | null): void {
    const hosting = hostingOf(this.#messages(conversation).find(({ id }) => id === answer)?.hosting);
    if (hosting) patchConversation(this.#client, conversation, (known) => ({ ...known, hosting, leaf: answer }));
  }

  /** A turn that the server does not know any more is over: its message says how it ended. */
  async #reread(conversation: string): Promise<void> {
    await this.#client.invalidateQueries(messagesQuery(conversation));
    const stored = new Map(this.#messages(conversation).map((message) => [message.turn, message.state]));
    this.#forget(this.#of(conversation).filter(({ turn }) => turn !== null && stored.get(turn) !== 'streaming'));
  }

  #forget(states: readonly TurnState[]): void {
    for (const { key, turn } of states) {
      this.#latest.delete(key);
      if (turn === null) continue;
      this.#keys.delete(turn);
      this.#places.delete(turn);
    }
    if (states.length) this.#publish();
  }

  #found(turn: string): string {
    const place = this.#places.get(turn);
    this.#keys.set(turn, turn);
    this.#put(foundRunning(turn, place?.conversation ?? null, place?.question ?? null));
    return turn;
  }

  #storeQuestion({ conversation, message, turn }: AcceptedFrame, { text, parent, attachments }: Question): void {
    const known = this.#messages(conversation);
    this.#store(conversation, {
      ...blankMessage, id: message, conversation, turn, text, role: 'user', attachments: (attachments ?? []).map(asStored),
      parent: parent === undefined ? (known.at(-1)?.id ?? null) : parent,
    });
  }

  #store(conversation: string, message: Message): void {
    upsertMessages(this.#client, conversation, [message]);
  }

  #messages(conversation: string): readonly Message[] {
    return this.#client.getQueryData(messagesQuery(conversation).queryKey) ?? [];
  }

  #of(conversation: string): TurnState[] {
    return [...this.#latest.values()].filter((state) => state.conversation === conversation);
  }

  #apply(key: string, event: TurnEvent): void {
    const state = this.#latest.get(key);
    if (state) this.#put(turnReducer(state, event), event.type === 'delta');
  }

  #put(state: TurnState, mayWait = false): void {
    if (this.#latest.get(state.key) === state) return;
    this.#latest.set(state.key, state);
    if (mayWait) this.#publishSoon();
    else this.#publish();
  }

  /** At most once per painted frame, however fast text arrives; a hidden page paints none. */
  #publishSoon(): void {
    if (this.#isPublishing) return;
    this.#isPublishing = true;
    if (document.hidden) setTimeout(() => this.#publish(), HIDDEN_MS);
    else requestAnimationFrame(() => this.#publish());
  }

  #publish(): void {
    this.#isPublishing = false;
    this.turns.set(new Map(this.#latest));
  }
}

/** What only the server knows of a file nobody asks this page for. */
const asStored = (file: Attachment): Message['attachments'][number] => ({ characters: 0, shortened: false, ...file });

const blankMessage = {
  state: 'ok', author: null, sensitivity: 'clean', sensitivity_source: 'own', is_exempt: false, model: '', hosting: '', finish: '',
  error: '', cost_microusd: null, created_at: '', attachments: [], rating: null, parts: [],
} satisfies Partial<Message>;

const frameOf = (key: string, conversation: string | null, asked: Question): AskFrame | RegenerateFrame =>
  asked.again
    ? { type: 'regenerate', id: key, message: asked.again.answer, model: asked.model }
    : {
        type: 'ask',
        id: key,
        conversation,
        text: asked.text,
        model: asked.model,
        ...(asked.parent === undefined ? {} : { parent: asked.parent }),
        ...(asked.team === null ? {} : { team: asked.team }),
        ...(asked.attachments?.length ? { attachments: asked.attachments.map(({ id }) => id) } : {}),
      };

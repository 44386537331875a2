import { backoffMs } from '@/lib/backoff';
import { CLOSED, parseFrame, type ClientFrame, type ServerFrame } from '@/lib/frames';
import { Observable } from '@/lib/observable';

const PING_MS = 20_000;
const PONG_MS = 10_000;
/** The same where something says that the network has changed: who waits for an answer shall know soon. */
const DOUBT_MS = 3_000;
const LOG_LENGTH = 500;
/** A connection that breaks sooner was never a good one: the next wait grows on. */
const STABLE_MS = 5_000;

/** `since`: when the connection was lost (epoch milliseconds). `ended`: nothing more is tried. */
export type Connection =
  | { state: 'open'; generation: number }
  | { state: 'connecting'; attempt: number; since: number }
  | { state: 'waiting'; attempt: number; since: number; retryAt: number }
  | { state: 'ended'; code: number };

export interface LoggedFrame {
  number: number;
  at: number;
  direction: 'in' | 'out';
  type: string;
  raw: string;
}

const FATAL: ReadonlySet<number> = new Set([CLOSED.notSignedIn, CLOSED.notAllowed, CLOSED.sessionEnded]);

/**
 * One socket to the server that is opened again whenever it breaks. It keeps no questions: who sends finds out from
 * `connection` that there is a new one (its `generation`), and says again what it still wants to know.
 */
export class ChatSocket {
  readonly connection = new Observable<Connection>({ state: 'connecting', attempt: 0, since: Date.now() });
  /** The newest frames in both directions, for the developer panel. */
  readonly log = new Observable<readonly LoggedFrame[]>([]);
  readonly #listeners = new Set<(frame: ServerFrame) => void>();
  readonly #url: string;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;
  #isDoubted = false;
  #generation = 0;
  #openedAt = 0;
  #numbered = 0;

  constructor(url: string) {
    this.#url = url;
  }

  /** Connect, and stay connected until the returned function is called. */
  start(): () => void {
    window.addEventListener('online', this.#doubt);
    window.addEventListener('offline', this.#doubt);
    document.addEventListener('visibilitychange', this.#doubt);
    this.#open(0, Date.now());
    return () => {
      window.removeEventListener('online', this.#doubt);
      window.removeEventListener('offline', this.#doubt);
      document.removeEventListener('visibilitychange', this.#doubt);
      this.#drop();
    };
  }

  onFrame(listener: (frame: ServerFrame) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether the frame was handed to an open connection. */
  send(frame: ClientFrame): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    const raw = JSON.stringify(frame);
    this.#socket.send(raw);
    this.#note('out', frame.type, raw);
    return true;
  }

  readonly retryNow = (): void => {
    const now = this.connection.get();
    if (now.state === 'waiting') this.#open(now.attempt, now.since);
  };

  /** The network went or came, or the machine woke up: a connection that only seems to stand is found out. */
  readonly #doubt = (): void => {
    if (document.visibilityState === 'hidden') return;
    if (navigator.onLine) this.retryNow();
    if (!this.send({ type: 'ping' })) return;
    this.#isDoubted = true;
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => this.#lost(0, 0, Date.now()), DOUBT_MS);
  };

  #open(attempt: number, since: number): void {
    this.#drop();
    this.connection.set({ state: 'connecting', attempt, since });
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    // What an abandoned socket still says is not heard: every handler asks whether it is the current one.
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#generation += 1;
      this.#openedAt = Date.now();
      this.connection.set({ state: 'open', generation: this.#generation });
      this.#watchPulse();
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      if (socket === this.#socket) this.#hear(event.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#lost(event.code, attempt, since);
    };
  }

  #hear(raw: string): void {
    const frame = parseFrame(raw);
    // What was on its way when the network went proves nothing: only the answer to the question does.
    if (frame?.type === 'pong') this.#isDoubted = false;
    if (!this.#isDoubted) this.#watchPulse();
    this.#note('in', frame?.type ?? '?', raw);
    if (frame) for (const listener of [...this.#listeners]) listener(frame);
  }

  #lost(code: number, attempt: number, since: number): void {
    this.#drop();
    if (FATAL.has(code)) {
      this.connection.set({ state: 'ended', code });
      return;
    }
    const wasOpen = this.connection.get().state === 'open';
    const wasStable = wasOpen && Date.now() - this.#openedAt > STABLE_MS;
    const tries = wasStable ? 0 : attempt + 1;
    const lostAt = wasOpen ? Date.now() : since;
    const wait = backoffMs(code === CLOSED.tooMany ? tries + 3 : tries, Math.random());
    this.connection.set({ state: 'waiting', attempt: tries, since: lostAt, retryAt: Date.now() + wait });
    this.#timer = setTimeout(() => this.#open(tries, lostAt), wait);
  }

  /** A connection that says nothing is asked; one that does not answer is gone, whatever the network stack believes. */
  #watchPulse(): void {
    clearTimeout(this.#pulse);
    this.#pulse = setTimeout(() => {
      this.send({ type: 'ping' });
      this.#pulse = setTimeout(() => this.#lost(0, 0, Date.now()), PONG_MS);
    }, PING_MS);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#pulse);
    this.#isDoubted = false;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #note(direction: 'in' | 'out', type: string, raw: string): void {
    this.#numbered += 1;
    const entry = { number: this.#numbered, at: Date.now(), direction, type, raw };
    this.log.set([...this.log.get().slice(1 - LOG_LENGTH), entry]);
  }
}

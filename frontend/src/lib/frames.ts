/** The frames of `/ws/v1/chat`, as the contract names them. Offsets and lengths of text are in code points. */

import type { Said } from './said';

export type Hosting = 'self_hosted' | 'commercial';
export type Sensitivity = 'clean' | 'sensitive' | 'unclassified';
export type Finish = 'stop' | 'length' | 'stopped' | 'tool_calls' | 'content_filter';

export interface Route {
  model: string;
  hosting: Hosting;
}
export interface Span {
  type: string;
  start: number;
  end: number;
}
export interface Entity {
  type: string;
  count: number;
}
/** A file that belongs to a question, as the question tells of it. */
export interface Attachment {
  id: string;
  name: string;
  kind: 'text' | 'image';
  media_type: string;
  size_bytes: number;
}
/** What another text would change: without these kinds the question goes to this model. `better`: at this task, against
 * the present route; 0 where there is no clear difference. `spans` say what to put in the place of what. */
export interface Change {
  remove: string[];
  route: Route;
  estimate_microusd: number | null;
  quality: number | null;
  task: string;
  domain: string;
  better: -1 | 0 | 1;
  spans: { start: number; end: number; placeholder: string }[];
}
/** The tightest limit that would pay for a question. `ends_at`: when its period ends; null: never. `left_microusd` is null
 * where it would tell what a few others spend: then `state` alone says how it stands (`low`: under a tenth is left). */
export interface BudgetLeft {
  left_microusd: number | null;
  state?: 'open' | 'low' | 'used_up';
  limit_microusd: number;
  period: string;
  ends_at: string | null;
}
export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_tokens: number;
  estimated: boolean;
}

// --- client -> server

/** `parent` left out follows the newest leaf; null starts a new root. The same `id` is the same question. */
export interface AskFrame {
  type: 'ask';
  id: string;
  text: string;
  conversation?: string | null;
  team?: string;
  model?: string;
  parent?: string | null;
  attachments?: readonly string[];
}
export interface CheckFrame {
  type: 'check';
  id: string;
  text: string;
  conversation?: string | null;
  model?: string;
  attachments?: readonly string[];
}
export interface RegenerateFrame {
  type: 'regenerate';
  id: string;
  message: string;
  model?: string;
}
export interface ResumeFrame {
  type: 'resume';
  turn: string;
  at: number;
  seq: number;
}
export type ClientFrame =
  | AskFrame
  | CheckFrame
  | RegenerateFrame
  | ResumeFrame
  | { type: 'stop'; turn: string }
  | { type: 'subscribe' | 'unsubscribe'; conversation: string }
  | { type: 'ping' };

/** What is stored of an answer that never came is empty. */
export const hostingOf = (value: string | null | undefined): Hosting | null =>
  value === 'self_hosted' || value === 'commercial' ? value : null;

// --- server -> client

/** `route` is null when nothing is permitted; `without` is the route if the spans were removed. */
export interface CheckedFrame {
  type: 'checked';
  id: string;
  sensitivity: Sensitivity;
  spans: Span[];
  route: Route | null;
  estimate_microusd: number | null;
  without: Route | null;
  changes?: Change[];
  budget?: BudgetLeft | null;
  /** What was found in each attached file. */
  attachments?: readonly { id: string; sensitivity: Sensitivity }[];
}
/** `message` is the question. */
export interface AcceptedFrame {
  type: 'accepted';
  id: string;
  turn: string;
  conversation: string;
  message: string;
}
export interface RoutedFrame {
  type: 'routed';
  turn: string;
  model: string;
  hosting: Hosting;
  strategy: string;
  sensitivity: Sensitivity;
  entities: Entity[];
  reasons: string[];
  /** Beside each reason what it says, where it has a code. */
  said?: (Said | null)[];
  /** The models that were asked at once and vote, `model` among them. */
  together?: string[];
}
export interface DeltaFrame {
  type: 'delta';
  turn: string;
  seq: number;
  at: number;
  text: string;
}
export interface SwitchedFrame {
  type: 'switched';
  turn: string;
  seq: number;
  from: string;
  to: string;
  hosting?: Hosting;
  reason: string;
  said?: Said;
  keeps: number;
}
/** `message` is the answer, which is stored by now. Hosting and label are final: `routed` told those of the beginning. */
export interface CompletedFrame {
  type: 'completed';
  turn: string;
  seq: number;
  message: string;
  finish: Finish;
  usage: Usage;
  cost_microusd: number;
  model?: string;
  hosting?: Hosting | null;
  sensitivity?: Sensitivity | null;
}
export interface FailedFrame {
  type: 'failed';
  turn: string;
  seq: number;
  message: string;
  code: string;
  detail: string;
  said?: Said;
  partial: boolean;
  keeps: number;
  cost_microusd: number;
  hosting?: Hosting | null;
  sensitivity?: Sensitivity | null;
}
export interface MessageFrame {
  type: 'message';
  conversation: string;
  message: string;
  parent: string | null;
  role: 'user' | 'assistant';
  author: number | null;
  text: string;
  attachments?: Attachment[];
  turn?: string;
}
/** What the same person typed and did not send, on another device. Empty: it was sent or removed. */
export interface DraftFrame {
  type: 'draft';
  conversation: string | null;
  text: string;
  updated_at: string;
}
export interface StateFrame {
  type: 'state';
  conversation: string;
  running: { turn: string; seq: number }[];
}
export interface ConversationFrame {
  type: 'conversation';
  conversation: string;
  title: string;
  sensitivity: Sensitivity;
  pinned: boolean;
  archived: boolean;
  deleted: boolean;
  version: number;
}
export interface LabelFrame {
  type: 'label';
  conversation: string;
  message: string;
  sensitivity: Sensitivity;
}
export interface ErrorFrame {
  type: 'error';
  code: string;
  detail: string;
  said?: Said;
  id?: string;
}
/** What happens to one turn after it is on record. */
export type TurnFrame = RoutedFrame | DeltaFrame | SwitchedFrame | CompletedFrame | FailedFrame;
export type ServerFrame =
  | TurnFrame
  | CheckedFrame
  | AcceptedFrame
  | MessageFrame
  | StateFrame
  | ConversationFrame
  | LabelFrame
  | DraftFrame
  | ErrorFrame
  | { type: 'checking'; id: string }
  | { type: 'pong' };

const KNOWN: ReadonlySet<string> = new Set<ServerFrame['type']>([
  'checked', 'checking', 'accepted', 'routed', 'delta', 'switched', 'completed', 'failed', 'message', 'state',
  'conversation', 'label', 'draft', 'error', 'pong',
]);

/** The frame in a text, or null for what a newer server may say and this page does not know. */
export const parseFrame = (text: string): ServerFrame | null => {
  const found: unknown = JSON.parse(text);
  const isKnown =
    typeof found === 'object' && found !== null && 'type' in found && KNOWN.has(String(found.type));
  return isKnown ? (found as ServerFrame) : null;
};

export const isTurnFrame = (frame: ServerFrame): frame is TurnFrame =>
  'turn' in frame && frame.type !== 'accepted' && frame.type !== 'message';

/** Close codes of the contract that this page answers differently. */
export const CLOSED = {
  notSignedIn: 4401,
  notAllowed: 4403,
  sessionEnded: 4408,
  tooLarge: 4413,
  tooMany: 4429,
} as const;

/** Bytes of UTF-8 that a question may have; more is refused by the server. */
export const MAX_TEXT_BYTES = 1_000_000;

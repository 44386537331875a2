import { countCodePoints, sliceCodePoints } from '@/lib/codePoints';
import type {
  AcceptedFrame, Attachment, CompletedFrame, DeltaFrame, FailedFrame, Finish, Hosting, RoutedFrame, Sensitivity, SwitchedFrame,
  TurnFrame, Usage,
} from '@/lib/frames';
import type { Said } from '@/lib/said';

/*
 * The state of one turn as this page knows it, from the question to the end of the answer, in one pure reducer.
 *
 *   queued -> sending -> (checking) -> choosing -> writing -> (stopping) -> done | failed
 *                 \-> unsent (nothing is stored; may be sent again)
 *
 * Frames may come twice or after a hole (reload, resume, a second tab): text is put together by its offsets, so that no
 * character is lost or doubled. All offsets are code points.
 */

export type Phase =
  | 'queued' | 'sending' | 'checking' | 'choosing' | 'writing' | 'stopping' | 'done' | 'failed' | 'unsent';

/** A stretch of the answer that one model wrote, from `at` on. `takesOverFrom`: the model before it, and a sentence that
 * says why it gave up; empty where nobody told this page. `silent`: models that
 * were asked in between and wrote nothing. */
export interface Segment {
  at: number;
  model: string;
  hosting: Hosting | null;
  takesOverFrom: { model: string; reason: string; said?: Said | undefined; silent?: readonly string[] } | null;
}

/** What was asked on this page; null for turns that another device asked. */
export interface Question {
  text: string;
  model: string;
  team: string | null;
  /** The message that it follows; undefined: the newest leaf, whatever that is when it is sent. */
  parent: string | null | undefined;
  /** The answer that is to be given once more, and its question; then `text` is not sent. */
  again: { answer: string; question: string } | null;
  attachments?: readonly Attachment[] | undefined;
}

export interface Failure {
  code: string;
  detail: string;
  said?: Said | undefined;
  partial: boolean;
}

export interface TurnState {
  /** Stays the same for as long as the page lives: the client's id, or the turn's where another device asked. */
  key: string;
  turn: string | null;
  conversation: string | null;
  /** The message with the question, once it is stored. */
  question: string | null;
  /** The message with the answer, once it is stored. */
  answer: string | null;
  asked: Question | null;
  phase: Phase;
  text: string;
  length: number;
  seq: number;
  /** So much text exists: a switch said so. Text up to here is taken whatever its number. */
  owed: number;
  /** Text is missing before what came last: it has to be asked for. */
  hasHole: boolean;
  segments: readonly Segment[];
  routed: RoutedFrame | null;
  /** The label of the answer as far as it is known: that of what was asked, or higher; it may rise until the end. */
  sensitivity: Sensitivity | null;
  finish: Finish | null;
  usage: Usage | null;
  costMicroUsd: number | null;
  failure: Failure | null;
}

export type TurnEvent =
  | TurnFrame
  | AcceptedFrame
  | { type: 'queued' | 'sending' | 'checking' | 'stopping' }
  | { type: 'labelled'; sensitivity: Sensitivity }
  | { type: 'relabelled'; sensitivity: Sensitivity }
  | { type: 'unsent'; code: string; detail: string; said?: Said | undefined };

const blank = {
  turn: null, conversation: null, question: null, answer: null, asked: null, text: '', length: 0, seq: 0, owed: 0,
  hasHole: false, segments: [], routed: null, sensitivity: null, finish: null, usage: null, costMicroUsd: null, failure: null,
} satisfies Partial<TurnState>;

/** A question that is about to be sent from here. */
export const askedHere = (key: string, conversation: string | null, asked: Question): TurnState => ({
  ...blank, key, conversation, asked, question: asked.again?.question ?? null, phase: 'sending',
});

/** A turn that runs already, and that this page has seen nothing of. */
export const foundRunning = (turn: string, conversation: string | null, question: string | null): TurnState => ({
  ...blank, key: turn, turn, conversation, question, phase: 'choosing',
});

export const isOver = ({ phase }: TurnState): boolean => phase === 'done' || phase === 'failed' || phase === 'unsent';

/** Whether the server works on it, or will as soon as it hears of it. */
export const isRunning = (state: TurnState): boolean => !isOver(state) && state.phase !== 'queued';

export const turnReducer = (state: TurnState, event: TurnEvent): TurnState =>
  event.type === 'relabelled' ? relabelled(state, event.sensitivity) : advanced(state, event);

const advanced = (state: TurnState, event: Exclude<TurnEvent, { type: 'relabelled' }>): TurnState => {
  if (state.phase === 'done' || state.phase === 'failed') return state;
  switch (event.type) {
    case 'queued':
    case 'sending':
    case 'checking':
    case 'stopping':
      return staged(state, event.type);
    case 'unsent':
      return {
        ...state, phase: 'unsent', failure: { code: event.code, detail: event.detail, said: event.said, partial: false },
      };
    case 'accepted':
      return accepted(state, event);
    case 'routed':
      return routed(state, event);
    case 'delta':
      return grown(state, event);
    case 'labelled':
      return { ...state, sensitivity: event.sensitivity };
    case 'switched':
      return switched(state, event);
    case 'completed':
      return {
        ...final(state, event), phase: 'done', seq: event.seq, answer: event.message, finish: event.finish, usage: event.usage,
        costMicroUsd: event.cost_microusd,
      };
    case 'failed':
      return {
        ...final(cut(state, event.keeps), event), phase: 'failed', seq: event.seq, answer: event.message,
        costMicroUsd: event.cost_microusd,
        failure: { code: event.code, detail: event.detail, said: event.said, partial: event.partial },
      };
  }
};

/** What was asked and answered has another label since: compliance has declared it not private, or not any more. */
const relabelled = (state: TurnState, sensitivity: Sensitivity): TurnState => ({
  ...state, sensitivity, routed: state.routed && { ...state.routed, sensitivity },
});

const staged = (state: TurnState, phase: 'queued' | 'sending' | 'checking' | 'stopping'): TurnState => {
  if (phase === 'checking' && state.phase !== 'sending') return state;
  return { ...state, phase, failure: phase === 'queued' || phase === 'sending' ? null : state.failure };
};

const accepted = (state: TurnState, event: AcceptedFrame): TurnState => ({
  ...state,
  turn: event.turn,
  conversation: event.conversation,
  question: event.message,
  phase: state.phase === 'sending' || state.phase === 'checking' ? 'choosing' : state.phase,
});

/** The first route. It comes again when a turn is resumed from its start; what happened since then stays. */
const routed = (state: TurnState, event: RoutedFrame): TurnState => ({
  ...state,
  routed: event,
  sensitivity: state.sensitivity ?? event.sensitivity,
  phase: state.phase === 'stopping' ? 'stopping' : 'writing',
  segments: state.segments.length
    ? state.segments
    : [{ at: 0, model: event.model, hosting: event.hosting, takesOverFrom: null }],
});

const grown = (state: TurnState, event: DeltaFrame): TurnState => {
  const isOwed = state.length < state.owed;
  if (event.seq <= state.seq && !isOwed) return state;
  if (event.at > state.length) return { ...state, hasHole: true };
  const fresh = sliceCodePoints(event.text, state.length - event.at);
  return {
    ...state,
    text: state.text + fresh,
    length: state.length + countCodePoints(fresh),
    seq: Math.max(state.seq, event.seq),
    hasHole: false,
    phase: state.phase === 'stopping' ? 'stopping' : 'writing',
  };
};

/** Another model goes on behind the first `keeps` code points; what came after them is void. */
const switched = (state: TurnState, event: SwitchedFrame): TurnState => {
  if (event.seq <= state.seq) return state;
  const next: Segment = {
    at: event.keeps,
    model: event.to,
    hosting: event.hosting ?? null,
    takesOverFrom: { model: event.from, reason: event.reason, said: event.said },
  };
  return {
    ...cut(state, event.keeps),
    seq: event.seq,
    owed: event.keeps,
    segments: [...state.segments.filter((segment) => segment.at <= event.keeps), next],
  };
};

/** The last frame knows best: a rule that changed meanwhile may have raised the label, or moved the model. */
const final = (state: TurnState, { hosting, sensitivity }: CompletedFrame | FailedFrame): TurnState => ({
  ...state,
  sensitivity: sensitivity ?? state.sensitivity,
  // Of several models the frame tells where the farthest one is, which says nothing about the last.
  segments: hosting && state.segments.length === 1 ? state.segments.map((part) => ({ ...part, hosting })) : state.segments,
});

const cut = (state: TurnState, keeps: number): TurnState =>
  keeps >= state.length ? state : { ...state, text: sliceCodePoints(state.text, 0, keeps), length: keeps };

import type { Message, Turn } from '@/api/client';
import type { Attachment, Sensitivity } from '@/lib/frames';

import { isRunning, type TurnState } from './turnReducer';

/*
 * From messages (a tree: siblings share a parent) and live turns to what one branch of a conversation shows.
 * Message ids are ordered by time; a live turn that has no stored answer yet stands in with an id that sorts last.
 */

/** The place of a message among its siblings, for the branch switcher. */
export interface Siblings {
  ids: readonly string[];
  index: number;
}
export interface QuestionItem {
  kind: 'question';
  key: string;
  text: string;
  attachments: readonly Attachment[];
  stored: Message | null;
  turn: TurnState | null;
  siblings: Siblings;
}
export interface AnswerItem {
  kind: 'answer';
  key: string;
  /** The message with the question, which `regenerate` and a new branch start from. */
  question: string | null;
  stored: Message | null;
  turn: TurnState | null;
  siblings: Siblings;
}
export interface QueuedItem {
  kind: 'queued';
  key: string;
  turn: TurnState;
}
export type ThreadItem = QuestionItem | AnswerItem | QueuedItem;

export interface Thread {
  items: readonly ThreadItem[];
  /** The newest stored message of the branch that is shown. */
  leaf: string | null;
  /** Whether that branch is also the newest one: then a question may simply follow. */
  isNewest: boolean;
}

interface Node {
  id: string;
  parent: string | null;
  item: Omit<QuestionItem, 'siblings'> | Omit<AnswerItem, 'siblings'>;
}

const LAST = '~';
const ROOT = '';

/** `chosen`: for a parent (or `''`), the child that a person wants to see instead of the newest one. */
export const threadOf = (
  messages: readonly Message[],
  turns: readonly TurnState[],
  chosen: ReadonlyMap<string, string>,
): Thread => {
  const byTurn = new Map(turns.flatMap((live) => (live.turn === null ? [] : [[live.turn, live]])));
  const nodes = [...messages.map((message) => storedNode(message, byTurn)), ...standIns(messages, turns)];
  const children = childrenOf(nodes);
  const newest = newestBelow(nodes);
  const items: ThreadItem[] = [];
  let isNewest = true;
  let parent = ROOT;
  let siblings = children.get(ROOT);
  while (siblings) {
    const latest = siblings.reduce((best, node) => (newestOf(newest, node) > newestOf(newest, best) ? node : best));
    const wanted = chosen.get(parent);
    const node = siblings.find(({ id }) => id === wanted) ?? latest;
    isNewest &&= node === latest;
    const ids = siblings.map(({ id }) => id);
    items.push({ ...node.item, siblings: { ids, index: ids.indexOf(node.id) } });
    parent = node.id;
    siblings = children.get(parent);
  }
  const queued = turns.filter(({ phase }) => phase === 'queued').map(asQueued);
  return { items: [...items, ...queued], leaf: lastStored(items), isNewest };
};

const storedNode = (message: Message, turns: ReadonlyMap<string, TurnState>): Node => {
  const turn = turns.get(message.turn ?? '') ?? null;
  const { id, parent, text, attachments } = message;
  return message.role === 'user'
    ? { id, parent, item: { kind: 'question', key: id, text, attachments, stored: message, turn } }
    : { id, parent, item: { kind: 'answer', key: turn?.key ?? message.turn ?? id, question: parent, stored: message, turn } };
};

/** Answers that are being written, and questions that are on their way. */
const standIns = (messages: readonly Message[], turns: readonly TurnState[]): Node[] => {
  const answered = new Set(messages.filter(({ role }) => role === 'assistant').map(({ turn }) => turn));
  const known = new Set(messages.map(({ id }) => id));
  return turns.flatMap((turn) => {
    if (turn.phase === 'queued' || (turn.turn !== null && answered.has(turn.turn))) return [];
    const id = `${LAST}${turn.key}`;
    if (turn.question !== null && known.has(turn.question)) return [liveAnswer(id, turn.question, turn)];
    if (!turn.asked || turn.asked.again) return [];
    const asking: Node = {
      id: `${id}?`,
      parent: turn.asked.parent ?? lastOf(messages),
      item: { kind: 'question', key: `${turn.key}?`, text: turn.asked.text, attachments: turn.asked.attachments ?? [], stored: null, turn },
    };
    return [asking, liveAnswer(id, asking.id, turn)];
  });
};

const liveAnswer = (id: string, question: string, turn: TurnState): Node => ({
  id, parent: question, item: { kind: 'answer', key: turn.key, question: turn.question, stored: null, turn },
});

const lastOf = (messages: readonly Message[]): string | null => messages.at(-1)?.id ?? null;

const childrenOf = (nodes: readonly Node[]): ReadonlyMap<string, Node[]> => {
  const children = new Map<string, Node[]>();
  for (const node of nodes) {
    const siblings = children.get(node.parent ?? ROOT);
    if (siblings) siblings.push(node);
    else children.set(node.parent ?? ROOT, [node]);
  }
  return children;
};

/** For each message the newest one of its branch. */
const newestBelow = (nodes: readonly Node[]): ReadonlyMap<string, string> => {
  const newest = new Map<string, string>();
  for (const node of nodes.toReversed()) {
    const own = newestOf(newest, node);
    const parent = node.parent ?? ROOT;
    if (own > (newest.get(parent) ?? '')) newest.set(parent, own);
  }
  return newest;
};

const newestOf = (newest: ReadonlyMap<string, string>, node: Node): string => newest.get(node.id) ?? node.id;

const asQueued = (turn: TurnState): QueuedItem => ({ kind: 'queued', key: turn.key, turn });

const lastStored = (items: readonly ThreadItem[]): string | null => {
  const stored = items.findLast((item) => item.kind !== 'queued' && item.stored !== null);
  return stored && stored.kind !== 'queued' ? (stored.stored?.id ?? null) : null;
};

/** The messages from the first one down to this one, as choices: for each parent the child that leads there. */
export const pathTo = (messages: readonly Message[], id: string): ReadonlyMap<string, string> => {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const path = new Map<string, string>();
  for (let at = byId.get(id); at; at = at.parent === null ? undefined : byId.get(at.parent)) path.set(at.parent ?? ROOT, at.id);
  return path;
};

/** The thread as it stands before one of its items: where a new branch goes on. What waits stays. */
export const before = (thread: Thread, key: string): Thread => {
  const index = thread.items.findIndex((item) => item.key === key);
  return index < 0 ? thread : { ...thread, items: thread.items.filter((item, place) => place < index || item.kind === 'queued') };
};

/** Whether the question stays inside, by what is stored of it or by the route that it took, unless compliance said otherwise. */
export const isPrivate = ({ stored, turn }: Pick<QuestionItem, 'stored' | 'turn'>): boolean =>
  !stored?.is_exempt && [stored?.sensitivity, stored && turn?.routed?.sensitivity].some((label) => label != null && label !== 'clean');

/** Whether it stays inside because nobody could look into it, and not for what was found. */
export const isUnchecked = ({ stored, turn }: Pick<QuestionItem, 'stored' | 'turn'>): boolean =>
  (turn?.routed?.sensitivity ?? stored?.sensitivity) === 'unclassified';

/** What was found in the answer itself, as opposed to what it was asked: its label, or null. */
export const ownLabelOf = ({ stored, turn }: Pick<AnswerItem, 'stored' | 'turn'>): Sensitivity | null => {
  const last = finalOf(stored);
  if (last) return last.sensitivity_source === 'own' && last.sensitivity !== 'clean' ? last.sensitivity : null;
  const found = turn?.sensitivity ?? null;
  return found === 'clean' || turn?.routed?.sensitivity !== 'clean' ? null : found;
};

/** The stored answer, once it is the last word; until then the live turn knows more. */
export const finalOf = (stored: Message | null): Message | null => (stored?.state === 'streaming' ? null : stored);

export const textOf = ({ stored, turn }: Pick<AnswerItem, 'stored' | 'turn'>): string =>
  finalOf(stored)?.text ?? turn?.text ?? stored?.text ?? '';

/** Micro-dollars; null as long as it is not settled. After a reload the stored answer says it, without its record. */
export const costOf = ({ stored, turn }: Pick<AnswerItem, 'stored' | 'turn'>, record: Turn | undefined): number | null =>
  turn?.costMicroUsd ?? stored?.cost_microusd ?? record?.cost_micro_usd ?? null;

export const isWriting = ({ stored, turn }: Pick<AnswerItem, 'stored' | 'turn'>): boolean =>
  finalOf(stored) === null && (turn ? isRunning(turn) : stored !== null);

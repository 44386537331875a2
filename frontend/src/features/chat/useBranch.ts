import { useState } from 'react';

import { isPrivate, type AnswerItem, type QuestionItem, type Thread, type ThreadItem } from './thread';

/** Where the next question goes on instead of at the end. */
interface Base {
  conversation: string | null;
  /** The first item that the new branch leaves out. */
  key: string;
  /** The message that the next question follows; null: nothing goes before it. */
  parent: string | null;
  /** What is left is private all the same. */
  isStillPrivate: boolean;
}

interface Branch {
  base: Base | null;
  begin: (item: QuestionItem | AnswerItem) => void;
  leave: () => void;
}

/** A new branch before a message, and so before its label: begun here, it exists with the next question. */
export const useBranch = (conversation: string | null, thread: Thread): Branch => {
  const [base, setBase] = useState<Base | null>(null);
  return {
    base: base?.conversation === conversation ? base : null,
    begin: (item) => setBase(baseOf(conversation, thread, item)),
    leave: () => setBase(null),
  };
};

/** A question is left out with what follows it; an answer with its question, which it would be the answer to again. */
export const baseOf = (conversation: string | null, { items }: Thread, item: QuestionItem | AnswerItem): Base | null => {
  const index = items.findIndex(({ key }) => key === item.key);
  const place = item.kind === 'answer' ? index - 1 : index;
  const first = items[place];
  if (first?.kind !== 'question' || !first.stored) return null;
  return {
    conversation, key: first.key, parent: first.stored.parent, isStillPrivate: items.slice(0, place).some(hasLabel),
  };
};

const hasLabel = (item: ThreadItem): boolean =>
  item.kind === 'question' ? isPrivate(item) : item.kind === 'answer' && item.stored !== null && item.stored.sensitivity !== 'clean';

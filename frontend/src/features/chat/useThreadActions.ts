import { useEffect, useMemo, useRef } from 'react';

import type { UsableModel } from '@/api/client';
import { drafts } from '@/lib/drafts';

import type { ThreadActions } from './Answer';
import { withQuote } from './quote';
import { useSession } from './sessionContext';
import type { AnswerItem, QuestionItem, Thread } from './thread';
import type { UploadBook } from './uploads';

interface ActionInputs {
  conversation: string | null;
  thread: Thread;
  models: readonly UsableModel[];
  /** The model that is chosen for the next question. */
  model: string;
  /** Of the draft. */
  name: string;
  uploads: UploadBook;
  onWhy: (turn: string) => void;
  /** Replaces the draft, and goes there. */
  write: (text: string) => void;
  choose: (parent: string, child: string) => void;
  toNewest: () => void;
  toEnd: () => void;
  /** Go on before an item, in a new branch. */
  begin: (item: QuestionItem | AnswerItem) => void;
}

interface Actions extends ThreadActions {
  /** A question that waits goes back into the text field, with its files. */
  takeBack: (key: string) => void;
}

/** What a thread offers, as one object that never changes: it reads the newest of everything when it is used. */
export const useThreadActions = (inputs: ActionInputs): Actions => {
  const session = useSession();
  const latest = useRef(inputs);
  useEffect(() => {
    latest.current = inputs;
  });
  return useMemo(
    () => ({
      why: (turn) => latest.current.onWhy(turn),
      hostingOf: (name) => latest.current.models.find((model) => model.name === name)?.hosting ?? null,
      models: () => latest.current.models,
      choose: (parent, child) => latest.current.choose(parent, child),
      quote: (text) => latest.current.write(withQuote(drafts.read(latest.current.name), text)),
      without: (item) => {
        latest.current.begin(item);
        latest.current.write(drafts.read(latest.current.name));
        latest.current.toEnd();
      },
      edit: (item) => {
        const { thread, write, uploads, name } = latest.current;
        const question = thread.items[thread.items.findIndex(({ key }) => key === item.key) - 1];
        if (question?.kind === 'question') write(question.text);
        if (item.turn?.phase !== 'unsent') return;
        uploads.putBack(name, item.turn.asked?.attachments ?? []);
        session.discard(item.turn.key);
      },
      resend: (item, text) => {
        const { conversation, model, toNewest, toEnd } = latest.current;
        if (conversation === null || !item.stored) return;
        const { parent } = item.stored;
        session.ask(conversation, { text, model, team: null, parent, again: null, attachments: item.attachments });
        toNewest();
        toEnd();
      },
      takeBack: (key) => {
        const { thread, write, uploads, name } = latest.current;
        const waiting = thread.items.find((item) => item.kind === 'queued' && item.key === key);
        if (waiting?.kind !== 'queued') return;
        write(waiting.turn.asked?.text ?? '');
        uploads.putBack(name, waiting.turn.asked?.attachments ?? []);
        session.discard(key);
      },
      again: ({ turn, stored, question }, wanted) => {
        const { conversation, model, choose } = latest.current;
        if (turn?.phase === 'unsent') session.retry(turn.key);
        const answer = stored?.id ?? turn?.answer;
        if (conversation === null || question === null || !answer) return;
        const key = session.ask(conversation, {
          text: '', model: wanted ?? model, team: null, parent: undefined, again: { answer, question },
        });
        choose(question, `~${key}`);
      },
    }),
    [session],
  );
};

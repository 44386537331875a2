import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, type Me } from '@/api/client';
import { conversationQuery, modelsQuery } from '@/api/queries';
import { IconButton } from '@/components/ui/Button';
import { Skeleton } from '@/components/ui/Skeleton';
import { keepDraft, NEW } from '@/lib/drafts';
import { countWords } from '@/lib/format';

import type { AnswerActions } from './Answer';
import { ChatHeader } from './ChatHeader';
import { Composer, type Sending, type Writing } from './Composer';
import { EmptyThread } from './EmptyThread';
import { AUTO } from './ModelPicker';
import { useSession } from './sessionContext';
import { isWriting, textOf, type AnswerItem, type Thread } from './thread';
import { ThreadLog } from './ThreadLog';
import { useAnnouncements } from './useAnnouncements';
import { useDraft } from './useDraft';
import { useStickToEnd } from './useStickToEnd';
import { useThread } from './useThread';

import styles from './ChatView.module.css';

interface ChatViewProps {
  conversation: string | null;
  me: Me;
  /** The turn whose record is open beside it. */
  explained: string | null;
  onWhy: (turn: string) => void;
  onOpened: (conversation: string) => void;
  banner: ReactNode;
  /** Buttons at the left of the title, on narrow screens. */
  navigation: ReactNode;
  /** Buttons at its right. */
  tools: ReactNode;
}

export const ChatView = ({ conversation, me, explained, onWhy, onOpened, banner, navigation, tools }: ChatViewProps) => {
  const { t } = useTranslation();
  const session = useSession();
  const [asked, setAsked] = useState<string | null>(null);
  const [model, setModel] = useState(AUTO);
  const [draft, setDraft] = useDraft(conversation);
  const { thread, status, error, choose, toNewest } = useThread(conversation, asked);
  const { data: details } = useQuery({ ...conversationQuery(conversation ?? ''), enabled: conversation !== null });
  const { data: models = [] } = useQuery(modelsQuery(details?.team ?? null));
  const { scroller, content, isAtEnd, toEnd } = useStickToEnd();
  const field = useRef<HTMLTextAreaElement>(null);
  useAnnouncements(conversation);

  useEffect(() => {
    toEnd();
    field.current?.focus({ preventScroll: true });
  }, [conversation, toEnd]);

  useEffect(
    () =>
      session.onAccepted((key, opened) => {
        if (key !== asked || conversation !== null) return;
        keepDraft(opened, draft); // what was typed meanwhile goes along
        keepDraft(NEW, '');
        onOpened(opened);
        setAsked(null);
      }),
    [session, asked, conversation, draft, onOpened],
  );

  const send = ({ text, model: wanted, team }: Sending) => {
    const parent = thread.isNewest ? undefined : thread.leaf;
    const key = session.ask(conversation, { text, model: wanted, team, parent, again: null });
    if (conversation === null) setAsked(key);
    setDraft('');
    toNewest();
    toEnd();
  };

  const edit = useCallback(
    (text: string) => {
      setDraft(text);
      field.current?.focus();
    },
    [setDraft],
  );
  const actions = useActions({ conversation, thread, models, model, onWhy, edit, choose });
  const live = thread.items.findLast((item) => item.kind === 'answer');
  const stopping = live && isWriting(live) ? writingOf(live, (key) => session.stop(key)) : null;
  const isMissing = error instanceof ApiError && error.status === 404;

  return (
    <main className={styles.chat} onKeyDown={(event) => event.key === 'Escape' && stopping?.stop()}>
      {banner}
      <ChatHeader navigation={navigation} tools={tools} details={details ?? null} isMissing={isMissing} />
      <div className={styles.frame}>
        <div ref={scroller} className={styles.scroll} tabIndex={-1}>
          <div ref={content} className={styles.column}>
            <Beginning status={status} isMissing={isMissing} isEmpty={thread.items.length === 0} me={me} onStart={edit} />
            <ThreadLog thread={thread} me={me} explained={explained} actions={actions} onEdit={edit} />
          </div>
        </div>
        {!isAtEnd && <IconButton icon="down" label={t('thread.latest')} className={styles.toEnd} onClick={toEnd} />}
      </div>
      {status !== 'error' && (
        <Composer
          conversation={conversation}
          me={me}
          models={models}
          draft={draft}
          model={model}
          onModel={setModel}
          onDraft={setDraft}
          onSend={send}
          field={field}
          isOpening={conversation === null && stopping !== null}
          writing={stopping}
        />
      )}
    </main>
  );
};

const writingOf = (item: AnswerItem, stop: (key: string) => void): Writing => ({
  words: countWords(textOf(item)),
  isStopping: item.turn?.phase === 'stopping',
  stop: () => item.turn && stop(item.turn.key),
});

interface BeginningProps {
  status: 'pending' | 'error' | 'success';
  isMissing: boolean;
  isEmpty: boolean;
  me: Me;
  onStart: (text: string) => void;
}

/** What stands where no dialogue is: it is coming, it is not there, or it has not begun. */
const Beginning = ({ status, isMissing, isEmpty, me, onStart }: BeginningProps) => {
  const { t } = useTranslation();
  if (status === 'pending') return <Skeleton label={t('thread.loading')} lines={4} />;
  if (status === 'success') return isEmpty ? <EmptyThread name={me.name} onStart={onStart} /> : null;
  return (
    <section className={styles.empty} role="alert">
      <h2>{isMissing ? t('thread.missing') : t('thread.failed')}</h2>
      {isMissing && <p>{t('thread.missingHint')}</p>}
    </section>
  );
};

interface ActionInputs {
  conversation: string | null;
  thread: Thread;
  models: readonly { name: string; hosting: 'self_hosted' | 'commercial' }[];
  model: string;
  onWhy: (turn: string) => void;
  edit: (text: string) => void;
  choose: (parent: string, child: string) => void;
}

/** What answers offer, as one object that never changes: it reads the newest of everything when it is used. */
const useActions = (inputs: ActionInputs): AnswerActions => {
  const session = useSession();
  const latest = useRef(inputs);
  useEffect(() => {
    latest.current = inputs;
  });
  return useMemo(
    () => ({
      why: (turn) => latest.current.onWhy(turn),
      hostingOf: (name) => latest.current.models.find((model) => model.name === name)?.hosting ?? null,
      choose: (parent, child) => latest.current.choose(parent, child),
      edit: (item) => {
        const { thread, edit } = latest.current;
        const question = thread.items[thread.items.findIndex(({ key }) => key === item.key) - 1];
        if (question?.kind === 'question') edit(question.text);
        if (item.turn?.phase === 'unsent') session.discard(item.turn.key);
      },
      again: ({ turn, stored, question }) => {
        const { conversation, model, choose } = latest.current;
        if (turn?.phase === 'unsent') session.retry(turn.key);
        const answer = stored?.id ?? turn?.answer;
        if (conversation === null || question === null || !answer) return;
        const key = session.ask(conversation, {
          text: '', model, team: null, parent: undefined, again: { answer, question },
        });
        choose(question, `~${key}`);
      },
    }),
    [session],
  );
};

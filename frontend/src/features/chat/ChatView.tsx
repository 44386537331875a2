import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, type Conversation, type Me, type UsableModel } from '@/api/client';
import { conversationQuery, modelsQuery } from '@/api/queries';
import { IconButton } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';
import { Skeleton } from '@/components/ui/Skeleton';
import { drafts, NEW } from '@/lib/drafts';
import { usePageKeys } from '@/lib/shortcuts';
import { showToast } from '@/lib/toasts';

import { MAX_FILES, sendFile } from './attachments';
import { BranchNote } from './BranchNote';
import { ChatHeader } from './ChatHeader';
import { Composer, type Sending, type Writing } from './Composer';
import { EmptyThread } from './EmptyThread';
import { AUTO, MODEL_BUTTON } from './ModelPicker';
import { useSession } from './sessionContext';
import { before, isWriting, textOf, type AnswerItem } from './thread';
import { ThreadLog } from './ThreadLog';
import { UploadBook } from './uploads';
import { useAnnouncements } from './useAnnouncements';
import { useBranch } from './useBranch';
import { draftName } from './useDraft';
import { useDropZone } from './useDropZone';
import { useStickToEnd } from './useStickToEnd';
import { useThread } from './useThread';
import { useThreadActions } from './useThreadActions';
import { WordCounter } from './wordCounter';

import attachmentStyles from './Attachments.module.css';
import styles from './ChatView.module.css';

interface ChatViewProps {
  conversation: string | null;
  me: Me;
  /** The turn whose record is open beside it. */
  explained: string | null;
  /** The message to go to. */
  at?: string | null;
  onWhy: (turn: string) => void;
  onOpened: (conversation: string) => void;
  banner: ReactNode;
  /** Buttons at the left of the title, on narrow screens. */
  navigation: ReactNode;
  /** Buttons at its right. */
  tools: ReactNode;
}

export const ChatView = (props: ChatViewProps) => {
  const { conversation, me, explained, at = null, onWhy, onOpened, banner, navigation, tools } = props;
  const { t } = useTranslation();
  const session = useSession();
  const name = draftName(conversation);
  const [asked, setAsked] = useState<string | null>(null);
  const [model, setModel] = useState(AUTO);
  const { uploads, files, addFiles } = useFiles(name);
  const { thread: whole, status, error, choose, toNewest, show } = useThread(conversation, asked);
  const { details, models } = useDetails(conversation);
  const { scroller, content, isAtEnd, toEnd, leaveEnd } = useStickToEnd();
  const field = useRef<HTMLTextAreaElement>(null);
  const branch = useBranch(conversation, whole);
  const thread = branch.base ? before(whole, branch.base.key) : whole;
  const isReader = details?.is_own === false;
  useAnnouncements(conversation);

  const isGoing = useRef(at !== null);
  useEffect(() => {
    isGoing.current = at !== null;
  }, [at]);
  useEffect(() => {
    if (isGoing.current) return;
    toEnd();
    field.current?.focus({ preventScroll: true });
  }, [conversation, toEnd]);
  useShownMessage(at, status === 'success', show);
  useOpening({ asked, conversation, uploads, onOpened, onDone: () => setAsked(null) });

  const write = useCallback(
    (text: string) => {
      drafts.write(name, text);
      field.current?.focus();
    },
    [name],
  );
  const ask = ({ text, model: wanted, team }: Sending) => {
    const follows = thread.isNewest ? undefined : thread.leaf;
    const parent = branch.base ? branch.base.parent : follows;
    const key = session.ask(conversation, { text, model: wanted, team, parent, again: null, attachments: uploads.take(name) });
    if (conversation === null) setAsked(key);
    drafts.write(name, '');
    branch.leave();
    toNewest();
    toEnd();
  };
  const actions = useThreadActions({
    conversation, thread, models, model, name, uploads, onWhy, write, choose, toNewest, toEnd, begin: branch.begin,
  });
  const drop = useDropZone(isReader ? null : addFiles);
  const writing = useWriting(thread.items.findLast((item) => item.kind === 'answer'));
  const isOpening = conversation === null && asked !== null && writing !== null;
  const canAsk = status !== 'error' && !isReader;
  const isMissing = error instanceof ApiError && error.status === 404;
  useModelKey();

  return (
    <main className={styles.chat} {...drop.handlers} onKeyDown={(event) => event.key === 'Escape' && writing?.stop()}>
      {banner}
      <ChatHeader navigation={navigation} tools={tools} details={details} isMissing={isMissing} />
      <div className={styles.frame}>
        <div ref={scroller} className={styles.scroll} tabIndex={-1}>
          <div ref={content} className={styles.column}>
            <Beginning status={status} isMissing={isMissing} isEmpty={thread.items.length === 0 && !branch.base} me={me} onStart={write} />
            <ThreadLog
              name={name}
              thread={thread}
              me={me}
              details={details}
              explained={explained}
              at={at}
              actions={actions}
              scroller={scroller}
              onLeaveEnd={leaveEnd}
              onTakeBack={actions.takeBack}
            />
            {branch.base && <BranchNote isStillPrivate={branch.base.isStillPrivate} onLeave={branch.leave} />}
          </div>
        </div>
        {!isAtEnd && <IconButton icon="down" label={t('thread.latest')} className={styles.toEnd} onClick={toEnd} />}
      </div>
      {isReader && <ReaderNote owner={details.owner_name} />}
      {canAsk && (
        <Composer
          conversation={conversation}
          me={me}
          models={models}
          model={model}
          onModel={setModel}
          onSend={ask}
          field={field}
          isOpening={isOpening}
          writing={writing}
          files={files}
          onFiles={addFiles}
          onRemoveFile={(key) => uploads.remove(name, key)}
          onRetryFile={(key) => uploads.retry(name, key)}
        />
      )}
      {drop.isOver && <p className={attachmentStyles.drop}><Icon name="clip" size={20} /> {t('files.drop')}</p>}
    </main>
  );
};

const useDetails = (conversation: string | null): { details: Conversation | null; models: readonly UsableModel[] } => {
  const { data: details = null } = useQuery({ ...conversationQuery(conversation ?? ''), enabled: conversation !== null });
  const { data: models = [] } = useQuery(modelsQuery(details?.team ?? null));
  return { details, models };
};

/** The files of the question that is being written. */
const useFiles = (name: string) => {
  const { t } = useTranslation();
  const [uploads] = useState(() => new UploadBook(sendFile));
  const files = useSyncExternalStore(uploads.changed.subscribe, () => uploads.of(name));
  const addFiles = (added: readonly File[]) => {
    const [left] = uploads.add(name, added);
    if (left) showToast(t('files.tooMany', { count: MAX_FILES, name: left.name }));
  };
  return { uploads, files, addFiles };
};

/** Show the branch of a message once; then the person may go elsewhere. */
const useShownMessage = (at: string | null, isLoaded: boolean, show: (message: string) => void): void => {
  const shownAt = useRef<string | null>(null);
  useEffect(() => {
    if (!isLoaded || shownAt.current === at) return;
    shownAt.current = at;
    if (at !== null) show(at);
  }, [at, isLoaded, show]);
};

/** `Ctrl M` opens the choice of models from anywhere. */
const useModelKey = (): void =>
  usePageKeys((event) => {
    if (!event.ctrlKey || event.shiftKey || event.altKey || event.code !== 'KeyM') return;
    event.preventDefault();
    document.getElementById(MODEL_BUTTON)?.click();
  });

interface Opening {
  asked: string | null;
  conversation: string | null;
  uploads: UploadBook;
  onOpened: (conversation: string) => void;
  onDone: () => void;
}

/** A new conversation has its id: what was typed and added meanwhile goes along. */
const useOpening = ({ asked, conversation, uploads, onOpened, onDone }: Opening): void => {
  const session = useSession();
  const latest = useRef(onDone);
  useEffect(() => {
    latest.current = onDone;
  });
  useEffect(
    () =>
      session.onAccepted((key, opened) => {
        if (key !== asked || conversation !== null) return;
        drafts.write(opened, drafts.read(NEW));
        drafts.write(NEW, '');
        uploads.move(NEW, opened);
        onOpened(opened);
        latest.current();
      }),
    [session, asked, conversation, uploads, onOpened],
  );
};

/** The answer that is being written, if it is. */
const useWriting = (item: AnswerItem | undefined): Writing | null => {
  const session = useSession();
  const [counter] = useState(() => new WordCounter());
  if (!item || !isWriting(item)) return null;
  return {
    words: counter.read(textOf(item)),
    isStopping: item.turn?.phase === 'stopping',
    stop: () => item.turn && session.stop(item.turn.key),
  };
};

const ReaderNote = ({ owner }: { owner: string }) => {
  const { t } = useTranslation();
  return (
    <p id="question" tabIndex={-1} className={styles.reader}>
      <Icon name="people" size={16} /> {owner === '' ? t('talk.readerUnnamed') : t('talk.reader', { name: owner })}
    </p>
  );
};

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

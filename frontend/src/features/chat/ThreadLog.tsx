import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import type { Conversation, Me } from '@/api/client';
import { initialsOf } from '@/lib/format';
import { usePageKeys } from '@/lib/shortcuts';

import { Answer, type ThreadActions } from './Answer';
import { Question } from './Question';
import { QueuedQuestion } from './QueuedQuestion';
import { useSession } from './sessionContext';
import { textOf, type Thread, type ThreadItem } from './thread';
import { useThreadWindow } from './useThreadWindow';

import styles from './ChatView.module.css';

interface ThreadLogProps {
  /** Of the conversation; another one is shown from its end. */
  name: string;
  thread: Thread;
  me: Me;
  details: Conversation | null;
  explained: string | null;
  /** The message to go to and to mark. */
  at: string | null;
  actions: ThreadActions;
  scroller: RefObject<HTMLElement | null>;
  /** From now on the person decides what is in view, not the end of the answer. */
  onLeaveEnd: () => void;
  onTakeBack: (key: string) => void;
}

/** The dialogue. Its streaming text is not live for screen readers: sentences are announced elsewhere. */
export const ThreadLog = (props: ThreadLogProps) => {
  const { name, thread, me, details, explained, at, actions, scroller, onLeaveEnd, onTakeBack } = props;
  const { t } = useTranslation();
  const [editing, setEditing] = useState<{ name: string; key: string; text: string } | null>(null);
  const { log, range, reveal } = useThreadWindow(name, thread.items.map(guessed), scroller);
  const onEditing = useCallback(
    (key: string, text: string | null) => setEditing(text === null ? null : { name, key, text }),
    [name],
  );
  const isReader = details?.is_own === false;
  const author = isReader ? details.owner_name : null;
  const marked = at === null ? undefined : thread.items.find((item) => item.kind !== 'queued' && item.stored?.id === at)?.key;

  useEffect(() => {
    if (marked === undefined) return;
    onLeaveEnd();
    reveal(marked);
  }, [marked, reveal, onLeaveEnd]);
  useJumpKey(thread.items, log, (key) => {
    onLeaveEnd();
    reveal(key);
  });
  useKeptFocus(log, scroller, `${range.from}-${range.to}`);

  return (
    <div
      ref={log}
      role="log"
      aria-live="off"
      aria-label={t('thread.label')}
      style={{ paddingTop: range.above, paddingBottom: range.below }}
    >
      {thread.items.slice(range.from, range.to).map((item) => (
        <div key={item.key} data-key={item.key} className={styles.item} tabIndex={-1} data-marked={item.key === marked || undefined}>
          {item.key === marked && <p className="visually-hidden">{t('talk.marked')}</p>}
          <Item
            item={item}
            me={me}
            author={author}
            isReader={isReader}
            explained={explained}
            actions={actions}
            editing={editing?.name === name && editing.key === item.key ? editing.text : null}
            onEditing={onEditing}
            onTakeBack={onTakeBack}
          />
        </div>
      ))}
    </div>
  );
};

interface ItemProps extends Pick<ThreadLogProps, 'me' | 'explained' | 'actions' | 'onTakeBack'> {
  item: ThreadItem;
  author: string | null;
  isReader: boolean;
  editing: string | null;
  onEditing: (key: string, text: string | null) => void;
}

const Item = ({ item, me, author, isReader, explained, actions, editing, onEditing, onTakeBack }: ItemProps) => {
  const session = useSession();
  switch (item.kind) {
    case 'question':
      return (
        <Question
          item={item}
          initials={initialsOf(author ?? me.name)}
          author={author}
          isReader={isReader}
          editing={editing}
          onEditing={onEditing}
          actions={actions}
        />
      );
    case 'answer':
      return (
        <Answer
          item={item}
          company={me.tenant.name}
          actions={actions}
          isReader={isReader}
          isExplained={explained !== null && explained === (item.turn?.turn ?? item.stored?.turn)}
        />
      );
    case 'queued':
      return (
        <QueuedQuestion
          text={item.turn.asked?.text ?? ''}
          fileCount={item.turn.asked?.attachments?.length ?? 0}
          onTakeBack={() => onTakeBack(item.key)}
          onRemove={() => session.discard(item.key)}
        />
      );
  }
};

const LINE_PX = 26;
const LETTERS_A_LINE = 76;
const AROUND_PX = { question: 78, answer: 104, queued: 90 };

/** A height to reckon with, from the length of the text. */
const guessed = (item: ThreadItem): { key: string; guess: number } => {
  const text = item.kind === 'question' ? item.text : item.kind === 'answer' ? textOf(item) : '';
  return { key: item.key, guess: AROUND_PX[item.kind] + LINE_PX * Math.ceil(text.length / LETTERS_A_LINE) };
};

/** `Alt J`: to the last question; from a question to the one before it. */
const useJumpKey = (items: readonly ThreadItem[], log: RefObject<HTMLElement | null>, go: (key: string) => void): void =>
  usePageKeys((event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== 'KeyJ') return;
    const here = document.activeElement?.closest<HTMLElement>('[data-key]')?.dataset.key;
    const isInside = log.current?.contains(document.activeElement) ?? false;
    const index = isInside ? items.findIndex(({ key }) => key === here) : items.length;
    const goal = items.slice(0, Math.max(index, 0)).findLast(({ kind }) => kind === 'question');
    if (!goal) return;
    event.preventDefault();
    go(goal.key);
  });

/** What is scrolled far away leaves the page; the focus that was in it stays in the thread. */
const useKeptFocus = (log: RefObject<HTMLElement | null>, scroller: RefObject<HTMLElement | null>, range: string): void => {
  const wasInside = useRef(false);
  useLayoutEffect(() => {
    if (wasInside.current && document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
  }, [range, scroller]);
  useEffect(() => {
    const onFocus = () => {
      wasInside.current = log.current?.contains(document.activeElement) ?? false;
    };
    document.addEventListener('focusin', onFocus);
    return () => document.removeEventListener('focusin', onFocus);
  }, [log]);
};

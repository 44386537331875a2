import { useQuery } from '@tanstack/react-query';
import { lazy, memo, Suspense, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { UsableModel } from '@/api/client';
import { turnQuery } from '@/api/queries';
import { classNames } from '@/components/ui/classNames';
import { Sign, toneOf } from '@/components/ui/Sign';
import { useConnection } from '@/lib/connections';
import type { Hosting } from '@/lib/frames';
import { isSingleKey } from '@/lib/shortcuts';
import { useSeen } from '@/lib/useSeen';

import { AnswerEnd } from './AnswerEnd';
import { partsOf, type Part } from './answerParts';
import { AnswerFoot } from './AnswerFoot';
import { AnswerLabel } from './AnswerLabel';
import { Seam } from './Seam';
import { isWriting, textOf, type AnswerItem, type QuestionItem } from './thread';
import type { TurnState } from './turnReducer';

import styles from './Answer.module.css';

const Markdown = lazy(() => import('@/components/markdown/Markdown').then(({ Markdown }) => ({ default: Markdown })));

/** So much of an answer is shown, as it is written, while the part of the page that formats it is loaded. */
const UNTIL_THEN = 2_000;

/** What can be done in a thread. The object stays the same, so that finished answers are not rendered again. */
export interface ThreadActions {
  why: (turn: string) => void;
  /** Answer the same question once more; without a model by the one that is chosen below. */
  again: (item: AnswerItem, model?: string) => void;
  /** Put the question back into the text field. */
  edit: (item: AnswerItem) => void;
  choose: (parent: string, child: string) => void;
  quote: (text: string) => void;
  /** Ask a question in other words, in a branch of its own. */
  resend: (item: QuestionItem, text: string) => void;
  /** Go on before this message, in a branch that does not carry its label. */
  without: (item: QuestionItem | AnswerItem) => void;
  hostingOf: (model: string) => Hosting | null;
  models: () => readonly UsableModel[];
}

interface AnswerProps {
  item: AnswerItem;
  company: string;
  isExplained: boolean;
  /** Somebody else's conversation, which is only read. */
  isReader: boolean;
  actions: ThreadActions;
}

const AnswerView = ({ item, company, isExplained, isReader, actions }: AnswerProps) => {
  const { t } = useTranslation();
  const root = useRef<HTMLElement>(null);
  const isSeen = useSeen(root);
  const writing = isWriting(item);
  const turn = item.turn?.turn ?? item.stored?.turn ?? null;
  const { data: record } = useQuery({ ...turnQuery(turn ?? ''), enabled: isSeen && turn !== null && !writing && !isReader });
  const parts = partsOf(item, actions.hostingOf);
  const text = textOf(item);

  const onKeyDown = keysOf(item, turn, isReader, actions);
  const hasFoot = !writing && (text !== '' || item.siblings.ids.length > 1);

  return (
    <article
      ref={root}
      className={styles.answer}
      aria-label={t('answer.by')}
      aria-busy={writing}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {parts.length === 0 && writing && <Waiting turn={item.turn} />}
      {parts.map((part, index) => (
        <PartView
          key={index}
          part={part}
          company={company}
          isFirst={index === 0}
          end={endOf(index, parts.length, writing)}
          isExplained={isExplained}
          onWhy={turn && !isReader ? () => actions.why(turn) : null}
        />
      ))}
      <AnswerLabel item={item} company={company} isReader={isReader} actions={actions} />
      <AnswerEnd item={item} turn={turn} actions={actions} hasParts={parts.length > 0} isReader={isReader} />
      {hasFoot && (
        <AnswerFoot item={item} text={text} record={record} actions={actions} isReader={isReader} root={root} />
      )}
    </article>
  );
};

const endOf = (index: number, count: number, writing: boolean): PartViewProps['end'] => {
  if (index < count - 1) return 'goes-on';
  return writing ? 'live' : 'ended';
};

/** `W` why, `R` again, `E` back into the text field: on the answer that has the focus. */
const keysOf = (item: AnswerItem, turn: string | null, isReader: boolean, actions: ThreadActions) => (event: KeyboardEvent) => {
  if (isReader || !isSingleKey(event.nativeEvent)) return;
  const keys: Record<string, (() => void) | null> = {
    w: turn ? () => actions.why(turn) : null,
    r: item.stored !== null && !isWriting(item) ? () => actions.again(item) : null,
    e: () => actions.edit(item),
  };
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
};

interface PartViewProps {
  part: Part;
  company: string;
  isFirst: boolean;
  end: 'goes-on' | 'live' | 'ended';
  isExplained: boolean;
  onWhy: (() => void) | null;
}

const PartView = ({ part, company, isFirst, end, isExplained, onWhy }: PartViewProps) => {
  const { t } = useTranslation();
  const { hosting, model } = part.segment;
  const isInside = hosting === 'self_hosted';
  return (
    <div className={classNames(styles.part, toneOf(hosting))} data-hosting={hosting ?? undefined} data-end={end}>
      {isFirst && <span className={styles.ring} />}
      <Seam segment={part.segment} />
      <header className={styles.head}>
        <Badge isExplained={isExplained} onWhy={onWhy} isFirst={isFirst}>
          {hosting && (
            <Sign
              hosting={hosting}
              model={model}
              word={isInside ? t('sign.inside', { company }) : t('sign.outside')}
              {...(isInside ? { shortWord: t('sign.insideShort') } : {})}
            />
          )}
        </Badge>
      </header>
      {part.text !== '' && (
        <Suspense fallback={<p className={styles.plain}>{part.text.slice(0, UNTIL_THEN)}</p>}>
          <Markdown text={part.text} isLive={end === 'live'} />
        </Suspense>
      )}
    </div>
  );
};

/** Who answers; pressing it opens the record of the decision. */
const Badge = ({ isExplained, isFirst, onWhy, children }: {
  isExplained: boolean; isFirst: boolean; onWhy: (() => void) | null; children: ReactNode;
}) => {
  const { t } = useTranslation();
  if (!onWhy) return children;
  return (
    <button type="button" className={styles.badge} aria-expanded={isExplained} onClick={onWhy}>
      {children}
      <span className={classNames(styles.why, !isFirst && 'visually-hidden')}>
        <span className={styles.whyLong}>{t('answer.why')}</span>
        <span className={styles.whyShort}>{t('answer.whyShort')}</span>
      </span>
    </button>
  );
};

/** The ring draws at once; its height is that of the sign that will stand there, so that nothing jumps. */
const Waiting = ({ turn }: { turn: TurnState | null }) => {
  const { t } = useTranslation();
  const phase = turn?.phase ?? 'choosing';
  const isOnline = useConnection().state === 'open';
  const words = {
    sending: isOnline ? t('sign.sending') : t('sign.offline'),
    checking: t('sign.checking'),
  }[phase as string] ?? t('sign.choosing');
  return (
    <div className={classNames(styles.part, 'neutral')} data-end="live">
      <span className={styles.ring} />
      <p className={classNames(styles.head, styles.waiting)}>{words}</p>
    </div>
  );
};

export const Answer = memo(
  AnswerView,
  (a, b) =>
    a.item.stored === b.item.stored &&
    a.item.turn === b.item.turn &&
    a.item.siblings.index === b.item.siblings.index &&
    a.item.siblings.ids.length === b.item.siblings.ids.length &&
    a.isExplained === b.isExplained &&
    a.isReader === b.isReader &&
    a.company === b.company &&
    a.actions === b.actions,
);

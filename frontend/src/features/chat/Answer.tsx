import { useQuery } from '@tanstack/react-query';
import { lazy, memo, Suspense, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { turnQuery } from '@/api/queries';
import { classNames } from '@/components/ui/classNames';
import { Button } from '@/components/ui/Button';
import { Sign, toneOf } from '@/components/ui/Sign';
import { useConnection } from '@/lib/connections';
import type { Hosting } from '@/lib/frames';
import { useSeen } from '@/lib/useSeen';

import { AnswerEnd } from './AnswerEnd';
import { partsOf, type Part } from './answerParts';
import { AnswerFoot } from './AnswerFoot';
import { Seam } from './Seam';
import { isWriting, textOf, type AnswerItem } from './thread';
import type { Phase } from './turnReducer';

import styles from './Answer.module.css';

const Markdown = lazy(() => import('@/components/markdown/Markdown').then(({ Markdown }) => ({ default: Markdown })));

/** What can be done with answers. The object stays the same, so that finished answers are not rendered again. */
export interface AnswerActions {
  why: (turn: string) => void;
  again: (item: AnswerItem) => void;
  edit: (item: AnswerItem) => void;
  choose: (parent: string, child: string) => void;
  hostingOf: (model: string) => Hosting | null;
}

interface AnswerProps {
  item: AnswerItem;
  company: string;
  isExplained: boolean;
  actions: AnswerActions;
}

const AnswerView = ({ item, company, isExplained, actions }: AnswerProps) => {
  const { t } = useTranslation();
  const root = useRef<HTMLElement>(null);
  const isSeen = useSeen(root);
  const writing = isWriting(item);
  const turn = item.turn?.turn ?? item.stored?.turn ?? null;
  const { data: record } = useQuery({ ...turnQuery(turn ?? ''), enabled: isSeen && turn !== null && !writing });
  const parts = partsOf(item, record, actions.hostingOf);
  const text = textOf(item);

  return (
    <article ref={root} className={styles.answer} aria-label={t('answer.by')} aria-busy={writing}>
      {parts.length === 0 && writing && <Waiting phase={item.turn?.phase ?? 'choosing'} />}
      {parts.map((part, index) => (
        <PartView
          key={index}
          part={part}
          company={company}
          isFirst={index === 0}
          end={index < parts.length - 1 ? 'goes-on' : writing ? 'live' : 'ended'}
          why={
            index === 0 && turn ? (
              <Button kind="link" className={styles.why} aria-expanded={isExplained} onClick={() => actions.why(turn)}>
                <span className={styles.whyLong}>{t('answer.why')}</span>
                <span className={styles.whyShort}>{t('answer.whyShort')}</span>
              </Button>
            ) : null
          }
        />
      ))}
      <AnswerEnd item={item} turn={turn} actions={actions} hasParts={parts.length > 0} />
      {!writing && (text !== '' || item.siblings.ids.length > 1) && (
        <AnswerFoot item={item} text={text} record={record} actions={actions} />
      )}
    </article>
  );
};

const PartView = ({ part, company, isFirst, end, why }: {
  part: Part; company: string; isFirst: boolean; end: 'goes-on' | 'live' | 'ended'; why: React.ReactNode;
}) => {
  const { t } = useTranslation();
  const { hosting, model } = part.segment;
  const isInside = hosting === 'self_hosted';
  return (
    <div className={classNames(styles.part, toneOf(hosting))} data-hosting={hosting ?? undefined} data-end={end}>
      {isFirst && <span className={styles.ring} />}
      <Seam segment={part.segment} />
      <header className={styles.head}>
        {hosting && (
          <Sign
            hosting={hosting}
            model={model}
            word={isInside ? t('sign.inside', { company }) : t('sign.outside')}
            {...(isInside ? { shortWord: t('sign.insideShort') } : {})}
          />
        )}
        {why}
      </header>
      {part.text !== '' && (
        <Suspense fallback={<p className={styles.plain}>{part.text}</p>}>
          <Markdown text={part.text} isLive={end === 'live'} />
        </Suspense>
      )}
    </div>
  );
};

/** The ring draws at once; its height is that of the sign that will stand there, so that nothing jumps. */
const Waiting = ({ phase }: { phase: Phase }) => {
  const { t } = useTranslation();
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
    a.company === b.company &&
    a.actions === b.actions,
);

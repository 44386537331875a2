import { useTranslation } from 'react-i18next';

import type { Me } from '@/api/client';
import { initialsOf } from '@/lib/format';

import { Answer, type AnswerActions } from './Answer';
import { Question } from './Question';
import { QueuedQuestion } from './QueuedQuestion';
import { useSession } from './sessionContext';
import { isPrivate, type Thread } from './thread';

interface ThreadLogProps {
  thread: Thread;
  me: Me;
  explained: string | null;
  actions: AnswerActions;
  onEdit: (text: string) => void;
}

/** The dialogue. Its streaming text is not live for screen readers: sentences are announced elsewhere. */
export const ThreadLog = ({ thread, me, explained, actions, onEdit }: ThreadLogProps) => {
  const { t } = useTranslation();
  const session = useSession();
  return (
    <div role="log" aria-live="off" aria-label={t('thread.label')}>
      {thread.items.map((item) => {
        switch (item.kind) {
          case 'question':
            return (
              <Question
                key={item.key}
                text={item.text}
                initials={initialsOf(me.name)}
                isPrivate={isPrivate(item)}
              />
            );
          case 'answer':
            return (
              <Answer
                key={item.key}
                item={item}
                company={me.tenant.name}
                actions={actions}
                isExplained={explained !== null && explained === (item.turn?.turn ?? item.stored?.turn)}
              />
            );
          case 'queued':
            return (
              <QueuedQuestion
                key={item.key}
                text={item.turn.asked?.text ?? ''}
                onTakeBack={() => {
                  onEdit(item.turn.asked?.text ?? '');
                  session.discard(item.key);
                }}
              />
            );
        }
      })}
    </div>
  );
};

import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';

import type { ThreadActions } from './Answer';
import { FailureNotice } from './FailureNotice';
import { isWriting, type AnswerItem } from './thread';
import type { Failure } from './turnReducer';

import styles from './Answer.module.css';

interface AnswerEndProps {
  item: AnswerItem;
  turn: string | null;
  actions: ThreadActions;
  hasParts: boolean;
  isReader: boolean;
}

/** How an answer ended, where it did not simply end: cause, what happened to the text, the next step. */
export const AnswerEnd = ({ item, turn, actions, hasParts, isReader }: AnswerEndProps) => {
  const { t } = useTranslation();
  if (isWriting(item)) return null;
  const failure = failureOf(item);
  if (failure) {
    const { code, detail, said, partial } = failure;
    return (
      <div className={styles.end} data-alone={!hasParts || undefined}>
        <FailureNotice
          code={code}
          detail={detail}
          said={said}
          actions={
            !isReader && <>
              <Button kind="link" onClick={() => actions.again(item)}>{t('answer.retry')}</Button>
              <Button kind="link" onClick={() => actions.edit(item)}>{t('answer.edit')}</Button>
              {!hasParts && turn && <Button kind="link" onClick={() => actions.why(turn)}>{t('answer.details')}</Button>}
            </>
          }
        >
          {/* The server's own sentence says it for one that was interrupted. */}
          {partial && code !== 'interrupted' && t('answer.partial')}
        </FailureNotice>
      </div>
    );
  }
  const remark = remarkOf(item.turn?.finish ?? item.stored?.finish ?? '');
  return remark ? <p className={styles.remark}>{t(`answer.${remark}`)}</p> : null;
};

const failureOf = ({ turn, stored }: AnswerItem): (Omit<Failure, 'detail'> & { detail?: string }) | null => {
  if (turn?.failure) return turn.failure;
  if (!stored || (stored.state !== 'failed' && stored.state !== 'partial' && stored.state !== 'refused')) return null;
  return { code: stored.error, partial: stored.state === 'partial' };
};

const remarkOf = (finish: string): 'stopped' | 'length' | 'filtered' | null => {
  if (finish === 'stopped' || finish === 'length') return finish;
  return finish === 'content_filter' ? 'filtered' : null;
};

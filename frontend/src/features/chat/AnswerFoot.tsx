import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import type { Turn } from '@/api/client';
import { IconButton } from '@/components/ui/Button';
import { countWords, exactMoney, money, seconds } from '@/lib/format';
import { useCopy } from '@/lib/useCopy';

import type { ThreadActions } from './Answer';
import type { Question as Asked } from './bars';
import { BranchSwitcher } from './BranchSwitcher';
import { ModelMenu } from './ModelMenu';
import { selectionIn } from './quote';
import { Rating } from './Rating';
import { verdictOf } from './ratings';
import { costOf, type AnswerItem } from './thread';

import styles from './Answer.module.css';

interface AnswerFootProps {
  item: AnswerItem;
  text: string;
  record: Turn | undefined;
  actions: ThreadActions;
  isReader: boolean;
  root: RefObject<HTMLElement | null>;
}

export const AnswerFoot = ({ item, text, record, actions, isReader, root }: AnswerFootProps) => {
  const { t } = useTranslation();
  return (
    <footer className={styles.foot}>
      {text !== '' && <Copy text={text} />}
      {text !== '' && !isReader && (
        <IconButton
          icon="quote"
          label={t('talk.quote')}
          // Else the press would take the selection away before it is read.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => actions.quote(selectionIn(root.current) ?? text)}
        />
      )}
      {!isReader && item.stored && <Repeat item={item} model={item.stored.model} actions={actions} />}
      {text !== '' && !isReader && item.stored && <Rating message={item.stored.id} stored={verdictOf(item.stored.rating)} />}
      {item.question !== null && (
        <BranchSwitcher siblings={item.siblings} onChoose={(child) => actions.choose(item.question ?? '', child)} />
      )}
      <Facts text={text} record={record} costMicroUsd={costOf(item, record)} />
    </footer>
  );
};

const Copy = ({ text }: { text: string }) => {
  const { t } = useTranslation();
  const [isCopied, copy] = useCopy();
  return (
    <IconButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? t('answer.copied') : t('answer.copy')}
      onClick={() => copy(text)}
    />
  );
};

/** What the answer's label says of its question: only a picture is never looked into. */
const askedAgain = ({ stored }: AnswerItem): Asked => ({
  isPrivate: stored?.sensitivity === 'sensitive', hasPicture: stored?.sensitivity === 'unclassified', isBudgetUsedUp: false,
});

const Repeat = ({ item, model, actions }: { item: AnswerItem; model: string; actions: ThreadActions }) => {
  const { t } = useTranslation();
  if (item.turn?.failure) return null; // the notice above offers it
  return (
    <>
      <IconButton icon="again" label={t('answer.again')} onClick={() => actions.again(item)} />
      <ModelMenu
        models={actions.models}
        current={model}
        question={askedAgain(item)}
        onChoose={(wanted) => actions.again(item, wanted)}
      />
    </>
  );
};

const Facts = ({ text, record, costMicroUsd }: { text: string; record: Turn | undefined; costMicroUsd: number | null }) => {
  const { t, i18n } = useTranslation();
  const language = i18n.language;
  const duration = record?.closed_at ? Date.parse(record.closed_at) - Date.parse(record.opened_at) : null;
  return (
    <span className={styles.facts}>
      {costMicroUsd !== null && (
        <span title={exactMoney(costMicroUsd, language)}>
          {costMicroUsd === 0 ? t('answer.free') : money(costMicroUsd, language)}
        </span>
      )}
      {duration !== null && <span>{seconds(duration, language)}</span>}
      {text !== '' && <span>{t('answer.words', { count: countWords(text) })}</span>}
    </span>
  );
};

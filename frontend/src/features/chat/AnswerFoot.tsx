import { useTranslation } from 'react-i18next';

import type { Turn } from '@/api/client';
import { IconButton } from '@/components/ui/Button';
import { countWords, exactMoney, money, seconds } from '@/lib/format';
import { useCopy } from '@/lib/useCopy';

import type { AnswerActions } from './Answer';
import { BranchSwitcher } from './BranchSwitcher';
import { costOf, type AnswerItem } from './thread';

import styles from './Answer.module.css';

interface AnswerFootProps {
  item: AnswerItem;
  text: string;
  record: Turn | undefined;
  actions: AnswerActions;
}

export const AnswerFoot = ({ item, text, record, actions }: AnswerFootProps) => {
  const { t } = useTranslation();
  const [isCopied, copy] = useCopy();
  const canRepeat = item.stored !== null && item.turn?.failure == null;
  return (
    <footer className={styles.foot}>
      {text !== '' && (
        <IconButton
          icon={isCopied ? 'check' : 'copy'}
          label={isCopied ? t('answer.copied') : t('answer.copy')}
          onClick={() => copy(text)}
        />
      )}
      {canRepeat && <IconButton icon="again" label={t('answer.again')} onClick={() => actions.again(item)} />}
      {item.question !== null && (
        <BranchSwitcher siblings={item.siblings} onChoose={(child) => actions.choose(item.question ?? '', child)} />
      )}
      <Facts text={text} record={record} costMicroUsd={costOf(item, record)} />
    </footer>
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

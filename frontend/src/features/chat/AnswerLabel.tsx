import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Chip } from '@/components/ui/Chip';

import type { ThreadActions } from './Answer';
import { ownLabelOf, type AnswerItem } from './thread';

import styles from './Answer.module.css';

interface AnswerLabelProps {
  item: AnswerItem;
  company: string;
  isReader: boolean;
  actions: ThreadActions;
}

/** A model wrote something private: what that means for the questions after it, and the way round it. */
export const AnswerLabel = ({ item, company, isReader, actions }: AnswerLabelProps) => {
  const { t } = useTranslation();
  const label = ownLabelOf(item);
  if (label === null) return null;
  const isUnchecked = label === 'unclassified';
  return (
    <p className={styles.label} role="status">
      <Chip tone={isUnchecked ? 'warn' : 'sensitive'} icon={isUnchecked ? 'triangle' : 'shield'}>
        {t(isUnchecked ? 'answer.unchecked' : 'answer.private')}
      </Chip>
      <span>{t('answer.staysInside', { company })}</span>
      {!isReader && item.stored && (
        <Button kind="link" icon="branch" onClick={() => actions.without(item)}>{t('talk.without')}</Button>
      )}
    </p>
  );
};

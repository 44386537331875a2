import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';

import styles from './Question.module.css';

interface QueuedQuestionProps {
  text: string;
  fileCount: number;
  onTakeBack: () => void;
  onRemove: () => void;
}

/** A question that waits for its turn, where everybody can see that it does; it can be changed or taken out. */
export const QueuedQuestion = ({ text, fileCount, onTakeBack, onRemove }: QueuedQuestionProps) => {
  const { t } = useTranslation();
  return (
    <section role="group" className={styles.question} data-queued aria-label={t('question.by')}>
      <p className={styles.text}>{text}</p>
      <p className={styles.meta}>
        <Icon name="clock" size={15} /> {t('question.queued')}
        {fileCount > 0 && <span><Icon name="clip" size={15} /> {fileCount}</span>}
        <Button kind="link" onClick={onTakeBack}>{t('talk.edit')}</Button>
        <Button kind="link" onClick={onRemove}>{t('talk.unqueue')}</Button>
      </p>
    </section>
  );
};

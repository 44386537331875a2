import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';

import styles from './Question.module.css';

/** A question that waits for its turn, where everybody can see that it does. */
export const QueuedQuestion = ({ text, onTakeBack }: { text: string; onTakeBack: () => void }) => {
  const { t } = useTranslation();
  return (
    <section className={styles.question} data-queued aria-label={t('question.by')}>
      <p className={styles.text}>{text}</p>
      <p className={styles.meta}>
        <Icon name="clock" size={15} /> {t('question.queued')}
        <Button kind="link" onClick={onTakeBack}>{t('question.takeBack')}</Button>
      </p>
    </section>
  );
};

import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import { Chip } from '@/components/ui/Chip';

import styles from './Question.module.css';

interface QuestionProps {
  text: string;
  initials: string;
  isPrivate: boolean;
}

export const Question = memo(({ text, initials, isPrivate }: QuestionProps) => {
  const { t } = useTranslation();
  return (
    <section className={styles.question} aria-label={t('question.by')}>
      <span className={styles.who} aria-hidden="true">{initials}</span>
      <p className={styles.text}>{text}</p>
      {isPrivate && (
        <p className={styles.meta}>
          <Chip tone="sensitive" icon="shield">{t('question.private')}</Chip>
        </p>
      )}
    </section>
  );
});
Question.displayName = 'Question';

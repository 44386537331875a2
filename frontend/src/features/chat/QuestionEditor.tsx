import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/Button';

import styles from './Question.module.css';

interface QuestionEditorProps {
  text: string;
  onChange: (text: string) => void;
  onSend: () => void;
  onCancel: () => void;
}

/** A question in other words, at its own place. Enter asks, Escape leaves it as it was; the focus goes back. */
export const QuestionEditor = ({ text, onChange, onSend, onCancel }: QuestionEditorProps) => {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const canSend = text.trim() !== '';
  useEffect(() => {
    const opener = document.activeElement;
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.stopPropagation();
      onCancel();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (canSend) onSend();
    }
  };
  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend();
      }}
    >
      <span className={styles.grown}>
        <span aria-hidden="true">{`${text}\u200b`}</span>
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label={t('talk.editLabel')}
          aria-description={t('talk.editHint')}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </span>
      <p className={styles.meta}>
        <Button type="submit" kind="primary" size="small" disabled={!canSend}>{t('talk.editSend')}</Button>
        <Button kind="quiet" size="small" onClick={onCancel}>{t('talk.cancel')}</Button>
        <span>{t('talk.editHint')}</span>
      </p>
    </form>
  );
};

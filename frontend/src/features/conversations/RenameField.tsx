import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './ConversationList.module.css';

const LONGEST = 200;

/** A title in its place, as a field. Enter and leaving save it, Escape gives it up (null). */
export const RenameField = ({ title, onDone }: { title: string; onDone: (title: string | null) => void }) => {
  const { t } = useTranslation();
  const [text, setText] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  useEffect(() => {
    isDone.current = false;
    field.current?.select();
    field.current?.focus();
  }, []);
  const finish = (result: string | null) => {
    if (isDone.current) return; // taking the field away is leaving it, too
    isDone.current = true;
    onDone(result);
  };
  return (
    <input
      ref={field}
      className={styles.rename}
      aria-label={t('list.renameLabel')}
      maxLength={LONGEST}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => finish(text)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') finish(text);
        else if (event.key === 'Escape') finish(null);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
};

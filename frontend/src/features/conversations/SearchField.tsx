import { useRef, type KeyboardEvent, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import { IconButton } from '@/components/ui/Button';
import { Icon } from '@/components/ui/Icon';
import { isSingleKey, usePageKeys } from '@/lib/shortcuts';

import styles from './ConversationList.module.css';

interface SearchFieldProps {
  text: string;
  onText: (text: string) => void;
  /** Enter: open what was found first. */
  onEnter: () => void;
  /** Down: to the results. */
  onDown: () => void;
  field: RefObject<HTMLInputElement | null>;
}

/** The search over one's conversations. `/` leads here from anywhere; Escape empties it, and then leaves it. */
export const SearchField = ({ text, onText, onEnter, onDown, field }: SearchFieldProps) => {
  const { t } = useTranslation();
  const cameFrom = useRef<HTMLElement | null>(null);
  usePageKeys((event) => {
    if (event.key !== '/' || !isSingleKey(event)) return;
    event.preventDefault();
    cameFrom.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    field.current?.focus();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') onEnter();
    else if (event.key === 'ArrowDown') onDown();
    else if (event.key === 'Escape' && text !== '') onText('');
    else if (event.key === 'Escape' && cameFrom.current) cameFrom.current.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={styles.search} role="search">
      <Icon name="search" size={16} />
      <input
        ref={field}
        type="text"
        aria-label={t('list.search')}
        aria-keyshortcuts="/"
        placeholder={t('list.searchHint')}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {text === '' ? (
        <kbd aria-hidden="true">{'/'}</kbd>
      ) : (
        <IconButton
          icon="close"
          label={t('list.clear')}
          className={styles.clear}
          onClick={() => {
            onText('');
            field.current?.focus();
          }}
        />
      )}
    </div>
  );
};

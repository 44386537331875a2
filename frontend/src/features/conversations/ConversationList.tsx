import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';

import { ArchiveList, OwnList, SharedList } from './lists';
import { SearchField } from './SearchField';
import { SearchResults } from './SearchResults';
import { useSearch } from './useSearch';

import styles from './ConversationList.module.css';

const VIEWS = ['own', 'shared', 'archive'] as const;
type View = (typeof VIEWS)[number];
const LISTS = { own: OwnList, shared: SharedList, archive: ArchiveList };

interface ConversationListProps {
  current: string | null;
  company: string;
  /** Something was chosen: on narrow screens the list goes away. */
  onLeave: () => void;
}

/** One's conversations: found by their words, or looked through by time. */
export const ConversationList = ({ current, company, onLeave }: ConversationListProps) => {
  const { t } = useTranslation();
  const [view, setView] = useState<View>('own');
  const search = useSearch();
  const field = useRef<HTMLInputElement>(null);
  const place = useRef<HTMLElement>(null);
  const results = useRef<HTMLDivElement>(null);
  const List = LISTS[view];
  const today = new Date().toDateString();

  return (
    <nav ref={place} className={styles.list} aria-label={t('conversations.title')}>
      <header className={styles.header}>
        <SearchField
          text={search.text}
          onText={search.setText}
          onEnter={() => {
            search.openFirst();
            if (search.found.length > 0) onLeave();
          }}
          onDown={() => place.current?.querySelector<HTMLElement>(search.isOn ? 'li a' : 'a[data-row][tabindex="0"]')?.focus()}
          field={field}
        />
        <Link to="/" className={styles.new} aria-label={t('conversations.new')} title={t('conversations.new')} onClick={onLeave}>
          <Icon name="plus" />
        </Link>
      </header>
      {search.isOn ? (
        <SearchResults search={search} current={current} today={today} onLeave={onLeave} field={field} results={results} />
      ) : (
        <>
          <div className={styles.views} role="group" aria-label={t('list.show')}>
            {VIEWS.map((name) => (
              <button
                key={name}
                type="button"
                className={classNames(styles.view, name === view && styles.isView)}
                aria-pressed={name === view}
                onClick={() => setView(name)}
              >
                {t(`list.views.${name}`)}
              </button>
            ))}
          </div>
          <List current={current} company={company} onLeave={onLeave} />
        </>
      )}
    </nav>
  );
};

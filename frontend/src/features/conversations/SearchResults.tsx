import { Link } from '@tanstack/react-router';
import type { KeyboardEvent, RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import type { Found } from '@/api/finding';
import { Button } from '@/components/ui/Button';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';
import { Notice } from '@/components/ui/Notice';
import { Skeleton } from '@/components/ui/Skeleton';

import { shortTime } from './groups';
import { Marked } from './Marked';
import { originOf } from './origin';
import type { Search } from './useSearch';

import styles from './ConversationList.module.css';

interface SearchResultsProps {
  search: Search;
  current: string | null;
  today: string;
  onLeave: () => void;
  /** Up from the first result. */
  field: RefObject<HTMLInputElement | null>;
  results: RefObject<HTMLDivElement | null>;
}

/** What was found, in the place of the list: each conversation with the places in it; a place leads to its message. */
export const SearchResults = ({ search, current, today, onLeave, field, results }: SearchResultsProps) => {
  const { t } = useTranslation();
  const { query, found, status, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = search;

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const links = [...(results.current?.querySelectorAll<HTMLElement>('a') ?? [])];
    const to = links.findIndex((link) => link === document.activeElement) + step;
    event.preventDefault();
    (to < 0 ? field.current : links[to])?.focus();
  };
  const count = found.length;
  const told = hasNextPage ? t('find.atLeast', { count }) : t('find.results', { count });
  return (
    <div ref={results} className={styles.scroll} role="region" aria-label={t('find.label')} onKeyDown={onKeyDown}>
      <p role="status" className={count > 0 ? styles.count : 'visually-hidden'}>
        {status === 'success' ? (count > 0 ? told : t('find.none', { query })) : t('find.searching')}
      </p>
      {status === 'pending' && <Skeleton label={t('find.searching')} lines={5} />}
      {status === 'error' && (
        <Notice
          tone="warn"
          icon="triangle"
          title={t('find.failed')}
          actions={<Button kind="link" onClick={() => void refetch()}>{t('answer.retry')}</Button>}
        />
      )}
      {status === 'success' && count === 0 && (
        <div className={styles.empty}>
          <p aria-hidden="true"><b>{t('find.none', { query })}</b></p>
          <p>{t('find.noneHint')}</p>
        </div>
      )}
      <ul role="list">
        {found.map((one) => (
          <Result key={one.conversation.id} found={one} isCurrent={one.conversation.id === current} today={today} onLeave={onLeave} />
        ))}
      </ul>
      {hasNextPage && (
        <Button kind="quiet" size="small" className={styles.showMore} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('conversations.more')}
        </Button>
      )}
    </div>
  );
};

interface ResultProps {
  found: Found;
  isCurrent: boolean;
  today: string;
  onLeave: () => void;
}

const Result = ({ found, isCurrent, today, onLeave }: ResultProps) => {
  const { t, i18n } = useTranslation();
  const row = found.conversation;
  const origin = originOf(row);
  const title = found.matches.find(({ message }) => message === null);
  return (
    <li className={styles.result} data-conversation={row.id}>
      <Link
        to="/c/$conversation"
        params={{ conversation: row.id }}
        className={styles.row}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={onLeave}
      >
        <span className={classNames(styles.kind, origin.tone)}><Icon name={origin.icon} size={15} /></span>
        <span className={styles.title}>
          {title ? <Marked text={title.snippet} marks={title.marks} /> : row.title || t('conversations.untitled')}
          {!row.is_own && <span className={styles.owner}>{t('list.by', { name: row.owner_name })}</span>}
        </span>
        {row.archived && <span className={styles.sharedIcon} title={t('list.views.archive')}><Icon name="archive" size={15} /></span>}
        <time dateTime={row.active_at} className="num">{shortTime(row.active_at, new Date(today), i18n.language)}</time>
      </Link>
      {found.matches.map(({ message, snippet, marks }) => message !== null && (
        <Link
          key={message}
          to="/c/$conversation"
          params={{ conversation: row.id }}
          search={{ at: message }}
          className={styles.snippet}
          onClick={onLeave}
        >
          <Marked text={snippet} marks={marks} />
        </Link>
      ))}
    </li>
  );
};

import { Link } from '@tanstack/react-router';
import { memo, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { Conversation } from '@/api/client';
import { IconButton } from '@/components/ui/Button';
import { classNames } from '@/components/ui/classNames';
import { Icon } from '@/components/ui/Icon';

import { shortTime } from './groups';
import { originOf } from './origin';
import { RenameField } from './RenameField';

import styles from './ConversationList.module.css';

/** What a row asks of its list. The object never changes. */
export interface RowEvents {
  menu: (row: Conversation, anchor: HTMLElement) => void;
  rename: (row: Conversation) => void;
  renamed: (row: Conversation, title: string | null) => void;
  remove: (row: Conversation) => void;
  leave: () => void;
}

interface RowProps {
  row: Conversation;
  /** Under the title: who shares it. */
  owner?: string | undefined;
  isCurrent: boolean;
  /** Tab leads to this row. */
  isActive: boolean;
  isMenuOpen: boolean;
  isRenaming: boolean;
  today: string;
  events: RowEvents;
}

export const Row = memo(({ row, owner, isCurrent, isActive, isMenuOpen, isRenaming, today, events }: RowProps) => {
  const { t, i18n } = useTranslation();
  const title = row.title || t('conversations.untitled');
  if (isRenaming) return <RenameField title={row.title} onDone={(text) => events.renamed(row, text)} />;

  const origin = originOf(row);
  const openMenu = (element: HTMLElement) => {
    const button = element.closest('[data-conversation]')?.querySelector<HTMLElement>('[aria-haspopup]');
    if (button) events.menu(row, button);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!row.is_own || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'F2') events.rename(row);
    else if (event.key === 'Delete') events.remove(row);
    else return;
    event.preventDefault();
  };
  const onContextMenu = (event: MouseEvent<HTMLElement>) => {
    // The key, not the mouse: there the browser's own menu opens links in other tabs.
    if (event.button === 2) return;
    event.preventDefault();
    openMenu(event.currentTarget);
  };
  return (
    <div className={styles.rowWhole} data-conversation={row.id}>
      <Link
        to="/c/$conversation"
        params={{ conversation: row.id }}
        className={styles.row}
        aria-current={isCurrent ? 'page' : undefined}
        tabIndex={isActive ? 0 : -1}
        data-row
        onClick={events.leave}
        onKeyDown={onKeyDown}
        onContextMenu={onContextMenu}
      >
        <span className={classNames(styles.kind, origin.tone)} title={origin.word && t(origin.word)}>
          <Icon name={origin.icon} size={15} />
        </span>
        <span className={styles.title}>
          {title}
          {owner !== undefined && <span className={styles.owner}>{owner}</span>}
        </span>
        {row.shared && <span className={styles.sharedIcon} title={t('list.isShared')}><Icon name="people" size={15} /></span>}
        {origin.word && <span className="visually-hidden">{`, ${t(origin.word)}`}</span>}
        {row.sensitivity !== 'clean' && <span className="visually-hidden">{`, ${t(row.sensitivity === 'unclassified' ? 'conversations.unchecked' : 'conversations.private')}`}</span>}
        {row.shared && <span className="visually-hidden">{`, ${t('list.isShared')}`}</span>}
        <time dateTime={row.active_at} className="num">
          {shortTime(row.active_at, new Date(today), i18n.language)}
        </time>
      </Link>
      <IconButton
        icon="more"
        label={t('list.more', { title })}
        className={styles.more}
        aria-haspopup="menu"
        aria-expanded={isMenuOpen}
        tabIndex={isActive ? 0 : -1}
        onClick={(event) => events.menu(row, event.currentTarget)}
      />
    </div>
  );
});
Row.displayName = 'Row';

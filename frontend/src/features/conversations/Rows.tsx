import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Conversation } from '@/api/client';
import { Button } from '@/components/ui/Button';
import { MenuPanel } from '@/components/ui/Menu';
import { Notice } from '@/components/ui/Notice';
import { Skeleton } from '@/components/ui/Skeleton';
import { useMedia } from '@/components/ui/useMedia';
import { VirtualList, type Section, type VirtualListHandle } from '@/components/ui/VirtualList';

import { Row, type RowEvents } from './Row';
import { rowMenu } from './rowMenu';
import { neighbourOf } from './sections';
import { ShareDialog } from './ShareDialog';
import { useConversationActions } from './useConversationActions';

import styles from './ConversationList.module.css';

interface RowsProps {
  sections: readonly Section<Conversation>[];
  list: {
    status: 'pending' | 'error' | 'success';
    isFetchNextPageError: boolean;
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
    refetch: () => unknown;
  };
  ownerOf?: (row: Conversation) => string | undefined;
  current: string | null;
  company: string;
  onLeave: () => void;
  empty: string;
  emptyHint: string;
}

const FINE = { row: 35, heading: 32 };
const COARSE = { row: 46, heading: 34 };
const OWNER_LINE = 16;
const keyOf = ({ id }: Conversation): string => id;

/** A list of conversations, with everything that can be done with one. */
export const Rows = (props: RowsProps) => {
  const { sections, list, ownerOf, current, company, onLeave, empty, emptyHint } = props;
  const { t } = useTranslation();
  const [menu, setMenu] = useState<{ row: Conversation; anchor: HTMLElement } | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [sharing, setSharing] = useState<Conversation | null>(null);
  const handle = useRef<VirtualListHandle>(null);
  const sizes = useMedia('(pointer: coarse)') ? COARSE : FINE;
  const actions = useConversationActions();
  const remove = useRemoval({ sections, current, handle });
  const events = useRowEvents({ setMenu, setRenaming, handle, remove, onLeave });
  const today = new Date().toDateString();
  const isEmpty = sections.length === 0;

  return (
    <>
      {list.status === 'pending' && <div className={styles.scroll}><Skeleton label={t('conversations.loading')} lines={5} /></div>}
      {list.status === 'error' && isEmpty && (
        <Notice
          tone="warn"
          icon="triangle"
          title={t('conversations.failed')}
          actions={<Button kind="link" onClick={() => void list.refetch()}>{t('answer.retry')}</Button>}
        />
      )}
      {list.status === 'success' && isEmpty && (
        <div className={styles.empty}>
          <p><b>{empty}</b></p>
          <p>{emptyHint}</p>
        </div>
      )}
      {!isEmpty && (
        <VirtualList
          handle={handle}
          sections={sections}
          keyOf={keyOf}
          current={current}
          rowHeight={sizes.row + (ownerOf ? OWNER_LINE : 0)}
          headingHeight={sizes.heading}
          className={styles.scroll}
          headingClass={styles.heading}
          onEnd={list.hasNextPage && !list.isFetchingNextPage && !list.isFetchNextPageError ? list.fetchNextPage : undefined}
          renderRow={(row, isActive) => (
            <Row
              row={row}
              owner={ownerOf?.(row)}
              isCurrent={row.id === current}
              isActive={isActive}
              isMenuOpen={menu?.row.id === row.id}
              isRenaming={renaming === row.id}
              today={today}
              events={events}
            />
          )}
          foot={<Foot list={list} />}
        />
      )}
      {menu && (
        <MenuPanel
          anchor={menu.anchor}
          label={t('list.more', { title: menu.row.title || t('conversations.untitled') })}
          items={rowMenu(menu.row, t, { actions, rename: events.rename, share: setSharing, remove })}
          onClose={() => setMenu(null)}
        />
      )}
      {sharing && <ShareDialog row={sharing} company={company} onClose={() => setSharing(null)} />}
    </>
  );
};

const Foot = ({ list }: { list: RowsProps['list'] }) => {
  const { t } = useTranslation();
  if (list.isFetchNextPageError) {
    return (
      <p className={styles.foot}>
        {t('list.failedMore')} <Button kind="link" onClick={() => void list.fetchNextPage()}>{t('answer.retry')}</Button>
      </p>
    );
  }
  return list.isFetchingNextPage ? <p role="status" className={styles.foot}>{t('list.loadingMore')}</p> : null;
};

interface RemovalInputs {
  sections: readonly Section<Conversation>[];
  current: string | null;
  handle: React.RefObject<VirtualListHandle | null>;
}

/** Take a row away: the focus goes to the one that follows, and from the open conversation to a new one. */
const useRemoval = ({ sections, current, handle }: RemovalInputs) => {
  const { remove } = useConversationActions();
  const navigate = useNavigate();
  const latest = useRef({ sections, current, remove });
  useEffect(() => {
    latest.current = { sections, current, remove };
  });
  return useCallback(
    (row: Conversation) => {
      const { sections: shown, current: open } = latest.current;
      const next = neighbourOf(shown, row.id, 1) ?? neighbourOf(shown, row.id, -1);
      void latest.current.remove(row);
      if (row.id === open) void navigate({ to: '/' });
      if (next !== null) handle.current?.focusRow(next);
    },
    [navigate, handle],
  );
};

interface EventInputs {
  setMenu: (menu: { row: Conversation; anchor: HTMLElement }) => void;
  setRenaming: (id: string | null) => void;
  handle: React.RefObject<VirtualListHandle | null>;
  remove: (row: Conversation) => void;
  onLeave: () => void;
}

/** The events of all rows as one object that stays the same, so that a row is drawn anew only when it changed. */
const useRowEvents = ({ setMenu, setRenaming, handle, remove, onLeave }: EventInputs): RowEvents => {
  const { rename } = useConversationActions();
  const latest = useRef({ remove, rename, onLeave });
  useEffect(() => {
    latest.current = { remove, rename, onLeave };
  });
  return useMemo(
    () => ({
      menu: (row, anchor) => setMenu({ row, anchor }),
      rename: ({ id }) => setRenaming(id),
      renamed: (row, title) => {
        setRenaming(null);
        // Leaving the field by a click elsewhere keeps the focus where the click put it.
        if (document.activeElement?.closest('[data-key]')) handle.current?.focusRow(row.id);
        if (title !== null) void latest.current.rename(row, title);
      },
      remove: (row) => latest.current.remove(row),
      leave: () => latest.current.onLeave(),
    }),
    [setMenu, setRenaming, handle],
  );
};

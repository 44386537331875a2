import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Conversation } from '@/api/client';
import { asQuery, searchQuery } from '@/api/finding';
import { conversationsQuery } from '@/api/queries';
import { Combobox, type Option } from '@/components/ui/Combobox';
import { Dialog } from '@/components/ui/Dialog';
import { useConnection } from '@/lib/connections';
import { useDebounced } from '@/lib/useDebounced';

import { fits, type Command } from './commands';
import { KeyCaps } from './KeyCaps';

import styles from './Palette.module.css';

interface PaletteProps {
  commands: readonly Command[];
  onOpen: (conversation: string, message: string | null) => void;
  onClose: () => void;
}

interface Entry extends Option {
  run: () => void;
}

const PATIENCE_MS = 150;
const RECENT = 5;
const SHOWN = 8;

/** One field for everything: conversations by their words, what can be done here, and where one can go. */
export const Palette = ({ commands, onOpen, onClose }: PaletteProps) => {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const query = asQuery(text);
  const { conversations, isSearching, isOffline } = useConversations(query);

  const options = useMemo((): Entry[] => {
    const rows = conversations.map(({ row, message }): Entry => ({
      id: row.id, label: row.title || t('conversations.untitled'), icon: row.pinned ? 'pin' : 'chat',
      group: query === '' ? t('palette.recent') : t('palette.conversations'), run: () => onOpen(row.id, message),
    }));
    const rest = commands.filter(({ label }) => fits(label, query)).map(({ id, label, icon, group, keys, letter, run }): Entry => ({
      id, label, icon, group: t(`palette.${group}`), run,
      end: keys ? <KeyCaps keys={keys} /> : letter ? <KeyCaps keys={['G', letter]} /> : undefined,
    }));
    // What was typed for a command stands above what was found in texts: there are few commands.
    return query === '' ? [...rows, ...rest] : [...rest, ...rows];
  }, [conversations, commands, query, onOpen, t]);

  const count = t('palette.found', { count: options.length });
  const none = isSearching ? t('palette.searching') : t('palette.none', { query });
  return (
    <Dialog title={t('palette.title')} hasHead={false} place="top" onClose={onClose}>
      <div className={styles.palette}>
        <Combobox
          label={t('palette.label')}
          placeholder={t('palette.placeholder')}
          isFocused
          value={text}
          onValue={setText}
          options={options}
          status={options.length > 0 ? count : none}
          onPick={({ run }) => {
            onClose();
            run();
          }}
        />
        {isOffline && query !== '' && <p className={styles.note}>{t('palette.offline')}</p>}
      </div>
    </Dialog>
  );
};

interface Hit {
  row: Conversation;
  message: string | null;
}

/** The newest ones; what the server finds for words; without a connection those whose titles fit. */
const useConversations = (query: string): { conversations: readonly Hit[]; isSearching: boolean; isOffline: boolean } => {
  const isOffline = useConnection().state !== 'open';
  const [settled] = useDebounced(query, PATIENCE_MS);
  const { data: list } = useInfiniteQuery(conversationsQuery);
  const { data: found, isFetching, isError } = useInfiniteQuery({ ...searchQuery(settled), enabled: settled !== '' && !isOffline });
  const known = useMemo(() => list?.pages.flatMap(({ results }) => results) ?? [], [list]);

  const conversations = useMemo((): readonly Hit[] => {
    if (query === '') return known.slice(0, RECENT).map((row) => ({ row, message: null }));
    if (isOffline || isError) {
      return known.filter(({ title }) => fits(title, query)).slice(0, SHOWN).map((row) => ({ row, message: null }));
    }
    const results = found?.pages.flatMap((page) => page.results) ?? [];
    return results.slice(0, SHOWN).map(({ conversation, matches }) => {
      const isTitle = matches.some(({ message }) => message === null);
      return { row: conversation, message: isTitle ? null : (matches[0]?.message ?? null) };
    });
  }, [query, known, found, isOffline, isError]);
  return { conversations, isSearching: isFetching || settled !== query, isOffline: isOffline || isError };
};

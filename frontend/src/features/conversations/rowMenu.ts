import type { TFunction } from 'i18next';

import type { Conversation } from '@/api/client';
import type { MenuItem } from '@/components/ui/Menu';

import type { ConversationActions } from './useConversationActions';

export interface MenuWishes {
  actions: ConversationActions;
  rename: ((row: Conversation) => void) | null;
  share: (row: Conversation) => void;
  remove: (row: Conversation) => void;
}

/** What can be done with a conversation, as a menu. Who only reads it can take it along, and nothing else. */
export const rowMenu = (row: Conversation, t: TFunction, { actions, rename, share, remove }: MenuWishes): readonly MenuItem[] => {
  const taking: MenuItem[] = [
    { id: 'link', icon: 'link', label: t('list.copyLink'), onSelect: () => void actions.copyLink(row.id) },
    { id: 'markdown', icon: 'download', label: t('list.exportMarkdown'), isApart: true, onSelect: () => void actions.saveAs(row, 'markdown') },
    { id: 'json', icon: 'download', label: t('list.exportJson'), onSelect: () => void actions.saveAs(row, 'json') },
  ];
  if (!row.is_own) return taking;
  return [
    ...(rename ? [{ id: 'rename', icon: 'pen' as const, label: t('list.rename'), onSelect: () => rename(row) }] : []),
    ...(row.archived ? [] : [{
      id: 'pin', icon: 'pin' as const, label: row.pinned ? t('list.unpin') : t('list.pin'),
      onSelect: () => void actions.pin(row, !row.pinned),
    }]),
    {
      id: 'archive', icon: 'archive', label: row.archived ? t('list.unarchive') : t('list.archive'),
      onSelect: () => void actions.archive(row, !row.archived),
    },
    { id: 'share', icon: 'people', label: t('list.shareMore'), onSelect: () => share(row) },
    ...taking,
    { id: 'delete', icon: 'trash', label: t('list.delete'), isDanger: true, isApart: true, onSelect: () => remove(row) },
  ];
};

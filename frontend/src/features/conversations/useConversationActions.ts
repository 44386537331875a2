import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError, api, body, type Conversation } from '@/api/client';
import { dropFromLists, placeConversation } from '@/api/conversations';
import { showToast } from '@/lib/toasts';

import { saveFile } from './saveFile';
import { deletedHere } from './useConversationFrames';

export interface ConversationActions {
  rename: (row: Conversation, title: string) => Promise<void>;
  pin: (row: Conversation, isPinned: boolean) => Promise<void>;
  archive: (row: Conversation, isArchived: boolean) => Promise<void>;
  /** At once; a message offers to undo it. */
  remove: (row: Conversation) => Promise<void>;
  copyLink: (id: string) => Promise<void>;
  saveAs: (row: Conversation, form: 'markdown' | 'json') => Promise<void>;
}

type Failure = 'change' | 'delete' | 'restore' | 'export';

/** What can be done with a conversation. The page shows it at once, and takes it back with a sentence if it was refused. */
export const useConversationActions = (): ConversationActions => {
  const client = useQueryClient();
  const { t } = useTranslation();

  return useMemo((): ConversationActions => {
    const titleOf = (row: Conversation) => row.title || t('conversations.untitled');
    const tell = (what: Failure, error: unknown) => {
      const why = error instanceof ApiError ? error.message : t('connection.lost');
      showToast(`${t(`list.notDone.${what}`)} ${why}`, { tone: 'warn' });
    };
    const undoable = (text: string, run: () => void) =>
      showToast(text, { action: { label: t('ui.undo'), run }, heard: t('ui.undoHeard', { text }) });

    /** Whether it was saved. */
    const change = async (row: Conversation, changes: Partial<Pick<Conversation, 'title' | 'pinned' | 'archived'>>) => {
      placeConversation(client, { ...row, ...changes });
      const path = { conversation: row.id };
      try {
        const saved = await body(api.PATCH('/api/v1/conversations/{conversation}/', { params: { path }, body: changes }));
        placeConversation(client, saved);
        return true;
      } catch (error) {
        placeConversation(client, row);
        tell('change', error);
        return false;
      }
    };
    const restore = async (row: Conversation) => {
      try {
        const path = { conversation: row.id };
        const restored = await body(api.POST('/api/v1/conversations/{conversation}/restore/', { params: { path } }));
        deletedHere.delete(row.id);
        placeConversation(client, restored);
        showToast(t('list.restored', { title: titleOf(row) }));
      } catch (error) {
        tell('restore', error);
      }
    };
    return {
      rename: async (row, title) => {
        const wanted = title.trim();
        if (wanted && wanted !== row.title) await change(row, { title: wanted });
      },
      pin: async (row, isPinned) => {
        await change(row, { pinned: isPinned });
      },
      archive: async (row, isArchived) => {
        if (!(await change(row, { archived: isArchived }))) return;
        if (isArchived) undoable(t('list.archived', { title: titleOf(row) }), () => void change(row, { archived: false }));
        else showToast(t('list.restored', { title: titleOf(row) }));
      },
      remove: async (row) => {
        deletedHere.add(row.id);
        dropFromLists(client, row.id);
        const gone = api.DELETE('/api/v1/conversations/{conversation}/', { params: { path: { conversation: row.id } } });
        // Undoing waits for the deletion: the server would else restore first and delete afterwards.
        undoable(t('list.deleted', { title: titleOf(row) }), () => void gone.then(() => restore(row), () => undefined));
        try {
          await gone;
        } catch (error) {
          deletedHere.delete(row.id);
          placeConversation(client, row);
          tell('delete', error);
        }
      },
      copyLink: async (id) => {
        try {
          await navigator.clipboard.writeText(`${window.location.origin}/c/${id}`);
          showToast(t('list.linkCopied'));
        } catch {
          showToast(t('list.linkFailed'), { tone: 'warn' });
        }
      },
      saveAs: async (row, form) => {
        try {
          await saveFile(row, form);
          showToast(t('list.exported'));
        } catch (error) {
          tell('export', error);
        }
      },
    };
  }, [client, t]);
};

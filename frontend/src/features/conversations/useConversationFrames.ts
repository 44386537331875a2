import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { api, body, type Conversation } from '@/api/client';
import { forgetConversation, knownConversation, placeConversation, refreshConversations } from '@/api/conversations';
import { conversationQuery } from '@/api/queries';
import { sharedWithMeQuery } from '@/api/sharing';
import { useConnection, useSocket } from '@/lib/connections';
import type { ConversationFrame } from '@/lib/frames';

/** Ids that this tab deleted itself: that they are gone needs no further sentence. */
export const deletedHere = new Set<string>();

/**
 * Keeps the lists in step with what happens elsewhere: another tab, another device, a title that was made meanwhile.
 * `onGone`: a conversation was deleted elsewhere, or is no longer shared; whether it was one's own.
 */
export const useConversationFrames = (onGone: (conversation: string, isOwn: boolean) => void): void => {
  const socket = useSocket();
  const client = useQueryClient();
  const connection = useConnection();
  const generation = connection.state === 'open' ? connection.generation : 0;

  useEffect(() => {
    const fetchRow = async (id: string) => {
      const path = { conversation: id };
      const row = await body(api.GET('/api/v1/conversations/{conversation}/', { params: { path } }));
      show(row);
    };
    const show = (row: Conversation) => {
      if (row.is_own) placeConversation(client, row);
      else {
        client.setQueryData(conversationQuery(row.id).queryKey, row);
        void client.invalidateQueries({ queryKey: sharedWithMeQuery.queryKey });
      }
    };
    const hear = ({ conversation, title, sensitivity, pinned, archived, deleted, version }: ConversationFrame) => {
      const known = knownConversation(client, conversation);
      if (deleted) {
        forgetConversation(client, conversation);
        void client.invalidateQueries({ queryKey: sharedWithMeQuery.queryKey });
        if (!deletedHere.delete(conversation)) onGone(conversation, known?.is_own ?? true);
        return;
      }
      if (known) show({ ...known, title, sensitivity, pinned, archived, version });
      // The frame has no time and no origin. What cannot be fetched now comes with the next refresh.
      if (known?.version !== version) fetchRow(conversation).catch(() => undefined);
    };
    return socket.onFrame((frame) => frame.type === 'conversation' && hear(frame));
  }, [socket, client, onGone]);

  // What happened while there was no connection nobody told.
  useEffect(() => {
    if (generation > 1) refreshConversations(client).catch(() => undefined);
  }, [generation, client]);
};

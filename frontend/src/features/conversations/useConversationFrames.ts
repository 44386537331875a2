import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { conversationsQuery, patchConversation } from '@/api/queries';
import { useConnection, useSocket } from '@/lib/connections';
import type { ConversationFrame } from '@/lib/frames';

/** Keeps the list in step with what happens elsewhere: another tab, another device, a title that was made meanwhile. */
export const useConversationFrames = (): void => {
  const socket = useSocket();
  const client = useQueryClient();
  const connection = useConnection();
  const generation = connection.state === 'open' ? connection.generation : 0;

  useEffect(() => {
    const refresh = () => client.invalidateQueries({ queryKey: conversationsQuery.queryKey });
    const isListed = (id: string) =>
      client.getQueryData(conversationsQuery.queryKey)?.pages.some((page) => page.results.some((row) => row.id === id)) ?? false;
    const hear = (frame: ConversationFrame) => {
      const { conversation, title, sensitivity, pinned, archived, deleted, version } = frame;
      if (!isListed(conversation) && !deleted && !archived) void refresh();
      patchConversation(client, conversation, (known) =>
        deleted || archived ? null : { ...known, title, sensitivity, pinned, archived, version },
      );
    };
    return socket.onFrame((frame) => frame.type === 'conversation' && hear(frame));
  }, [socket, client]);

  // What happened while there was no connection nobody told.
  useEffect(() => {
    if (generation > 1) void client.invalidateQueries({ queryKey: conversationsQuery.queryKey });
  }, [generation, client]);
};

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

import { useSocket } from '@/lib/connections';
import { drafts } from '@/lib/drafts';

import { syncDrafts } from './draftSync';
import { ChatSession } from './session';
import { SessionContext } from './sessionContext';

/** One session for the whole page: answers go on arriving whichever conversation is shown. */
export const ChatProvider = ({ children }: { children: ReactNode }) => {
  const socket = useSocket();
  const client = useQueryClient();
  const [session] = useState(() => new ChatSession(socket, client));
  useEffect(() => session.start(), [session]);
  useEffect(() => syncDrafts(socket, drafts), [socket]);
  return <SessionContext value={session}>{children}</SessionContext>;
};

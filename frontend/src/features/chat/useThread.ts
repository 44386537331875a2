import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import type { Message } from '@/api/client';
import { messagesQuery } from '@/api/queries';

import { useSession, useTurns } from './sessionContext';
import { threadOf, type Thread } from './thread';

const NO_MESSAGES: readonly Message[] = [];
const NO_CHOICE: ReadonlyMap<string, string> = new Map();

interface ShownThread {
  thread: Thread;
  status: 'pending' | 'error' | 'success';
  error: Error | null;
  choose: (parent: string, child: string) => void;
  /** Show the newest branch again. */
  toNewest: () => void;
}

/** The branch of a conversation that is shown; of a new one (null) what was just asked, by its key. */
export const useThread = (conversation: string | null, asked: string | null): ShownThread => {
  const session = useSession();
  const turns = useTurns();
  const { data, status, error } = useQuery({ ...messagesQuery(conversation ?? ''), enabled: conversation !== null });
  const [chosen, setChosen] = useState({ conversation, children: NO_CHOICE });
  const children = chosen.conversation === conversation ? chosen.children : NO_CHOICE;

  useEffect(() => (conversation === null ? undefined : session.open(conversation)), [session, conversation]);

  const thread = useMemo(() => {
    const live = [...turns.values()].filter((turn) =>
      conversation === null ? turn.key === asked : turn.conversation === conversation,
    );
    return threadOf(conversation === null ? NO_MESSAGES : (data ?? NO_MESSAGES), live, children);
  }, [conversation, asked, data, turns, children]);

  return {
    thread,
    status: conversation === null ? 'success' : status,
    error,
    choose: (parent, child) => setChosen({ conversation, children: new Map([...children, [parent, child]]) }),
    toNewest: () => setChosen({ conversation, children: NO_CHOICE }),
  };
};

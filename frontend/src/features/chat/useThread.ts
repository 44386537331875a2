import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';

import type { Message } from '@/api/client';
import { messagesQuery } from '@/api/queries';

import { useSession, useTurns } from './sessionContext';
import { pathTo, threadOf, type Thread } from './thread';

const NO_MESSAGES: readonly Message[] = [];
const NO_CHOICE: ReadonlyMap<string, string> = new Map();

interface ShownThread {
  thread: Thread;
  status: 'pending' | 'error' | 'success';
  error: Error | null;
  choose: (parent: string, child: string) => void;
  /** Show the newest branch again. */
  toNewest: () => void;
  /** Show the branch of a message, where it exists. */
  show: (message: string) => void;
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

  const show = useCallback(
    (message: string) => {
      const path = pathTo(data ?? NO_MESSAGES, message);
      if (path.size) setChosen({ conversation, children: path });
    },
    [conversation, data],
  );

  return {
    thread,
    show,
    // What was loaded stays readable when it cannot be loaded again.
    status: conversation === null || data ? 'success' : status,
    error,
    choose: (parent, child) => setChosen({ conversation, children: new Map([...children, [parent, child]]) }),
    toNewest: () => setChosen({ conversation, children: NO_CHOICE }),
  };
};

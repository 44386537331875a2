import { createContext, use, useSyncExternalStore } from 'react';

import type { ChatSession } from './session';
import type { TurnState } from './turnReducer';

export const SessionContext = createContext<ChatSession | null>(null);

export const useSession = (): ChatSession => {
  const session = use(SessionContext);
  if (!session) throw new Error('There is no chat session above this component.');
  return session;
};

export const useTurns = (): ReadonlyMap<string, TurnState> => {
  const { turns } = useSession();
  return useSyncExternalStore(turns.subscribe, turns.get);
};

import { createContext, use, useSyncExternalStore } from 'react';

import type { ChatSocket, Connection } from '@/lib/socket';

export const SocketContext = createContext<ChatSocket | null>(null);

export const useSocket = (): ChatSocket => {
  const socket = use(SocketContext);
  if (!socket) throw new Error('There is no socket above this component.');
  return socket;
};

export const useConnection = (): Connection => {
  const { connection } = useSocket();
  return useSyncExternalStore(connection.subscribe, connection.get);
};

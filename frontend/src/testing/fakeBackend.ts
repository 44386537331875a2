import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import type { Plugin } from 'vite';
import { WebSocketServer, type WebSocket } from 'ws';

import { FakeChat } from './fakeChat.ts';
import { ME, MODELS, recordOf } from './fakeData.ts';

/*
 * A server for `npm run dev` without Python: it speaks the contract's frames, keeps everything in memory, and shows on
 * demand what the real one does only when something fails. Words in a question choose: see `fakeChat.ts`.
 */

const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

const answer = (chat: FakeChat, path: string): unknown => {
  const [, , , kind, id, part] = path.split('/');
  if (kind === 'me') return ME;
  if (kind === 'models') return MODELS;
  if (kind === 'turns' && id) return recordOf(chat.turns.get(id));
  if (kind !== 'conversations') return null;
  if (!id) return { next: null, previous: null, results: chat.list() };
  const found = chat.conversations.get(id);
  if (part === 'messages') return found && { next: null, previous: null, results: found.messages };
  return found?.row ?? null;
};

const serveRest = (chat: FakeChat) => (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
  const path = new URL(request.url ?? '/', 'http://fake').pathname;
  if (path.startsWith('/accounts/')) {
    response.writeHead(302, { location: '/' });
    response.end();
  } else if (path.startsWith('/api/v1/')) {
    const value = answer(chat, path);
    if (value === null || value === undefined) json(response, { code: 'not_found', detail: 'There is no such thing.', fields: {} }, 404);
    else json(response, value);
  } else {
    next();
  }
};

export const fakeBackend = (): Plugin => ({
  name: 'fake-backend',
  apply: 'serve',
  configureServer(server) {
    const chat = new FakeChat();
    const sockets = new WebSocketServer({ noServer: true });
    server.middlewares.use(serveRest(chat));
    server.httpServer?.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.url !== '/ws/v1/chat') return;
      sockets.handleUpgrade(request, socket, head, (client: WebSocket) => chat.join(client));
    });
  },
});

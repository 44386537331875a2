import { api, body } from '@/api/client';
import { NEW, type DraftBook } from '@/lib/drafts';
import type { ChatSocket } from '@/lib/socket';

const nameOf = (conversation: string | null): string => conversation ?? NEW;

const put = (name: string, text: string): Promise<unknown> =>
  api.PUT('/api/v1/drafts/', { body: { conversation: name === NEW ? null : name, text } });

/** Drafts follow the person: read at the start and after each loss of the connection, then heard by the socket. */
export const syncDrafts = (socket: ChatSocket, book: DraftBook): (() => void) => {
  let generation = 0;
  const read = async () => {
    const { results } = await body(api.GET('/api/v1/drafts/'));
    for (const { conversation, text } of results) book.hear(nameOf(conversation), text);
    book.connect(put);
  };
  const connected = () => {
    const now = socket.connection.get();
    if (now.state !== 'open' || now.generation === generation) return;
    generation = now.generation;
    // Without an answer drafts stay in this tab; the next connection tries again.
    read().catch(() => undefined);
  };
  const unhear = socket.onFrame((frame) => {
    if (frame.type === 'draft') book.hear(nameOf(frame.conversation), frame.text);
  });
  const unwatch = socket.connection.subscribe(connected);
  connected();
  return () => {
    unhear();
    unwatch();
  };
};

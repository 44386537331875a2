import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Conversation, Message } from '@/api/client';
import { conversationQuery, messagesQuery, modelsQuery } from '@/api/queries';
import { SocketContext } from '@/lib/connections';
import { drafts } from '@/lib/drafts';
import type { ClientFrame, ServerFrame } from '@/lib/frames';
import { startI18n } from '@/lib/i18n';
import { Observable } from '@/lib/observable';
import type { ChatSocket, Connection } from '@/lib/socket';
import { conversation, ME, message, MODELS } from '@/testing/fakeData';

import { ChatProvider } from './ChatProvider';
import { ChatView } from './ChatView';
import { ratings } from './ratings';

class FakeSocket {
  readonly connection = new Observable<Connection>({ state: 'open', generation: 1 });
  readonly sent: ClientFrame[] = [];
  readonly #listeners = new Set<(frame: ServerFrame) => void>();

  onFrame(listener: (frame: ServerFrame) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  send(frame: ClientFrame): boolean {
    this.sent.push(frame);
    return true;
  }
  say(frame: ServerFrame): void {
    act(() => this.#listeners.forEach((listener) => listener(frame)));
  }
  last<Type extends ClientFrame['type']>(type: Type): Extract<ClientFrame, { type: Type }> | undefined {
    return this.sent.findLast((frame): frame is Extract<ClientFrame, { type: Type }> => frame.type === type);
  }
}

class NoObserver {
  readonly observe = vi.fn();
  readonly unobserve = vi.fn();
  readonly disconnect = vi.fn();
}

/** The client takes `fetch` when it is made, which is before any test. */
const network = vi.hoisted(() => {
  const calls = { fetch: (request: Request): Promise<Response> => Promise.reject(new TypeError(`not yet: ${request.url}`)) };
  globalThis.fetch = (input) => calls.fetch(input as Request);
  return calls;
});

const requests: { method: string; path: string; body: unknown }[] = [];
const serve = async (request: Request): Promise<Response> => {
  const path = new URL(request.url).pathname;
  requests.push({ method: request.method, path, body: request.method === 'GET' ? null : await request.clone().json().catch(() => null) });
  const value = path.endsWith('/drafts/') ? { results: [] } : path.endsWith('/feedback/') ? { verdict: 'up', reason: '' } : {};
  return new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } });
};

let socket: FakeSocket;
const question = (id: string, parent: string | null, text: string, more: Partial<Message> = {}) => message(id, 'c', parent, { text, ...more });
const answer = (id: string, parent: string, text: string, more: Partial<Message> = {}) =>
  message(id, 'c', parent, { role: 'assistant', text, model: 'gpt-mini', hosting: 'commercial', ...more });

const MESSAGES = [
  question('1', null, 'Who is Anna Lindqvist?', { sensitivity: 'sensitive' }),
  answer('2', '1', 'A colleague.'),
  question('3', '2', 'Name a colour.'),
  answer('4', '3', 'Blue is\n\na colour.'),
];

const show = (messages: readonly Message[] = MESSAGES, details: Partial<Conversation> = {}, at: string | null = null) => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  client.setQueryData(messagesQuery('c').queryKey, messages);
  client.setQueryData(conversationQuery('c').queryKey, conversation('c', 'Colours', new Date(), details));
  client.setQueryData(modelsQuery(1).queryKey, MODELS);
  socket = new FakeSocket();
  return render(
    <SocketContext value={socket as unknown as ChatSocket}>
      <QueryClientProvider client={client}>
        <ChatProvider>
          <ChatView
            conversation="c" me={ME} explained={null} at={at} onWhy={() => undefined} onOpened={() => undefined}
            banner={null} navigation={null} tools={null}
          />
        </ChatProvider>
      </QueryClientProvider>
    </SocketContext>,
  );
};
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Your question' });
const write = (text: string) => fireEvent.change(field(), { target: { value: text } });
const button = (name: string, index: number): HTMLElement => {
  const found = screen.getAllByRole('button', { name })[index];
  if (!found) throw new Error(`There is no button ${name}, ${index}.`);
  return found;
};
const press = (key: string) => fireEvent.keyDown(field(), { key });

beforeAll(() => startI18n('en'));
beforeEach(() => {
  vi.stubGlobal('ResizeObserver', NoObserver);
  vi.stubGlobal('IntersectionObserver', NoObserver);
  network.fetch = serve;
  Element.prototype.scrollTo = () => undefined;
  requests.length = 0;
  drafts.forget();
  ratings.set(new Map());
});

describe('a question', () => {
  it('changed in its place begins a branch beside the old one', () => {
    show();
    fireEvent.click(button('Edit question', 1));
    const editor = screen.getByRole('textbox', { name: 'Change your question' });
    expect(document.activeElement).toBe(editor);
    fireEvent.change(editor, { target: { value: 'Name an animal.' } });
    fireEvent.keyDown(editor, { key: 'Enter' });

    expect(socket.last('ask')).toMatchObject({ conversation: 'c', text: 'Name an animal.', parent: '2' });
    expect(screen.getByText('Name an animal.')).toBeTruthy();
    expect(screen.queryByText('Name a colour.')).toBeNull();
  });

  it('that is private can be left out: the next one goes on before it', () => {
    show();
    fireEvent.click(screen.getByRole('button', { name: 'Branch without this message' }));
    expect(screen.getByRole('region', { name: 'A new branch begins here.' }).textContent).toContain('does not carry its label');
    expect(screen.queryByText('Name a colour.')).toBeNull();

    write('Name a colour');
    press('Enter');

    expect(socket.last('ask')).toMatchObject({ text: 'Name a colour', parent: null });
  });

  it('keeps what follows when the branch is not begun after all', () => {
    show();
    fireEvent.click(screen.getByRole('button', { name: 'Branch without this message' }));
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));

    expect(screen.getByText('Name a colour.')).toBeTruthy();
  });

  it('that waits can be changed and removed', () => {
    show();
    write('First');
    press('Enter');
    write('Second');
    press('Enter');
    const waiting = screen.getByText('Waits until the answer above is finished').closest('section');
    fireEvent.click(within(waiting ?? document.body).getByRole('button', { name: 'Edit' }));
    expect(field().value).toBe('Second');

    press('Enter');
    fireEvent.click(screen.getByRole('button', { name: 'Remove' }));

    expect(screen.queryByText('Second')).toBeNull();
    expect(socket.sent.filter(({ type }) => type === 'ask')).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('is given once more by a model of one’s choice', () => {
    show();
    fireEvent.click(button('With another model', 1));
    expect(screen.getByRole('menuitem', { name: /gpt-mini.*answered this/ })).toBeTruthy();
    fireEvent.click(screen.getByRole('menuitem', { name: /local-qwen/ }));

    expect(socket.last('regenerate')).toMatchObject({ message: '4', model: 'local-qwen' });
  });

  it('is quoted behind what is written already', () => {
    show();
    write('You said:');
    fireEvent.click(button('Quote', 1));

    expect(field().value).toBe('You said:\n\n> Blue is\n>\n> a colour.\n\n');
    expect(document.activeElement).toBe(field());
  });

  it('is rated at once, and once more with a reason', async () => {
    show();
    // A draft may be stored meanwhile, which is another request.
    const lastRating = () => requests.filter(({ path }) => path === '/api/v1/messages/4/feedback/').at(-1)?.body;
    fireEvent.click(button('Bad answer', 1));
    await waitFor(() => expect(lastRating()).toEqual({ verdict: 'down', reason: '' }));
    fireEvent.click(screen.getByRole('button', { name: 'Not correct' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'In your own words' }), { target: { value: 'It is green.' } });
    fireEvent.submit(screen.getByRole('form', { name: 'What was wrong?' }));

    await waitFor(() => expect(lastRating()).toEqual({ verdict: 'down', reason: 'wrong: It is green.' }));
    expect(button('Bad answer', 1).getAttribute('aria-pressed')).toBe('true');
    expect(screen.queryByRole('form', { name: 'What was wrong?' })).toBeNull();
  });

  it('has a badge that opens its decision, and keys when it has the focus', () => {
    show([question('1', null, 'Hello?'), answer('2', '1', 'Hello.', { turn: 't' })]);
    const badge = screen.getByRole('button', { name: /gpt-mini.*Why this model/ });
    expect(badge.getAttribute('aria-expanded')).toBe('false');

    fireEvent.keyDown(screen.getByRole('article'), { key: 'e' });

    expect(field().value).toBe('Hello?');
  });
});

describe('a long thread', () => {
  const long = Array.from({ length: 600 }, (_, index) =>
    index % 2
      ? answer(String(index).padStart(4, '0'), String(index - 1).padStart(4, '0'), `Answer ${index}`)
      : question(String(index).padStart(4, '0'), index ? String(index - 1).padStart(4, '0') : null, `Question ${index}`),
  );

  it('has its end in the page, and little more', () => {
    show(long);

    expect(screen.getByRole('log').children.length).toBeLessThan(60);
    expect(screen.getByText('Question 598')).toBeTruthy();
    expect(screen.queryByText('Question 0')).toBeNull();
    expect(Number.parseInt(screen.getByRole('log').style.paddingTop)).toBeGreaterThan(10_000);
  });

  it('goes to a message that is searched for, and marks it', async () => {
    show(long, {}, '0100');

    await waitFor(() => expect(document.activeElement?.textContent).toContain('Question 100'));
    expect(document.activeElement?.textContent).toContain('The message that was searched for');
    expect(screen.getByRole('log').children.length).toBeLessThan(60);
  });

  it('leads from question to question', () => {
    show();
    fireEvent.keyDown(document.body, { code: 'KeyJ', altKey: true });
    expect(document.activeElement?.textContent).toContain('Name a colour.');

    fireEvent.keyDown(document.activeElement ?? document.body, { code: 'KeyJ', altKey: true });

    expect(document.activeElement?.textContent).toContain('Who is Anna Lindqvist?');
  });
});

describe('a message in another branch', () => {
  it('is shown when it is searched for', () => {
    show([...MESSAGES, question('5', '2', 'Name a fruit.'), answer('6', '5', 'Pear.')], {}, '4');

    expect(screen.getByText('Name a colour.')).toBeTruthy();
    expect(screen.queryByText('Name a fruit.')).toBeNull();
  });
});

describe('a shared conversation', () => {
  it('can be read, and nothing else', () => {
    show(MESSAGES, { is_own: false, owner_name: 'Mara Stein' });

    expect(screen.getByText(/Mara Stein has shared this conversation/)).toBeTruthy();
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getAllByRole('group', { name: 'Mara Stein' })).toHaveLength(2);
    for (const name of ['Answer again', 'With another model', 'Good answer', 'Edit question', 'Quote', 'Branch without this message']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    expect(screen.getAllByRole('button', { name: 'Copy answer' })).toHaveLength(2);
  });
});

describe('the text field', () => {
  const checked = (more: object): ServerFrame => ({
    type: 'checked', id: socket.last('check')?.id ?? '', sensitivity: 'sensitive', spans: [{ type: 'IBAN_CODE', start: 3, end: 7 }],
    route: { model: 'local-llama', hosting: 'self_hosted' }, estimate_microusd: 0, without: null, ...more,
  });
  const check = async (more: object) => {
    write('To DE12 now');
    await waitFor(() => expect(socket.last('check')?.text).toBe('To DE12 now'), { timeout: 3_000 });
    socket.say(checked(more));
  };
  const change = {
    remove: ['IBAN_CODE'], route: { model: 'gpt-mini', hosting: 'commercial' as const }, estimate_microusd: 4_000, quality: 0.9, task: 'coding',
    domain: 'legal', better: 1 as const, spans: [{ start: 3, end: 7, placeholder: '<IBAN_CODE>' }],
  };

  it('says what would change where a private question goes, and changes it', async () => {
    show();
    await check({ changes: [change] });
    const offers = await screen.findByRole('region', { name: 'What would change it' });
    expect(offers.textContent).toContain('Without a bank account: gpt-mini could answer, better at Legal, about $0.0040.');

    fireEvent.click(screen.getByRole('button', { name: 'Replace with placeholders' }));
    expect(field().value).toBe('To [bank account] now');

    fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    expect(field().value).toBe('To DE12 now');
  });

  it('keeps it inside when that is what a person wants', async () => {
    show();
    await check({ changes: [change] });
    fireEvent.click(await screen.findByRole('button', { name: 'Keep it inside' }));

    expect(screen.queryByRole('region', { name: 'What would change it' })).toBeNull();
    expect(screen.getByText('Stays inside. Nothing is replaced.')).toBeTruthy();
    expect(field().value).toBe('To DE12 now');
  });

  it('tells how much of the budget is used', async () => {
    show();
    await check({ budget: { left_microusd: 0, limit_microusd: 5_000_000, period: 'month', ends_at: null } });
    const meter = await screen.findByRole('meter', { name: 'Budget used' });

    expect(meter.getAttribute('aria-valuenow')).toBe('100');
    expect(screen.getByText('The budget is used up')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: /^Model/ }));
    expect(screen.getByRole<HTMLInputElement>('radio', { name: /gpt-mini/ }).disabled).toBe(true);
  });

  it('shows what the same person types elsewhere', () => {
    show();
    socket.say({ type: 'draft', conversation: 'c', text: 'From the phone', updated_at: '2026-11-25T09:00:00Z' });

    expect(field().value).toBe('From the phone');
  });
});

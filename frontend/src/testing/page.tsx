import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import { act, render, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';

import { api, ApiError, type Conversation } from '@/api/client';
import { Announcer } from '@/components/ui/Announcer';
import { Toasts } from '@/components/ui/Toast';
import { polite } from '@/lib/announcer';
import { SocketContext } from '@/lib/connections';
import type { ServerFrame } from '@/lib/frames';
import { startI18n } from '@/lib/i18n';
import { Observable } from '@/lib/observable';
import type { ChatSocket, Connection } from '@/lib/socket';
import { toasts } from '@/lib/toasts';

/* A page for component tests: a router, a server that answers by table, a socket that says what a test wants. */

/** The sentences that are shown at the edge of the page. */
export const shownToasts = (): string[] =>
  [...document.querySelectorAll('section[aria-label="Messages"] p')].map((toast) => toast.textContent);

/** What the browser has and jsdom has not. `height` is that of every scrolling box. */
export const givenBrowser = (height = 700): void => {
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
    this.querySelector<HTMLElement>('button, input, a')?.focus();
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };
  Element.prototype.scrollIntoView = () => undefined;
  Element.prototype.scrollTo = function scrollTo(this: Element, to?: number | ScrollToOptions) {
    this.scrollTop = typeof to === 'object' ? (to.top ?? 0) : 0;
    this.dispatchEvent(new Event('scroll'));
  };
  vi.stubGlobal('ResizeObserver', class {
    observe() { /* nothing changes its size */ }
    unobserve() { /* nothing changes its size */ }
    disconnect() { /* nothing changes its size */ }
  });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('scrollTo', () => undefined);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(height);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(276);
};

export const aConversation = (id: string, more: Partial<Conversation> = {}): Conversation => ({
  id, title: `Title ${id}`, owner: 1, owner_name: 'Erin Kessler', is_own: true, shared: false, team: 1, title_source: 'question' as never,
  sensitivity: 'clean', entities: [], hosting: null, leaf: null, version: 1, pinned: false, archived: false,
  created_at: '2026-11-20T10:00:00Z', updated_at: '2026-11-20T10:00:00Z', active_at: '2026-11-20T10:00:00Z', ...more,
});

interface Asked {
  path: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
}
type Answers = Record<string, (asked: Asked) => unknown>;

/** What the server answers, by method and path; anything else is refused. Returns what was asked. */
export const givenServer = (answers: Answers): string[] => {
  const asked: string[] = [];
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE', 'PUT'] as const) {
    const reply = (address: string, init: { params?: { path?: object; query?: object }; body?: unknown } = {}) => {
      asked.push(`${method} ${address}`);
      const answer = answers[`${method} ${address}`];
      if (!answer) return Promise.reject(new ApiError(404, 'not_found', `Nobody answers ${method} ${address}.`));
      const given = { path: { ...init.params?.path }, query: { ...init.params?.query }, body: init.body };
      return Promise.resolve().then(() => answer(given)).then((data) => ({ data, response: new Response() }));
    };
    vi.spyOn(api, method).mockImplementation(reply as never);
  }
  return asked;
};

export const refusal = (detail: string, status = 403): ApiError => new ApiError(status, 'permission_denied', detail);

/** A page with its socket: `hear` is a frame from the server. */
export interface ShownPage extends RenderResult {
  client: QueryClient;
  hear: (frame: ServerFrame) => Promise<void>;
  connect: (connection: Connection) => Promise<void>;
  address: () => string;
}

export const showPage = async (ui: ReactNode, at = '/'): Promise<ShownPage> => {
  await startI18n('en');
  toasts.set([]);
  polite.set({ number: 0, text: '' });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });
  const listeners = new Set<(frame: ServerFrame) => void>();
  const connection = new Observable<Connection>({ state: 'open', generation: 1 });
  const socket = {
    connection,
    onFrame: (listener: (frame: ServerFrame) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: () => true,
  } as unknown as ChatSocket;
  const root = createRootRoute({
    component: () => (
      <SocketContext value={socket}>
        {ui}
        <Outlet />
        <Announcer />
        <Toasts />
      </SocketContext>
    ),
  });
  const routes = ['/', '/c/$conversation', '/usage'].map((path) => createRoute({ getParentRoute: () => root, path }));
  const history = createMemoryHistory({ initialEntries: [at] });
  const router = createRouter({ routeTree: root.addChildren(routes), history });
  const page = await act(async () => {
    const shown = render(
      <QueryClientProvider client={client}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>,
    );
    await router.load();
    return shown;
  });
  return {
    ...page,
    client,
    hear: (frame) => act(async () => {
      for (const listener of [...listeners]) listener(frame);
      await Promise.resolve();
    }),
    connect: (now) => act(async () => {
      connection.set(now);
      await Promise.resolve();
    }),
    address: () => history.location.href,
  };
};

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';

import { BrokenPage, MissingPage } from './BrokenPage';
import { ChatPage } from './ChatPage';
import { Gate } from './Gate';

const root = createRootRoute({ component: Gate, notFoundComponent: MissingPage });

/** `why`: the turn whose decision record is open; `at`: the message to go to. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: ChatPage,
  validateSearch: (search: Record<string, unknown>): { why?: string; at?: string } => ({
    ...(typeof search.why === 'string' ? { why: search.why } : {}),
    ...(typeof search.at === 'string' ? { at: search.at } : {}),
  }),
});
const start = createRoute({ getParentRoute: () => shell, path: '/' });
const conversation = createRoute({ getParentRoute: () => shell, path: '/c/$conversation' });

/** The pages beside the chat, each a chunk of its own. Their search parameters are plain words. */
const area = createRoute({ getParentRoute: () => root, id: 'area', component: lazyRouteComponent(() => import('./Area'), 'Area') });
type Word =
  'month' | 'tab' | 'q' | 'page' | 'team' | 'kind' | 'actor' | 'subject' | 'from' | 'to'
  | 'run' | 'suite' | 'model' | 'task' | 'only' | 'view' | 'sort' | 'span';
type Words = Partial<Record<Word, string>>;
const words = (...names: (keyof Words)[]) => (search: Record<string, unknown>): Words =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name];
      return (typeof value === 'string' && value !== '') || typeof value === 'number' ? [[name, String(value)]] : [];
    }),
  );
const pages = [
  createRoute({
    getParentRoute: () => area, path: '/usage', validateSearch: words('month'),
    component: lazyRouteComponent(() => import('@/features/usage/UsagePage'), 'UsagePage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/settings',
    component: lazyRouteComponent(() => import('@/features/usage/SettingsPage'), 'SettingsPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/people', validateSearch: words('tab', 'q', 'page', 'team'),
    component: lazyRouteComponent(() => import('@/features/admin/PeoplePage'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/budgets',
    component: lazyRouteComponent(() => import('@/features/admin/BudgetsPage'), 'BudgetsPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/models', validateSearch: words('tab', 'view', 'sort'),
    component: lazyRouteComponent(() => import('@/features/models/ModelsPage'), 'ModelsPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/models/$model', validateSearch: words('span'),
    component: lazyRouteComponent(() => import('@/features/models/ModelPage'), 'ModelPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/routing', validateSearch: words('team'),
    component: lazyRouteComponent(() => import('@/features/admin/RoutingPage'), 'RoutingPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/lab', validateSearch: words('tab', 'run', 'suite', 'page', 'model', 'task', 'only'),
    component: lazyRouteComponent(() => import('@/features/lab/LabPage'), 'LabPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/access', validateSearch: words('team'),
    component: lazyRouteComponent(() => import('@/features/admin/AccessPage'), 'AccessPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/admin/privacy', validateSearch: words('tab'),
    component: lazyRouteComponent(() => import('@/features/admin/PrivacyPage'), 'PrivacyPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/compliance/trail', validateSearch: words('kind', 'actor', 'subject', 'from', 'to'),
    component: lazyRouteComponent(() => import('@/features/compliance/TrailPage'), 'TrailPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/compliance/chain',
    component: lazyRouteComponent(() => import('@/features/compliance/ChainPage'), 'ChainPage'),
  }),
  createRoute({
    getParentRoute: () => area, path: '/compliance/exceptions', validateSearch: words('tab'),
    component: lazyRouteComponent(() => import('@/features/compliance/ExceptionsPage'), 'ExceptionsPage'),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([shell.addChildren([start, conversation]), area.addChildren(pages)]),
  defaultErrorComponent: BrokenPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';

import { BrokenPage, MissingPage } from './BrokenPage';
import { Gate } from './Gate';

const root = createRootRoute({ notFoundComponent: MissingPage });

/** `why`: the turn whose decision record is open. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Gate,
  validateSearch: (search: Record<string, unknown>): { why?: string } =>
    typeof search.why === 'string' ? { why: search.why } : {},
});
const start = createRoute({ getParentRoute: () => shell, path: '/' });
const conversation = createRoute({ getParentRoute: () => shell, path: '/c/$conversation' });

export const router = createRouter({
  routeTree: root.addChildren([shell.addChildren([start, conversation])]),
  defaultErrorComponent: BrokenPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

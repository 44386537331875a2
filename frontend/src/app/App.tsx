import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';

import { ApiError } from '@/api/client';
import { Announcer } from '@/components/ui/Announcer';
import { Toasts } from '@/components/ui/Toast';

import { ErrorBoundary } from './ErrorBoundary';
import { router } from './router';

const TRIES = 2;

/** What the server refused it would refuse again; a failed connection may be better in a moment. */
const mayRetry = (count: number, error: Error): boolean =>
  count < TRIES && !(error instanceof ApiError && error.status >= 400 && error.status < 500);

const client = new QueryClient({
  defaultOptions: { queries: { retry: mayRetry, refetchOnWindowFocus: false, networkMode: 'always' } },
});

export const App = () => (
  <ErrorBoundary>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
      <Announcer />
      <Toasts />
    </QueryClientProvider>
  </ErrorBoundary>
);

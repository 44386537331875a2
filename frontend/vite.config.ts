import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { fakeBackend } from './src/testing/fakeBackend.ts';

/** Where `npm run dev` finds the server; without it a fake one answers (src/testing). */
const server = process.env.OPENROUTE_URL;
const toServer = server
  ? { target: server, changeOrigin: true, headers: { origin: server }, ws: true }
  : undefined;

export default defineConfig({
  plugins: [react(), ...(server || process.env.VITEST ? [] : [fakeBackend()])],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // Its version for browsers lets the browser parse what KaTeX wrote, and the content security policy complains of
      // each style in it, though none of them is ever applied that way.
      'hast-util-from-html-isomorphic': fileURLToPath(
        new URL('./node_modules/hast-util-from-html-isomorphic/index.js', import.meta.url),
      ),
    },
  },
  build: {
    // No `data:` addresses: the content security policy allows fonts and images from the server itself only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: {
    proxy: toServer ? { '/api': toServer, '/ws': toServer, '/accounts': toServer, '/static': toServer } : {},
  },
  test: {
    projects: [
      {
        extends: true,
        // What needs no page and leaves nothing behind: making a page and all modules anew took most of the time.
        test: {
          name: 'logic',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.page.test.ts'],
          environment: 'node',
          isolate: false,
          restoreMocks: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          include: ['src/**/*.test.tsx', 'src/**/*.page.test.ts'],
          environment: 'jsdom',
          setupFiles: ['src/testing/setup.ts'],
          restoreMocks: true,
        },
      },
    ],
  },
});

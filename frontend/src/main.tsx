import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from '@/app/App';
import { startI18n } from '@/lib/i18n';
import { startTheme } from '@/lib/theme';

import '@/styles/fonts.css';
import '@/styles/tokens.css';
import '@/styles/global.css';

startTheme();
await startI18n();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

import i18next from 'i18next';

import { de, en } from '@/locales/models';

/* The words come with the chunk of these pages. Each page imports this file for what it does. */
i18next.addResourceBundle('en', 'models', en);
i18next.addResourceBundle('de', 'models', de);

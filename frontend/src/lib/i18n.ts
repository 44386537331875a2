import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import { en } from '@/locales';
import type { en as lab } from '@/locales/lab';
import type { en as models } from '@/locales/models';

import { speakSaid } from './said';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    /** Further namespaces come with the pages that speak them. */
    resources: { translation: typeof en; lab: typeof lab; models: typeof models };
    strictKeyChecks: true;
  }
}

const CHOSEN = 'openroute.language';

const isLanguage = (word: string | null | undefined): word is Language => LANGUAGES.some((known) => known === word);

/** What was chosen in this browser, else the first of its languages that is spoken here. */
const preferred = (): Language => {
  const chosen = localStorage.getItem(CHOSEN);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';
};

/** English is there from the start, as what stands in for a missing word. */
const loaded = async (language: Language): Promise<void> => {
  if (language === 'en' || i18next.hasResourceBundle(language, 'translation')) return;
  const [{ de }, { saidInGerman }] = await Promise.all([import('@/locales/german'), import('@/locales/german/said')]);
  speakSaid(language, saidInGerman);
  i18next.addResourceBundle(language, 'translation', de);
};

const speak = async (language: Language): Promise<void> => {
  await loaded(language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
};

export const startI18n = async (language: Language = preferred()): Promise<void> => {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  await speak(language);
};

export const chooseLanguage = async (language: Language): Promise<void> => {
  localStorage.setItem(CHOSEN, language);
  await speak(language);
};

/** The account's language, where this browser has no choice of its own. English is what accounts begin with: no choice. */
export const followAccountLanguage = async (locale: string): Promise<void> => {
  if (localStorage.getItem(CHOSEN) !== null || locale === 'en' || !isLanguage(locale)) return;
  await speak(locale);
};

import { Observable } from '@/lib/observable';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const CHOSEN = 'openroute.theme';

const stored = (): Theme => THEMES.find((theme) => theme === localStorage.getItem(CHOSEN)) ?? 'system';

export const theme = new Observable<Theme>(stored());

const show = (chosen: Theme): void => {
  const root = document.documentElement;
  if (chosen === 'system') delete root.dataset.theme;
  else root.dataset.theme = chosen;
};

export const startTheme = (): void => show(theme.get());

export const chooseTheme = (chosen: Theme): void => {
  localStorage.setItem(CHOSEN, chosen);
  theme.set(chosen);
  show(chosen);
};

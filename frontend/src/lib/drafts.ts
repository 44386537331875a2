/*
 * Unsent text, one draft per conversation. It lives in this tab only, and survives a reload and an ended session; signing
 * out removes it, because the next person at this browser is another one.
 */

const PREFIX = 'openroute.draft.';
export const NEW = 'new';

export const readDraft = (conversation: string): string => sessionStorage.getItem(PREFIX + conversation) ?? '';

export const keepDraft = (conversation: string, text: string): void => {
  if (text) sessionStorage.setItem(PREFIX + conversation, text);
  else sessionStorage.removeItem(PREFIX + conversation);
};

export const forgetDrafts = (): void => {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
};

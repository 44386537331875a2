import { useCallback, useSyncExternalStore } from 'react';

import { drafts, NEW } from '@/lib/drafts';

export const draftName = (conversation: string | null): string => conversation ?? NEW;

/** The unsent text of a conversation, wherever it was typed. */
export const useDraft = (conversation: string | null): [draft: string, setDraft: (text: string) => void] => {
  const name = draftName(conversation);
  const text = useSyncExternalStore(drafts.changed.subscribe, () => drafts.read(name));
  const setText = useCallback((fresh: string) => drafts.write(name, fresh), [name]);
  return [text, setText];
};

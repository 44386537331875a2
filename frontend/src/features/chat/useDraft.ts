import { useState } from 'react';

import { keepDraft, NEW, readDraft } from '@/lib/drafts';

/** The unsent text of a conversation, kept in this tab. */
export const useDraft = (conversation: string | null): [draft: string, setDraft: (text: string) => void] => {
  const name = conversation ?? NEW;
  const [shown, setShown] = useState({ name, text: readDraft(name) });
  // Another conversation, another draft: read while rendering, so that the old one is never shown in the new place.
  const current = shown.name === name ? shown : { name, text: readDraft(name) };
  if (current !== shown) setShown(current);
  return [
    current.text,
    (text) => {
      keepDraft(name, text);
      setShown({ name, text });
    },
  ];
};

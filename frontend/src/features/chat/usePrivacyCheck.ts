import { useEffect, useState } from 'react';

import { useConnection } from '@/lib/connections';

import type { Checked } from './privacyMarks';
import { useSession } from './sessionContext';

const QUIET_MS = 400;

/**
 * What the server says would happen to the text, asked when typing pauses; null while there is nothing to say.
 * `files`: ids of attachments, with spaces between them.
 */
export const usePrivacyCheck = (text: string, conversation: string | null, model: string, files: string): Checked | null => {
  const session = useSession();
  const isOpen = useConnection().state === 'open';
  const [checked, setChecked] = useState<Checked | null>(null);
  const isEmpty = text.trim() === '';

  useEffect(() => {
    if (isEmpty || !isOpen) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      void session.check({ text, conversation, model, ...(files ? { attachments: files.split(' ') } : {}) }).then((frame) => {
        if (frame && isCurrent) setChecked({ text, frame });
      });
    }, QUIET_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [session, isOpen, isEmpty, text, conversation, model, files]);

  return isEmpty ? null : checked;
};

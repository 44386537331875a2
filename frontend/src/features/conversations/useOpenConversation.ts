import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { OpenedConversations } from '@/api/conversations';
import { showToast } from '@/lib/toasts';

import { useConversationFrames } from './useConversationFrames';

/**
 * Keeps the open conversation in step with the world: lists follow what happens elsewhere; when it is deleted there, or
 * no longer shared, the page leaves it and says so. What was opened stays readable without a connection, in memory.
 */
export const useOpenConversation = (current: string | null): void => {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { t } = useTranslation();
  const [opened] = useState(() => new OpenedConversations(client));
  useEffect(() => {
    if (current !== null) opened.note(current);
  }, [opened, current]);

  const onGone = useCallback(
    (conversation: string, isOwn: boolean) => {
      if (conversation !== current) return;
      void navigate({ to: '/' });
      showToast(t(isOwn ? 'list.goneOwn' : 'list.goneShared'));
    },
    [current, navigate, t],
  );
  useConversationFrames(onGone);
};

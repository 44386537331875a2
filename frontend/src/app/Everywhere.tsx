import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useState } from 'react';

import type { Me } from '@/api/client';
import { useOpenConversation } from '@/features/conversations/useOpenConversation';
import { PaletteHost } from '@/features/palette/PaletteHost';

import { useCommands } from './useCommands';

/** What is there on every page: the palette, the sheet of keys, and lists that follow what happens elsewhere. */
export const Everywhere = ({ me }: { me: Me }) => {
  const navigate = useNavigate();
  const conversation = useParams({ strict: false }).conversation ?? null;
  const [shown, setShown] = useState<'palette' | 'keys' | null>(null);
  const { commands, dialog } = useCommands({ me, conversation, showKeys: () => setShown('keys') });
  useOpenConversation(conversation);
  const open = useCallback(
    (id: string, message: string | null) =>
      void navigate({ to: '/c/$conversation', params: { conversation: id }, search: message === null ? {} : { at: message } }),
    [navigate],
  );
  return (
    <>
      <PaletteHost commands={commands} onOpen={open} shown={shown} onShown={setShown} />
      {dialog}
    </>
  );
};

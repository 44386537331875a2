import { useNavigate } from '@tanstack/react-router';

import { isLayerOpen, usePageKeys } from '@/lib/shortcuts';

import { neighbourOf } from './sections';
import { useOwnList } from './useOwnList';

/** Alt with the arrows: to the conversation above or below in one's own list, wherever the focus is. */
export const useNeighbourKeys = (current: string | null): void => {
  const navigate = useNavigate();
  const { sections } = useOwnList();
  usePageKeys((event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || isLayerOpen()) return;
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const next = neighbourOf(sections, current, event.key === 'ArrowDown' ? 1 : -1);
    if (next !== null) void navigate({ to: '/c/$conversation', params: { conversation: next } });
  });
};

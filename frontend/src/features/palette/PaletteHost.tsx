import { lazy, Suspense, useRef, useState } from 'react';

import { isSingleKey, usePageKeys } from '@/lib/shortcuts';

import type { Command } from './commands';

const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));
const KeySheet = lazy(() => import('./KeySheet').then((module) => ({ default: module.KeySheet })));

interface PaletteHostProps {
  commands: readonly Command[];
  onOpen: (conversation: string, message: string | null) => void;
  /** What is open; the host of the page may open it, too. */
  shown: 'palette' | 'keys' | null;
  onShown: (shown: 'palette' | 'keys' | null) => void;
}

const SEQUENCE_MS = 1_200;

/** Hears the keys that lead to the palette, to the sheet of keys and to the areas, and shows the first two. */
export const PaletteHost = ({ commands, onOpen, shown, onShown }: PaletteHostProps) => {
  const wentAt = useRef(-Infinity);
  // Loaded when first wanted; afterwards it opens at once.
  const [wasWanted, setWanted] = useState(false);
  const show = (what: 'palette' | 'keys') => {
    setWanted(true);
    onShown(what);
  };
  usePageKeys((event) => {
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === 'k') {
      event.preventDefault();
      if (shown === 'palette') onShown(null);
      else if (document.querySelector('dialog[open]') === null) show('palette');
      return;
    }
    if (!isSingleKey(event)) return;
    const isSecond = event.timeStamp - wentAt.current < SEQUENCE_MS;
    wentAt.current = key === 'g' ? event.timeStamp : -Infinity;
    const goal = isSecond ? commands.find(({ letter }) => letter?.toLowerCase() === key) : undefined;
    if (goal) goal.run();
    else if (key === '?') show('keys');
    else return;
    event.preventDefault();
  });
  if (shown === null && !wasWanted) return null;
  return (
    <Suspense>
      {shown === 'palette' && <Palette commands={commands} onOpen={onOpen} onClose={() => onShown(null)} />}
      {shown === 'keys' && <KeySheet commands={commands} onClose={() => onShown(null)} />}
    </Suspense>
  );
};

import { useEffect, useState } from 'react';

import type { Connection } from '@/lib/socket';

const PATIENCE_MS = 2_000;
const BACK_MS = 4_000;
const TICK_MS = 500;

/** What to say of the connection: nothing for two seconds, then `lost`; and `back` for four, to who saw the loss. */
export const useLoss = (connection: Connection): { state: 'quiet' | 'lost' | 'back'; now: number } => {
  const [now, setNow] = useState(() => Date.now());
  const [wasLost, setWasLost] = useState(false);
  const [backAt, setBackAt] = useState<number | null>(null);
  const isOpen = connection.state === 'open';
  const isTrying = connection.state === 'connecting' || connection.state === 'waiting';
  const isLost = isTrying && now - connection.since > PATIENCE_MS;
  const isBack = isOpen && backAt !== null && now - backAt < BACK_MS;

  useEffect(() => {
    if (!isTrying && !isBack) return;
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isTrying, isBack]);

  // What went before is noted while rendering, so that no frame shows the old state with the new connection.
  if (isLost && !wasLost) setWasLost(true);
  if (isOpen && wasLost) {
    setWasLost(false);
    setBackAt(now);
  }
  return { state: isLost ? 'lost' : isBack ? 'back' : 'quiet', now };
};

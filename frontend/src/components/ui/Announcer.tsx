import { useSyncExternalStore } from 'react';

import { assertive, polite } from '@/lib/announcer';

/** The two places from which a screen reader speaks what changes. */
export const Announcer = () => {
  const calm = useSyncExternalStore(polite.subscribe, polite.get);
  const urgent = useSyncExternalStore(assertive.subscribe, assertive.get);
  return (
    <>
      <div className="visually-hidden" aria-live="polite" aria-atomic="true" data-announcer="polite">
        <span key={calm.number}>{calm.text}</span>
      </div>
      <div className="visually-hidden" aria-live="assertive" aria-atomic="true" data-announcer="assertive">
        <span key={urgent.number}>{urgent.text}</span>
      </div>
    </>
  );
};

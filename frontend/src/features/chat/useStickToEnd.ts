import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

const NEAR_PX = 80;
/** How long a turn of the wheel or a key goes on scrolling. */
const GESTURE_MS = 600;

interface StickToEnd {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  isAtEnd: boolean;
  toEnd: () => void;
  /** From now on the end is not followed, until it is reached again. */
  leaveEnd: () => void;
}

/** Keeps the end in view while content grows, until a person scrolls up; then nothing moves under their eyes. */
export const useStickToEnd = (): StickToEnd => {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    sticks.current = true;
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, []);

  const leaveEnd = useCallback(() => {
    sticks.current = false;
  }, []);

  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (!box || !inner) return;
    const isPersons = watchGestures(box);
    const onScroll = () => {
      const near = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
      // Only a person leaves the end. Content that grows, or is measured and differs from its guess, moves the view too.
      if (near) sticks.current = true;
      else if (isPersons.now()) sticks.current = false;
      else if (sticks.current) box.scrollTop = box.scrollHeight;
      setAtEnd(near || sticks.current);
    };
    const observer = new ResizeObserver(() => {
      if (sticks.current) box.scrollTop = box.scrollHeight;
      onScroll();
    });
    observer.observe(inner);
    observer.observe(box);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      isPersons.stop();
      box.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { scroller, content, isAtEnd, toEnd, leaveEnd };
};

/** Tells whether a person is scrolling: by wheel, finger or key just now, or with the scroll bar held. */
const watchGestures = (box: HTMLElement): { now: () => boolean; stop: () => void } => {
  const ended = new AbortController();
  const options = { passive: true, signal: ended.signal };
  let last = -Infinity;
  let isHeld = false;
  const touched = () => (last = performance.now());
  for (const kind of ['wheel', 'touchmove', 'keydown'] as const) box.addEventListener(kind, touched, options);
  box.addEventListener('pointerdown', () => (isHeld = true), options);
  for (const kind of ['pointerup', 'pointercancel'] as const) {
    window.addEventListener(kind, () => {
      if (isHeld) touched();
      isHeld = false;
    }, options);
  }
  return { now: () => isHeld || performance.now() - last < GESTURE_MS, stop: () => ended.abort() };
};

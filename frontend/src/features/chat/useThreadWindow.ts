import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

import { ThreadKeeper, type View, type WindowedItem } from './ThreadKeeper';
import { whole, type Range } from './windowing';

/**
 * Up to so many messages all stand in the page, where the browser's own search finds them; of longer threads only what is
 * near the visible part, so that a thousand messages open and stream like ten.
 */
const ALL_UP_TO = 40;

interface ThreadWindow {
  log: RefObject<HTMLDivElement | null>;
  range: Range;
  /** Bring an item to the top of the visible part, whether it stands in the page or not, and the focus to it. */
  reveal: (key: string) => void;
}

/** `name`: of the thread; another one is shown from its end. The items' elements are the children of `log`. */
export const useThreadWindow = (
  name: string,
  items: readonly WindowedItem[],
  scroller: RefObject<HTMLElement | null>,
): ThreadWindow => {
  const log = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View | null>(null);
  const [keeper] = useState(() => new ThreadKeeper(setView));
  const isWhole = items.length <= ALL_UP_TO;
  const range = isWhole ? whole(items.length) : keeper.rangeOf(items, view?.name === name ? view : null);

  useLayoutEffect(() => {
    keeper.note({ name, items, range, isWhole, scroller, log });
  });
  useLayoutEffect(() => keeper.settle(), [keeper, range.from, range.to, name]);
  useEffect(() => (isWhole ? undefined : keeper.watch()), [keeper, isWhole]);

  return { log, range, reveal: keeper.reveal };
};

import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useEffect, useId, useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react';

import { classNames } from './classNames';
import { flattened, goalOf, indexOfItem, type Entry } from './virtualRows';

import styles from './VirtualList.module.css';

export interface Section<One> {
  key: string;
  /** Its heading; null: there is none. */
  heading: string | null;
  items: readonly One[];
}

/** What can be asked of a list from outside. */
export interface VirtualListHandle {
  /** Move the focus to a row, wherever it is. */
  focusRow: (key: string) => void;
}

interface VirtualListProps<One> {
  handle?: Ref<VirtualListHandle>;
  sections: readonly Section<One>[];
  keyOf: (item: One) => string;
  /** Heights in pixels. */
  rowHeight: number;
  headingHeight: number;
  /** `isActive`: the row that Tab leads to. What is to get the focus in it carries `data-row`. */
  renderRow: (item: One, isActive: boolean) => ReactNode;
  /** The row that is shown first, and that Tab leads to at first. */
  current: string | null;
  className?: string | undefined;
  headingClass?: string | undefined;
  /** Called when the last rows are near the visible part. */
  onEnd?: (() => void) | undefined;
  /** Below the rows. */
  foot?: ReactNode;
}

const OVERSCAN = 8;

/**
 * Rows under headings, of which only the visible ones are in the page, however many there are. Each part stands in its
 * own list under its own heading, and each row says which of how many it is, so that a screen reader tells the same as
 * the eye. One Tab leads to the rows, arrows, Page, Home and End move among them; the focused row stays in the page.
 */
export const VirtualList = <One,>(props: VirtualListProps<One>) => {
  const { sections, keyOf, rowHeight, headingHeight, renderRow, current, className, headingClass, onEnd, foot, handle } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  const [touched, setTouched] = useState<string | null>(null);
  const entries = useMemo(() => flattened(sections, keyOf), [sections, keyOf]);
  const currentAt = indexOfItem(entries, current);
  const touchedAt = indexOfItem(entries, touched);
  const activeAt = touchedAt !== -1 ? touchedAt : currentAt !== -1 ? currentAt : entries.findIndex(({ item }) => item !== null);

  const rangeExtractor = useCallback(
    (range: Range) => [...new Set([...headingsOf(entries, range), ...(activeAt === -1 ? [] : [activeAt]), ...defaultRangeExtractor(range)])]
      .sort((a, b) => a - b),
    [entries, activeAt],
  );
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing is compiled here, and rows are drawn in this component
  const virtualizer = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (entries[index]?.item === null ? headingHeight : rowHeight),
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: OVERSCAN,
    useFlushSync: false,
    rangeExtractor,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, entries, rowHeight, headingHeight]);

  const rows = virtualizer.getVirtualItems();
  const last = virtualizer.range?.endIndex ?? -1;
  useEffect(() => {
    if (last >= entries.length - OVERSCAN && entries.length > 0) onEnd?.();
  }, [last, entries.length, onEnd]);

  // A row that arrows lead to gets the focus as soon as it is in the page.
  useEffect(() => {
    if (wanted.current === null) return;
    const lines = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-key]') ?? [])];
    const row = lines.find(({ dataset }) => dataset.key === wanted.current)?.querySelector<HTMLElement>('[data-row]');
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });

  const focusRow = (key: string) => {
    wanted.current = key;
    setTouched(key);
    const at = indexOfItem(entries, key);
    if (at !== -1) virtualizer.scrollToIndex(at);
  };
  useImperativeHandle(handle, () => ({ focusRow }));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target as HTMLElement).matches('[data-row], [data-row] *')) return;
    const to = goalOf(event.key, entries, activeAt);
    const key = to === null ? undefined : entries[to]?.key;
    if (key === undefined) return;
    event.preventDefault();
    focusRow(key);
  };

  const shown = new Map(rows.map((row) => [row.index, row.start]));
  return (
    <div ref={scroller} className={classNames(styles.scroll, className)} onKeyDown={onKeyDown}>
      <div className={styles.whole} style={{ height: virtualizer.getTotalSize() }}>
        {partsOf(entries, [...shown.keys()]).map(({ section, heading, items }) => (
          <div key={section.key} role="group" aria-labelledby={section.heading === null ? undefined : `${id}-${section.key}`}>
            {heading !== null && (
              <h2
                id={`${id}-${section.key}`}
                className={classNames(styles.at, headingClass)}
                style={{ transform: `translateY(${shown.get(heading) ?? 0}px)`, height: headingHeight }}
              >
                {section.heading}
              </h2>
            )}
            <ul role="list">
              {items.map(({ index, entry }) => (
                <li
                  key={entry.key}
                  data-key={entry.key}
                  aria-setsize={section.items.length}
                  aria-posinset={entry.position}
                  className={styles.at}
                  style={{ transform: `translateY(${shown.get(index) ?? 0}px)`, height: rowHeight }}
                  onFocus={() => setTouched(entry.key)}
                >
                  {entry.item !== null && renderRow(entry.item, index === activeAt)}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      {foot && <div className={styles.foot}>{foot}</div>}
    </div>
  );
};

/** The heading above the first visible row is in the page although it is scrolled out: its rows belong to it. */
const headingsOf = <One,>(entries: readonly Entry<One>[], { startIndex }: Range): number[] => {
  for (let index = Math.max(0, startIndex - OVERSCAN); index >= 0; index -= 1) if (entries[index]?.item === null) return [index];
  return [];
};

interface Part<One> {
  section: Section<One>;
  heading: number | null;
  items: { index: number; entry: Entry<One> }[];
}

const partsOf = <One,>(entries: readonly Entry<One>[], indexes: readonly number[]): Part<One>[] => {
  const parts = new Map<string, Part<One>>();
  for (const index of indexes) {
    const entry = entries[index];
    if (!entry) continue;
    const part = parts.get(entry.section.key) ?? { section: entry.section, heading: null, items: [] };
    parts.set(entry.section.key, part);
    if (entry.item === null) part.heading = index;
    else part.items.push({ index, entry });
  }
  return [...parts.values()];
};

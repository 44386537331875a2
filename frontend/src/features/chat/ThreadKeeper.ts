import type { RefObject } from 'react';

import { covers, rangeOf, sum, type Range } from './windowing';

/** So far around the visible part messages are ready before they are scrolled to, in pixels. */
const BEYOND_PX = 1_400;
const FIRST_VIEW_PX = 1_200;
const MARGIN_PX = 16;
const TRIES = 12;

export interface WindowedItem {
  key: string;
  /** A height to reckon with until it is known, in pixels. */
  guess: number;
}

/** What is visible of a thread, in pixels from its beginning. */
export interface View {
  name: string;
  top: number;
  bottom: number;
}

interface Shown {
  name: string;
  items: readonly WindowedItem[];
  range: Range;
  isWhole: boolean;
  /** Read when they are needed: what is around a thread comes into the page after it. */
  scroller: RefObject<HTMLElement | null>;
  log: RefObject<HTMLElement | null>;
}

/**
 * The part of a thread that stands in the page, and the page's own side of it: it learns how high messages are, keeps in
 * place what a person reads while heights above it become known, and says when another part is wanted.
 */
export class ThreadKeeper {
  readonly #known = new Map<string, number>();
  readonly #onView: (view: View) => void;
  #shown: Shown | null = null;
  #anchor: { key: string; offset: number } | null = null;

  constructor(onView: (view: View) => void) {
    this.#onView = onView;
  }

  /** Without a view: the end. */
  rangeOf(items: readonly WindowedItem[], view: View | null): Range {
    const heights = this.#heights(items);
    const bottom = view?.bottom ?? sum(heights);
    const top = view?.top ?? bottom - FIRST_VIEW_PX;
    return rangeOf(heights, top - BEYOND_PX, bottom + BEYOND_PX);
  }

  /** What was rendered. */
  note(shown: Shown): void {
    if (shown.name !== this.#shown?.name) this.#anchor = null;
    this.#shown = shown;
  }

  /** After every change of heights: learn them, hold what is being read, and ask for what came into view. */
  settle(): void {
    const { box, list, shown } = this.#page();
    if (!box || !list || !shown || shown.isWhole || box.clientHeight === 0) return;
    const { name, items, range } = shown;
    for (const child of childrenOf(list)) {
      if (child.offsetHeight > 0) this.#known.set(child.dataset.key ?? '', child.offsetHeight);
    }
    this.#hold(box, list);
    const top = -offsetIn(box, list);
    const bottom = top + box.clientHeight;
    const wanted = rangeOf(this.#heights(items), top - BEYOND_PX / 2, bottom + BEYOND_PX / 2);
    if (!covers(range, wanted)) this.#onView({ name, top, bottom });
  }

  /** Follow scrolling and growth until the returned function is called. */
  watch(): (() => void) | undefined {
    const { box, list } = this.#page();
    if (!box || !list) return undefined;
    this.settle();
    const onScroll = () => {
      this.#anchor = anchorIn(box, list);
      this.settle();
    };
    const observer = new ResizeObserver(() => this.settle());
    observer.observe(list);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', onScroll);
    };
  }

  readonly reveal = (key: string): void => {
    const { box, shown } = this.#page();
    const index = shown?.items.findIndex((item) => item.key === key) ?? -1;
    if (!box || !shown || index < 0) return;
    const { items, isWhole, name } = shown;
    if (!isWhole) {
      const top = sum(this.#heights(items), 0, index);
      this.#anchor = null;
      this.#onView({ name, top, bottom: top + box.clientHeight });
    }
    this.#approach(key, TRIES);
  };

  /** Scroll until the item stands at its place and stays there: what is above it gets its true height on the way. */
  #approach(key: string, tries: number): void {
    const { box, list } = this.#page();
    const element = list && childOf(list, key);
    let isStill = false;
    if (box && element) {
      const before = box.scrollTop;
      box.scrollTop += offsetIn(box, element) - MARGIN_PX;
      isStill = Math.abs(box.scrollTop - before) < 1;
      this.#anchor = { key, offset: offsetIn(box, element) };
      element.focus({ preventScroll: true });
    }
    if (tries > 0 && !isStill) requestAnimationFrame(() => this.#approach(key, tries - 1));
  }

  #page(): { box: HTMLElement | null; list: HTMLElement | null; shown: Shown | null } {
    const shown = this.#shown;
    return { box: shown?.scroller.current ?? null, list: shown?.log.current ?? null, shown };
  }

  #hold(box: HTMLElement, list: HTMLElement): void {
    const held = this.#anchor && childOf(list, this.#anchor.key);
    if (!held || !this.#anchor) return;
    const moved = offsetIn(box, held) - this.#anchor.offset;
    if (Math.abs(moved) > 1) box.scrollTop += moved;
  }

  #heights(items: readonly WindowedItem[]): number[] {
    return items.map(({ key, guess }) => this.#known.get(key) ?? guess);
  }
}

const childrenOf = (list: HTMLElement): HTMLElement[] => [...list.children].filter((child) => child instanceof HTMLElement);

const childOf = (list: HTMLElement, key: string): HTMLElement | null =>
  childrenOf(list).find((child) => child.dataset.key === key) ?? null;

const offsetIn = (box: HTMLElement, child: HTMLElement): number =>
  child.getBoundingClientRect().top - box.getBoundingClientRect().top;

/** The first item of which something is visible: it is what a person reads. */
const anchorIn = (box: HTMLElement, list: HTMLElement): { key: string; offset: number } | null => {
  const first = childrenOf(list).find((child) => offsetIn(box, child) + child.offsetHeight > 0);
  return first ? { key: first.dataset.key ?? '', offset: offsetIn(box, first) } : null;
};

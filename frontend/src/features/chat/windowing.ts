/*
 * Which items of a long thread stand in the page. The rest is room of the height that they had, or probably have. Pure:
 * heights and the visible stretch in, the range and the room above and below out. Pixels.
 */

export interface Range {
  from: number;
  /** The first item behind the range. */
  to: number;
  above: number;
  below: number;
}

/** The items that touch the stretch from `top` to `bottom`, and at least one. */
export const rangeOf = (heights: readonly number[], top: number, bottom: number): Range => {
  let [from, at] = [0, 0];
  for (; from < heights.length - 1; from += 1) {
    const end = at + (heights[from] ?? 0);
    if (end > top) break;
    at = end;
  }
  const above = at;
  let to = from;
  while (to < heights.length && (to === from || at < bottom)) {
    at += heights[to] ?? 0;
    to += 1;
  }
  return { from, to, above, below: sum(heights, to) };
};

export const whole = (count: number): Range => ({ from: 0, to: count, above: 0, below: 0 });

export const sum = (heights: readonly number[], from = 0, to = heights.length): number => {
  let total = 0;
  for (let index = from; index < to; index += 1) total += heights[index] ?? 0;
  return total;
};

/** Whether every item of the inner range is in the outer one. */
export const covers = (outer: Range, inner: Range): boolean => outer.from <= inner.from && outer.to >= inner.to;

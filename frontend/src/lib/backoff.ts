const FIRST_MS = 500;
const LONGEST_MS = 8_000;

/**
 * How long to wait before the next try to connect, in milliseconds: doubling, and spread by `chance` in [0, 1), so that
 * a restarted server does not meet all its pages in one moment. The longest wait keeps reconnection under ten seconds.
 */
export const backoffMs = (attempt: number, chance: number): number =>
  Math.round(Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt) * (0.75 + chance / 4));

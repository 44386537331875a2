import { describe, expect, it } from 'vitest';

import { backoffMs } from './backoff';

describe('the wait before a new connection', () => {
  it('grows and stays under ten seconds', () => {
    const waits = Array.from({ length: 12 }, (_, attempt) => backoffMs(attempt, 0.999));

    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(Math.max(...waits)).toBeLessThan(10_000);
  });

  it('is spread by chance', () => {
    expect(backoffMs(3, 0)).toBeLessThan(backoffMs(3, 0.9));
  });
});

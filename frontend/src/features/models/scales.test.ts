import { describe, expect, it } from 'vitest';

import { apart, dateOf, dayNumber, pointsOf, roundAbove, scale, segments, spanOf, summaryOf } from './scales';
import { decimal, rate, shortDay, timesOf } from './show';

const points = (...all: [string, number][]) => all.map(([date, value]) => ({ date, value }));

describe('scale', () => {
  it('maps the ends to the ends and the middle to the middle', () => {
    const y = scale([0, 4], [100, 0]);
    expect([0, 2, 4].map(y)).toEqual([100, 50, 0]);
  });
  it('of an empty range is its start', () => expect(scale([3, 3], [10, 90])(3)).toBe(10));
});

describe('roundAbove', () => {
  it.each([[0, 1], [-1, 1], [0.3, 0.3], [0.35, 0.4], [1.3, 1.6], [4, 4], [4.1, 5], [61, 80], [2.3, 2.4], [9000, 10_000], [0.0007, 0.0008]])('of %d is %d', (greatest, round) => {
    expect(roundAbove(greatest)).toBeCloseTo(round, 9);
  });
});

describe('days', () => {
  it('are counted and named back, over the end of a year', () => {
    expect(dayNumber('2027-01-01') - dayNumber('2026-12-31')).toBe(1);
    expect(dateOf(dayNumber('2026-02-28') + 1)).toBe('2026-03-01');
  });
  it('without a figure are no points', () => {
    const day = { date: '2026-11-01', attempts: null, cost_microusd: 4, error_rate: 0, first_token_p50_ms: null, first_token_p95_ms: null, quality: null, refusal_rate: 0, samples: null, tokens_per_s: null, truncation_rate: 0 };
    expect(pointsOf([day], ({ quality }) => quality)).toEqual([]);
    expect(pointsOf([day], ({ error_rate: errors }) => errors)).toEqual([{ date: '2026-11-01', value: 0 }]);
  });
});

describe('segments', () => {
  it('bridge a weekend and break after a week', () => {
    const [friday, monday, later] = points(['2026-11-06', 1], ['2026-11-09', 2], ['2026-11-16', 3]);
    expect(segments([friday, monday, later].filter((each) => each !== undefined))).toEqual([[friday, monday], [later]]);
    expect(segments([])).toEqual([]);
  });
});

describe('apart', () => {
  it('leaves labels that do not meet where they are', () => expect(apart([10, 40, 90], 14, 100)).toEqual([10, 40, 90]));
  it('pushes those that meet apart in the order of their places', () => expect(apart([50, 48, 49], 14, 200)).toEqual([76, 48, 62]));
  it('keeps the last above the bottom', () => expect(apart([95, 97], 14, 100)).toEqual([86, 100]));
});

describe('summaryOf', () => {
  it('is the newest figure and the range', () => {
    expect(summaryOf(points(['2026-11-01', 3], ['2026-11-02', 9], ['2026-11-05', 5]))).toEqual({ date: '2026-11-05', latest: 5, low: 3, high: 9 });
    expect(summaryOf([])).toBeNull();
  });
});

describe('figures in words', () => {
  it('have a decimal where they are small', () => {
    expect([0, 0.004, 0.12].map((share) => rate(share, 'en'))).toEqual(['0%', '0.4%', '12%']);
    expect([0.25, 38.4].map((value) => decimal(value, 'de'))).toEqual(['0,3', '38']);
  });
  it('promise no more than a chance was computed to be', () => {
    expect([0.0042, 0.009, 0.2, 0.00000001].map(timesOf)).toEqual([200, 100, 5, 1_000_000]);
    expect([0.6, 0].map(timesOf)).toEqual([null, null]);
  });
  it('name a day without its year', () => expect(shortDay('2026-11-17', 'en')).toBe('17 Nov'));
});

describe('spanOf', () => {
  it('is one of three', () => expect(['month', 'year', '7', undefined].map((word) => spanOf(word).days)).toEqual([30, 365, 90, 90]));
});

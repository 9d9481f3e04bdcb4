import fc, { array, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

const rate = { count: 10, periodMs: 1000, burst: 20 };

/** How many of so many requests in one moment are let through. */
function letThrough(limit: RateLimit, nowMs: number, requests = 100): number {
  return Array.from({ length: requests }, () => limit.take('a', nowMs)).filter((waitMs) => waitMs === 0)
    .length;
}

test('a burst is let through at once, then the rate', () => {
  const limit = new RateLimit(rate, 10);
  expect(letThrough(limit, 5000)).toBe(20);
  expect(limit.take('a', 5000)).toBe(100);
  expect(limit.take('a', 5099)).toBe(1);
  expect(letThrough(limit, 5100)).toBe(1);
  expect(letThrough(limit, 6100)).toBe(10);
  expect(letThrough(limit, 60_000)).toBe(20);
  expect(limit.take('b', 5000)).toBe(0);
});

test('no window of time sees more than burst and rate allow, and whoever waits as told is let through', () => {
  const steps = array(integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    property(steps, (gapsMs) => {
      const limit = new RateLimit(rate, 10);
      const passedAtMs: number[] = [];
      let nowMs = 1_700_000_000_000;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        const waitMs = limit.take('a', nowMs);
        if (waitMs > 0) {
          nowMs += waitMs;
          expect(limit.take('a', nowMs)).toBe(0);
        }
        passedAtMs.push(nowMs);
      }
      for (const [first, fromMs] of passedAtMs.entries())
        for (let last = first; last < passedAtMs.length; last += 1) {
          const allowed = 20 + ((passedAtMs[last] ?? 0) - fromMs) / 100;
          expect(last - first + 1).toBeLessThanOrEqual(allowed + 0.001);
        }
    }),
    { numRuns: 100 },
  );
});

test('without a count nothing is limited and nobody watched', () => {
  const limit = new RateLimit({ count: 0, periodMs: 1000, burst: 1 }, 10);
  expect(letThrough(limit, 0, 10_000)).toBe(10_000);
  expect(limit.size).toBe(0);
});

test('a clock that is set back shuts nobody out', () => {
  const limit = new RateLimit(rate, 10);
  const hourMs = 3_600_000;
  letThrough(limit, 10 * hourMs);
  expect(limit.take('a', 9 * hourMs)).toBeLessThanOrEqual(100);
  expect(limit.take('a', 9 * hourMs + 2000)).toBe(0);
});

test('300,000 keys take the place of a thousand, and whoever goes on asking stays known', () => {
  const limit = new RateLimit(rate, 1000);
  for (let key = 0; key < 300_000; key += 1) {
    limit.take(String(key), key / 1e6);
    if (key % 100 === 0) limit.take('flood', key / 1e6);
  }
  expect(limit.size).toBeLessThanOrEqual(1000);
  expect(limit.take('flood', 1)).toBeGreaterThan(0);
  expect(limit.refused).toBeGreaterThan(2000);
});

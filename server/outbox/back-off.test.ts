import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delayAfter } from './back-off.ts';

const limits = { firstDelayMs: 1000, longestDelayMs: 60_000 };

test('each wait is twice the one before, up to the longest', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 2000].map((n) => delayAfter(n, limits, { random: 1 }));
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('half of a wait is at random, and what the receiver asks for is kept up to the longest', () => {
  expect(delayAfter(3, limits, { random: 0 })).toBe(2000);
  expect(delayAfter(1, limits, { random: 0, askedMs: 30_000 })).toBe(30_000);
  expect(delayAfter(1, limits, { random: 0, askedMs: 1e9 })).toBe(60_000);
});

test('whatever the limits, a wait is whole, not negative and not longer than the longest', () => {
  const numbers = fc.record({ firstDelayMs: fc.nat(), longestDelayMs: fc.nat(2_678_400_000) });
  fc.assert(
    fc.property(
      numbers,
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (l, n, r) => {
        const delay = delayAfter(n, l, { random: r });
        return Number.isInteger(delay) && delay >= 0 && delay <= l.longestDelayMs;
      },
    ),
  );
});

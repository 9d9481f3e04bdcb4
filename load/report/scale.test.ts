import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linearScale, logScale } from './scale.ts';

test('round ticks from 0 to beyond the highest', () => {
  expect(linearScale(137, 100, 5).ticks).toEqual([0, 50, 100, 150]);
  expect(linearScale(0, 100, 5).ticks.at(-1)).toBe(1);
  expect(linearScale(0.3, 100, 5).ticks).toEqual([0, 0.1, 0.2, 0.3]);
});

test('decades, with more ticks while they are few', () => {
  expect(logScale({ lowest: 12, highest: 640 }, 100).ticks).toEqual([10, 20, 50, 100, 200, 500, 1000]);
  expect(logScale({ lowest: 0.4, highest: 9000 }, 100).ticks).toEqual([0.1, 1, 10, 100, 1000, 10_000]);
});

test('everything has a place on the axis, and more is farther', () => {
  const value = fc.double({ min: 0.001, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(value, value, (one, other) => {
      const [lowest, highest] = [Math.min(one, other), Math.max(one, other)];
      for (const scale of [linearScale(highest, 500), logScale({ lowest, highest }, 500)]) {
        expect(scale.place(highest)).toBeLessThanOrEqual(500.001);
        expect(scale.place(lowest)).toBeGreaterThanOrEqual(0);
        expect(scale.place(lowest)).toBeLessThanOrEqual(scale.place(highest));
        expect(scale.ticks.length).toBeLessThan(14);
      }
    }),
  );
});

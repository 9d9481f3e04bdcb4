import { expect, it } from 'vitest';
import { nearMiss } from './near-miss.ts';

const keys = ['name', 'skills', 'priority', 'ageingPerMinute', 'offerTimeoutMs'];

it.each([
  ['prioriti', 'priority'],
  ['Priority', 'priority'],
  ['naem', 'name'],
  ['skill', 'skills'],
  ['offerTimeout', 'offerTimeoutMs'],
  ['agingPerMinute', 'ageingPerMinute'],
])('takes %s for %s', (found, meant) => {
  expect(nearMiss(found, keys)).toBe(meant);
});

it.each(['', 'colour', 'xy', 'x'.repeat(100_000)])('takes %.20s for nothing', (found) => {
  expect(nearMiss(found, keys)).toBeUndefined();
});

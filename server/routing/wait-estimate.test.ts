import { expect, test } from 'vitest';
import { estimateWaitMs, paceWindowMs } from './wait-estimate.ts';

const nowMs = 10_000_000;

test('the place times the pace of late', () => {
  const taken = [nowMs - 180_000, nowMs - 120_000, nowMs - 60_000];
  expect(estimateWaitMs(1, taken, nowMs)).toBe(60_000);
  expect(estimateWaitMs(4, taken, nowMs)).toBe(240_000);
});

test('a queue that nobody serves any more gets slower', () => {
  const taken = [nowMs - 180_000, nowMs - 120_000, nowMs - 60_000];
  expect(estimateWaitMs(1, taken, nowMs + 180_000)).toBe(120_000);
});

test('nothing is said when there is little to go by', () => {
  expect(estimateWaitMs(1, [], nowMs)).toBeNull();
  expect(estimateWaitMs(1, [nowMs - 2, nowMs - 1], nowMs)).toBeNull();
  const old = [0, 1, 2].map((at) => nowMs - paceWindowMs - at);
  expect(estimateWaitMs(1, old, nowMs)).toBeNull();
});

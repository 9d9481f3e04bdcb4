import { expect, test } from 'vitest';
import { LatencySketch } from './latency-sketch.ts';

test('quantiles are within two per cent of the true ones', () => {
  const sketch = new LatencySketch();
  for (let us = 1; us <= 100_000; us += 1) sketch.add(us);
  expect(sketch.total).toBe(100_000);
  expect(Math.abs(sketch.quantileMs(0.5) / 50 - 1)).toBeLessThan(0.02);
  expect(Math.abs(sketch.quantileMs(0.99) / 99 - 1)).toBeLessThan(0.02);
});

test('an empty or cleared sketch says 0', () => {
  const sketch = new LatencySketch();
  expect(sketch.quantileMs(0.99)).toBe(0);
  sketch.add(500);
  sketch.clear();
  expect(sketch.quantileMs(0.99)).toBe(0);
});

test('what is below and beyond the buckets is still counted', () => {
  const sketch = new LatencySketch();
  sketch.add(-3);
  sketch.add(1e12);
  expect(sketch.total).toBe(2);
  expect(sketch.quantileMs(0.5)).toBeLessThan(0.01);
  expect(sketch.quantileMs(1)).toBeGreaterThan(1_000_000);
});

test('the longest is exact, and the buckets hold everything in order', () => {
  const sketch = new LatencySketch();
  for (const us of [1_234_567, 10, 10, 5_000]) sketch.add(us);
  expect(sketch.maxMs).toBe(1234.567);
  const buckets = sketch.buckets();
  expect(buckets.map(({ count }) => count)).toEqual([2, 1, 1]);
  expect(buckets.map(({ untilMs }) => untilMs)).toEqual(
    buckets.map(({ untilMs }) => untilMs).toSorted((a, b) => a - b),
  );
  expect(buckets[1]?.untilMs).toBeGreaterThan(5);
});

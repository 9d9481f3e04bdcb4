import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('a timer of the system clock never runs before its time, not even by the fraction that is rounded off', async () => {
  const earlyMs: number[] = [];
  const timers: Promise<void>[] = [];
  const startMs = performance.now();
  while (performance.now() - startMs < 300) {
    const atMs = systemClock.now() + 5;
    timers.push(
      new Promise((resolve) => {
        systemClock.setTimer(atMs, () => {
          if (systemClock.now() < atMs) earlyMs.push(atMs - systemClock.now());
          resolve();
        });
      }),
    );
    await nextTurn();
  }
  await Promise.all(timers);
  expect(earlyMs).toEqual([]);
});

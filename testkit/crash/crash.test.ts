import { expect, test } from 'vitest';
import { runCrashes } from './crash-run.ts';

// A longer run by hand: PARLEY_CRASH_KILLS=300 PARLEY_CRASH_SEED=7 npx vitest run testkit/crash
const kills = Number(process.env['PARLEY_CRASH_KILLS'] ?? 20);
const seed = Number(process.env['PARLEY_CRASH_SEED'] ?? Date.now() % 1_000_000);

test(
  'every acknowledged event survives kill -9, once and in order, and live chats go on',
  { timeout: 60_000 + kills * 8_000 },
  async () => {
    console.log(`seed ${seed}`);
    const report = await runCrashes({ kills, seed });
    console.log(JSON.stringify(report));
    expect(report.problems).toEqual([]);
    expect(report.kills).toBe(kills);
    // That it was a test at all: requests were cut, chats outlived servers, timers were set again.
    expect(report.acknowledged).toBeGreaterThan(kills * 20);
    expect(report.cut).toBeGreaterThan(kills / 4);
    expect(report.carriedOn).toBeGreaterThan(kills * 2);
    expect(report.offersAcrossKills).toBeGreaterThan(kills / 4);
  },
);

import { describe, expect, it } from 'vitest';
import { plantedBugs } from './planted-bug.ts';
import { simulate } from './simulate.ts';

/** Seeds in which a planted bug must show. */
const mostSeeds = 12;

describe('a simulated world', { timeout: 120_000 }, () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('keeps every promise with seed %i', async (seed) => {
    const { problems, acknowledged } = await simulate({ seed });
    expect(problems).toEqual([]);
    expect(acknowledged).toBeGreaterThan(0);
  });

  it('goes on when agents come back who were signed out for being away', async () => {
    let timesGone = 0;
    for (let seed = 31; seed <= 30 + mostSeeds && timesGone === 0; seed += 1) {
      const { problems, gone } = await simulate({ seed });
      expect(problems).toEqual([]);
      timesGone += gone;
    }
    expect(timesGone).toBeGreaterThan(0);
  });

  it('goes on with a full disk: refuses, says of what waits that nobody knows yet, and starts when there is room', async () => {
    const told = { unavailable: 0, unconfirmed: 0, starts: 0 };
    const onTrace = (line: string): void => {
      if (line.endsWith(' no room to start')) told.starts += 1;
    };
    const isAllTold = (): boolean => Object.values(told).every((count) => count > 0);
    for (let seed = 51; seed <= 50 + 2 * mostSeeds && !isAllTold(); seed += 1) {
      const { problems, refusals } = await simulate({ seed, onTrace });
      expect(problems).toEqual([]);
      told.unavailable += refusals.unavailable;
      told.unconfirmed += refusals.unconfirmed;
    }
    expect(isAllTold()).toBe(true);
  });

  it('finds the chats of agents who went home with others', async () => {
    let chatsLeft = 0;
    for (let seed = 31; seed <= 30 + mostSeeds && chatsLeft === 0; seed += 1) {
      const { problems, left } = await simulate({ seed });
      expect(problems).toEqual([]);
      chatsLeft += left;
    }
    expect(chatsLeft).toBeGreaterThan(0);
  });

  it('is the same again with the same seed, and another one with another', async () => {
    const digests = [];
    for (const seed of [21, 21, 22]) digests.push((await simulate({ seed })).digest);
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  it('comes to its end when the server cannot start on what its disk holds', async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= mostSeeds && found.length === 0; seed += 1) {
      const { problems } = await simulate({ seed, planted: 'leaves a commit out' });
      found.push(...problems.filter((problem) => problem.includes('does not follow')));
    }
    expect(found).not.toEqual([]);
  });

  it.each(plantedBugs)('shows a bug that %s', async (planted) => {
    const found: string[] = [];
    for (let seed = 1; seed <= mostSeeds && found.length === 0; seed += 1)
      found.push(...(await simulate({ seed, planted })).problems);
    expect(found).not.toEqual([]);
  });
});

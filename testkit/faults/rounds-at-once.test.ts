import { expect, test } from 'vitest';
import { playRounds, type Round, type RoundOutcome, type RoundsOutcome } from './rounds-at-once.ts';

const faultMs = 10_000;
const faultsOfRound = 6;

interface Stage {
  readonly begun: string[];
  readonly mostAtOnce: () => number;
  readonly outcome: RoundsOutcome;
}

/** Rounds of six faults of ten seconds each that take turns; `fails` names one that goes wrong in its second fault. */
async function played(wantedMinutes: number, atOnce: number, fails?: string): Promise<Stage> {
  const begun: string[] = [];
  const underWay = new Set<Round>();
  let most = 0;
  const outcome = await playRounds({
    ...{ stores: ['sqlite', 'postgres'], firstSeed: 70, wantedMs: wantedMinutes * 60_000, atOnce },
    begin(round, onPlayed) {
      const name = `${round.number} ${round.store} of ${round.seed}`;
      begun.push(name);
      underWay.add(round);
      most = Math.max(most, underWay.size);
      let isToFinish = false;
      async function play(): Promise<RoundOutcome> {
        let faults = 0;
        let isGood = true;
        while (faults < faultsOfRound && isGood && (faults === 0 || !isToFinish)) {
          await new Promise(setImmediate);
          faults += 1;
          isGood = name !== fails || faults < 2;
          onPlayed(faults * faultMs);
        }
        underWay.delete(round);
        return { isGood, faults, acknowledged: 100 * faults, unknown: faults };
      }
      return { ended: play(), finish: () => (isToFinish = true) };
    },
  });
  return { begun, mostAtOnce: () => most, outcome };
}

test('one round is played on each store, whole, however little is asked for', async () => {
  const { begun, outcome } = await played(0, 2);
  expect(begun).toEqual(['1 sqlite of 70', '1 postgres of 70']);
  expect(outcome).toEqual({
    ...{ isGood: true, rounds: 2, playedMs: 120_000 },
    ...{ faults: 12, acknowledged: 1200, unknown: 12 },
  });
});

test('no more are played at once than may be', async () => {
  expect((await played(6, 1)).mostAtOnce()).toBe(1);
  expect((await played(6, 3)).mostAtOnce()).toBe(3);
});

test('rounds go on until they have lasted long enough together, and the last of them stop then', async () => {
  const { begun, outcome } = await played(2.5, 2);
  expect(begun).toEqual(['1 sqlite of 70', '1 postgres of 70', '2 sqlite of 71', '2 postgres of 71']);
  // Each of the two may be in the middle of a fault when it is enough.
  expect(outcome.playedMs).toBeGreaterThanOrEqual(150_000);
  expect(outcome.playedMs).toBeLessThanOrEqual(150_000 + 2 * faultMs);
});

test('one that fails fails all, and lets its neighbour finish', async () => {
  const { begun, outcome } = await played(60, 2, '2 postgres of 71');
  expect(outcome.isGood).toBe(false);
  expect(begun).toEqual(['1 sqlite of 70', '1 postgres of 70', '2 sqlite of 71', '2 postgres of 71']);
  expect(outcome.playedMs).toBeLessThan(120_000 + 2 * 4 * faultMs);
});

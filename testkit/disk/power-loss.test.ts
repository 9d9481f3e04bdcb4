import { join } from 'node:path';
import { integerBetween, seededRandom } from '@parley/server/routing/seeded-random.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DiskStep } from './disk-trace.ts';
import {
  Acknowledged,
  logProblems,
  readServedStore,
  readStore,
  verifyProblems,
  writeImage,
  type Logs,
} from './store-image.ts';
import { testFolder } from './test-folder.ts';
import { hasStrace, traceStore, type TracedStore } from './traced-store.ts';
import { losses, VolatileDisk, type Loss } from './volatile-disk.ts';

const imageCount = Number(process.env['PARLEY_POWER_LOSS_IMAGES'] ?? 1_000);
const seed = Number(process.env['PARLEY_POWER_LOSS_SEED'] ?? Date.now() % 1_000_000);
const entries = 160;
/** Of processor time: on a machine that others use the clock says little. */
const mostOpeningMs = 1_000;
/** Every so many images are opened by the threads of a server. */
const servedEvery = 50;

const strace = hasStrace({
  whatIsNotProven: 'nothing shows what a loss of power leaves of the store',
  mustBe: process.env['CI'] !== undefined,
});

interface Image {
  readonly number: number;
  /** How many steps of the trace were done. */
  readonly at: number;
  readonly loss: Loss;
}

/** Images at any point of the trace, with each kind of loss in turn. */
function drawImages(steps: readonly DiskStep[], count: number, kinds: readonly Loss[]): readonly Image[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) => ({
    number,
    at: integerBetween(random, 0, steps.length),
    loss: kinds[number % kinds.length] ?? 'dropped',
  })).sort((one, two) => one.at - two.at);
}

interface Moment {
  readonly disk: VolatileDisk;
  readonly acknowledged: Acknowledged;
}

/** Plays the trace up to each of these images, in their order. */
async function atEach(
  steps: readonly DiskStep[],
  images: readonly Image[],
  look: (image: Image, moment: Moment) => Promise<void>,
): Promise<void> {
  const moment = { disk: new VolatileDisk(), acknowledged: new Acknowledged() };
  let done = 0;
  for (const image of images) {
    for (const step of steps.slice(done, image.at)) {
      moment.disk.play(step);
      if (step.type === 'acknowledge') moment.acknowledged.add(step.text);
    }
    done = image.at;
    await look(image, moment);
  }
}

/** The logs as the process left them in the end. */
function writtenLogs({ steps, files }: TracedStore, folder: string): Logs {
  writeImage(folder, files);
  return readStore(join(folder, 'parley.db'), Acknowledged.in(steps).lastSeqs.keys()).logs;
}

describe.skipIf(!strace)('the embedded store after a loss of power', () => {
  describe('with every commit synced', () => {
    let traced: TracedStore;
    beforeAll(async () => {
      traced = await traceStore({ entries, synchronous: 'FULL', isKilled: true });
    }, 60_000);

    test('the trace tells everything that happened to the files', () => {
      expect(traced.status, traced.stderr).toBe(0);
      const disk = new VolatileDisk();
      for (const step of traced.steps) disk.play(step);
      expect(disk.files()).toEqual(traced.files);
    });

    test(`holds what it acknowledged, and nothing else (seed ${seed})`, { timeout: 600_000 }, async () => {
      const folder = join(testFolder(), 'image');
      const path = join(folder, 'parley.db');
      const written = writtenLogs(traced, folder);
      const seen = { images: 0, withUnsynced: 0, acknowledged: 0, slowestMs: 0 };
      await atEach(traced.steps, drawImages(traced.steps, imageCount, losses), async (image, moment) => {
        const { disk, acknowledged } = moment;
        const what = `image ${image.number} of seed ${seed}, ${image.loss} after step ${image.at}`;
        writeImage(folder, disk.afterLoss(image.loss, seededRandom(seed + image.number)));
        const read = image.number % servedEvery === 0 ? readServedStore : readStore;
        const { logs, openedInMs } = await read(path, written.keys());
        expect(logProblems(logs, written, acknowledged), what).toEqual([]);
        expect(await verifyProblems(path), what).toEqual([]);
        expect(openedInMs, what).toBeLessThan(mostOpeningMs);
        seen.images += 1;
        seen.withUnsynced += Number(disk.unsynced > 0);
        seen.acknowledged += [...acknowledged.lastSeqs.values()].reduce((sum, count) => sum + count, 0);
        seen.slowestMs = Math.max(seen.slowestMs, Math.round(openedInMs));
      });
      console.log(`power loss, seed ${seed}: ${JSON.stringify(seen)}`);
      expect(seen.withUnsynced).toBeGreaterThan(imageCount / 2);
      expect(seen.acknowledged).toBeGreaterThan(imageCount);
    });
  });

  test.each(['NORMAL', 'OFF'] as const)(
    'loses with synchronous=%s, which shows',
    { timeout: 120_000 },
    async (synchronous) => {
      const folder = join(testFolder(), 'image');
      const traced = await traceStore({ entries: 80, synchronous });
      const written = writtenLogs(traced, folder);
      const lost: number[] = [];
      const images = drawImages(traced.steps, 50, ['dropped']);
      await atEach(traced.steps, images, async (image, { disk, acknowledged }) => {
        if (acknowledged.lastSeqs.size === 0) return;
        writeImage(folder, disk.afterLoss(image.loss, seededRandom(seed)));
        const { logs } = readStore(join(folder, 'parley.db'), written.keys());
        lost.push(logProblems(logs, written, acknowledged).length);
        await Promise.resolve();
      });
      expect(lost.length).toBeGreaterThan(10);
      // Right after a checkpoint nothing is lost, so about half of them show it.
      expect(lost.filter((count) => count > 0).length).toBeGreaterThan(lost.length / 5);
    },
  );
});

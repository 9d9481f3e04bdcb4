import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pick, seededRandom } from '@parley/server/routing/seeded-random.ts';
import { describe, expect, test } from 'vitest';
import { Acknowledged, readStore, verifyProblems, writeImage } from './store-image.ts';
import { testFolder } from './test-folder.ts';
import { hasStrace, traceStore, type TracedStore } from './traced-store.ts';
import { VolatileDisk } from './volatile-disk.ts';

/** How many are drawn; `all` plays every one, and `2/4` the second of four parts of them. */
const wanted = process.env['PARLEY_IO_FAULTS'] ?? '80';
const seed = Number(process.env['PARLEY_IO_FAULTS_SEED'] ?? Date.now() % 1_000_000);
const entries = 100;
/** Of a fault at most. */
const takesMs = 10_000;
/** A store that is traced waits: for the tracer, for the disk, and for room. */
const atOnce = 2 * availableParallelism();

const strace = hasStrace({
  whatIsNotProven: 'nothing shows what the store does when its disk reports errors',
  mustBe: process.env['CI'] !== undefined,
});

/** Kinds of calls; Node's SQLite syncs with fsync. */
const calls = ['pwrite64', 'fsync', 'ftruncate', 'openat'] as const;
const errors = ['EIO', 'ENOSPC'] as const;

interface Fault {
  readonly call: (typeof calls)[number];
  readonly error: (typeof errors)[number];
  /** The first call of the kind that fails, in each thread. */
  readonly nth: number;
  /** Whether every later one fails too. */
  readonly persists: boolean;
}

/** Every fault that happens: as many of each kind as a store on a good disk makes of the call, in one thread. */
async function faultsThatHappen(): Promise<readonly Fault[]> {
  const never = { call: 'openat', error: 'EIO', nth: 65_535, persists: false } as const;
  const { mostCalls } = await play(never);
  return calls.flatMap((call) =>
    Array.from({ length: mostCalls.get(call) ?? 0 }, (_, at) =>
      errors.flatMap((error) => [false, true].map((persists) => ({ call, error, persists, nth: at + 1 }))),
    ).flat(),
  );
}

/** Each kind of call alike. */
function drawFaults(all: readonly Fault[], count: number): readonly Fault[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) =>
    pick(
      random,
      all.filter(({ call }) => call === calls[number % calls.length]),
    ),
  );
}

/**
 * Those that are asked for. Parts are told apart by which call it is, not by the place in the list: its length differs by
 * some from run to run, and yet each fault is in one part.
 */
function chosen(all: readonly Fault[]): readonly Fault[] {
  if (wanted === 'all') return all;
  const [, part, parts] = /^(\d+)\/(\d+)$/.exec(wanted) ?? [];
  if (part === undefined) return drawFaults(all, Number(wanted));
  return all.filter(({ nth }) => (nth - Number(part)) % Number(parts) === 0);
}

function play(
  { call, error, nth, persists }: Fault,
  synchronous: 'FULL' | 'OFF' = 'FULL',
): Promise<TracedStore> {
  return traceStore({
    entries,
    synchronous,
    inject: `${call}:error=${error}:when=${nth}${persists ? '+' : ''}`,
  });
}

/** What was acknowledged and is not in the store of these files, and what is wrong with it. */
async function problemsIn(
  folder: string,
  files: ReadonlyMap<string, Buffer>,
  acknowledged: Acknowledged,
): Promise<readonly string[]> {
  writeImage(folder, files);
  const path = join(folder, 'parley.db');
  const { logs } = readStore(path, acknowledged.lastSeqs.keys());
  return [...acknowledged.missingIn(logs), ...(await verifyProblems(path))];
}

/** What a loss of power leaves right after the end: what was synced, but for what a failed sync may have dropped. */
function synced({ steps }: TracedStore): ReadonlyMap<string, Buffer> {
  const disk = new VolatileDisk();
  for (const step of steps) disk.play(step);
  return disk.afterLoss('dropped', seededRandom(seed));
}

/** Plays a fault, expects all that must hold, and says what came of it. */
async function endingOf(fault: Fault, image: string): Promise<string> {
  const traced = await play(fault);
  const what = `seed ${seed}, ${JSON.stringify(fault)}: ${traced.stderr}`;
  const acknowledged = Acknowledged.in(traced.steps);
  expect([0, 3, 4, 5], what).toContain(traced.status);
  // A write without room is tried again; nothing is after a sync that failed, whatever it says.
  const isOfRoom = fault.error === 'ENOSPC' && fault.call === 'pwrite64';
  if (isOfRoom) expect([0, 4, 5], what).toContain(traced.status);
  else expect(traced.status, what).not.toBe(5);
  // One sentence, and no stack.
  expect(traced.stderr.trim(), what).toMatch(traced.status === 0 ? /^$/ : /^.*parley\.db.*\.$/);
  expect(await problemsIn(image, traced.files, acknowledged), what).toEqual([]);
  // SQLite goes on when it cannot sync the folder in which it has made a file (unixSync).
  const isOfFolder = traced.failed.some((failed) => failed.isOfFolder);
  if (!isOfFolder) expect(await problemsIn(image, synced(traced), acknowledged), what).toEqual([]);
  const happened = traced.failed.length === 0 ? 'nothing failed' : `ended with ${traced.status}`;
  return `${fault.call} ${fault.error}: ${happened}`;
}

describe.skipIf(!strace)('the embedded store on a disk that reports errors', () => {
  test(
    `never acknowledges what is lost, and ends when it cannot write (seed ${seed})`,
    async () => {
      const all = await faultsThatHappen();
      const faults = chosen(all);
      const counts = new Map<string, number>();
      const upcoming = faults.values();
      const playInTurn = async (image: string): Promise<void> => {
        for (const fault of upcoming) {
          const ending = await endingOf(fault, image);
          counts.set(ending, (counts.get(ending) ?? 0) + 1);
        }
      };
      const folder = testFolder();
      const images = Array.from({ length: atOnce }, (_, number) => join(folder, `image-${number}`));
      await Promise.all(images.map(playInTurn));
      console.log(
        `I/O errors, seed ${seed}, ${faults.length} of ${all.length}: ${JSON.stringify(Object.fromEntries([...counts].sort()), null, 1)}`,
      );
      const ended = [...counts].filter(([key]) => /ended with [345]/.test(key));
      expect(ended.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(faults.length / 2);
    },
    60_000 + (Number(wanted) || 2_500) * takesMs,
  );

  test('an acknowledgement that did not wait for its sync is caught', { timeout: 60_000 }, async () => {
    const image = join(testFolder(), 'image');
    const fault = { call: 'pwrite64', error: 'EIO', nth: 290, persists: true } as const;
    const traced = await play(fault, 'OFF');
    expect(traced.status).toBe(3);
    const acknowledged = Acknowledged.in(traced.steps);
    const [first] = await problemsIn(image, synced(traced), acknowledged);
    expect(first).toMatch(/^chat/);
  });

  test.each([12, 13, 14, 15])(
    'after the failed sync %i nothing more is written into the log',
    { timeout: 60_000 },
    async (nth) => {
      const traced = await play({ call: 'fsync', error: 'EIO', nth, persists: false });
      expect(traced.status, traced.stderr).toBe(3);
      const failedAt = traced.steps.findIndex(({ type }) => type === 'sync fails');
      expect(failedAt).toBeGreaterThan(0);
      const later = traced.steps.slice(failedAt + 1);
      // The end of the process closes the database, which takes in what was synced before.
      const written = later.flatMap((step) => (step.type === 'write' ? step.path : []));
      expect(written.filter((path) => !path.endsWith('parley.db'))).toEqual([]);
    },
  );
});

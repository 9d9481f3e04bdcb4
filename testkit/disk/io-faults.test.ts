import { join } from 'node:path';
import { pick, seededRandom } from '@parley/server/routing/seeded-random.ts';
import { describe, expect, test } from 'vitest';
import { Acknowledged, readStore, verifyProblems, writeImage } from './store-image.ts';
import { testFolder } from './test-folder.ts';
import { hasStrace, traceStore, type TracedStore } from './traced-store.ts';
import { VolatileDisk } from './volatile-disk.ts';

/** How many are drawn; `all` plays every one, which takes an hour. */
const wanted = process.env['PARLEY_IO_FAULTS'] ?? '80';
const seed = Number(process.env['PARLEY_IO_FAULTS_SEED'] ?? Date.now() % 1_000_000);
const entries = 100;

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
function faultsThatHappen(): readonly Fault[] {
  const never = { call: 'openat', error: 'EIO', nth: 65_535, persists: false } as const;
  const { mostCalls } = play(never);
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

function play({ call, error, nth, persists }: Fault, synchronous: 'FULL' | 'OFF' = 'FULL'): TracedStore {
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

describe.skipIf(!strace)('the embedded store on a disk that reports errors', () => {
  test(
    `never acknowledges what is lost, and ends when it cannot write (seed ${seed})`,
    { timeout: wanted === 'all' ? 4 * 3_600_000 : 60_000 + Number(wanted) * 10_000 },
    async () => {
      const all = faultsThatHappen();
      const faults = wanted === 'all' ? all : drawFaults(all, Number(wanted));
      const image = join(testFolder(), 'image');
      const counts = new Map<string, number>();
      for (const fault of faults) {
        const traced = play(fault);
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
        const key = `${fault.call} ${fault.error}: ${happened}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      console.log(
        `I/O errors, seed ${seed}, ${faults.length} of ${all.length}: ${JSON.stringify(Object.fromEntries([...counts].sort()), null, 1)}`,
      );
      const ended = [...counts].filter(([key]) => /ended with [345]/.test(key));
      expect(ended.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(faults.length / 2);
    },
  );

  test('an acknowledgement that did not wait for its sync is caught', { timeout: 60_000 }, async () => {
    const image = join(testFolder(), 'image');
    const fault = { call: 'pwrite64', error: 'EIO', nth: 290, persists: true } as const;
    const traced = play(fault, 'OFF');
    expect(traced.status).toBe(3);
    const acknowledged = Acknowledged.in(traced.steps);
    const [first] = await problemsIn(image, synced(traced), acknowledged);
    expect(first).toMatch(/^chat/);
  });

  test.each([12, 13, 14, 15])(
    'after the failed sync %i nothing more is written into the log',
    { timeout: 60_000 },
    (nth) => {
      const traced = play({ call: 'fsync', error: 'EIO', nth, persists: false });
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

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTrace, type TraceReading } from './sync-trace.ts';

const isLog = (path: string): boolean => path.endsWith('-wal');

describe('reading a trace', () => {
  const write = '7 pwrite64(20</d/a.db-wal>, "x <m1> y <m1>", 4096, 0) = 4096';
  const sync = '7 fdatasync(20</d/a.db-wal>) = 0';
  const ack = '5 write(1</d/acks>, "ack m1\\n", 7) = 7';

  test.each([
    ['write, sync, ack', [write, sync, ack], []],
    ['no sync', [write, ack], ['m1']],
    ['ack before the sync', [write, ack, sync], ['m1']],
    ['sync before the write', [sync, write, ack], ['m1']],
    ['never written', [sync, ack], ['m1']],
    ['another file synced', [write, '7 fdatasync(21</d/a.db>) = 0', ack], ['m1']],
    ['the sync failed', [write, '7 fdatasync(20</d/a.db-wal>) = -1 EIO (Input/output error)', ack], ['m1']],
    [
      'synced again after a failure',
      [write, '7 fsync(20</d/a.db-wal>) = -1 EIO (I/O error)', sync, ack],
      ['m1'],
    ],
    [
      'ack while the sync runs',
      [write, '7 fdatasync(20</d/a.db-wal> <unfinished ...>', ack, '7 <... fdatasync resumed>) = 0'],
      ['m1'],
    ],
    [
      'a sync that began before the write ended',
      [
        '7 fdatasync(20</d/a.db-wal> <unfinished ...>',
        write.replace('7', '8'),
        '7 <... fdatasync resumed>) = 0',
        ack,
      ],
      ['m1'],
    ],
    [
      'ack after the sync was resumed',
      [write, '7 fdatasync(20</d/a.db-wal> <unfinished ...>', '7 <... fdatasync resumed>) = 0', ack],
      [],
    ],
  ])('%s', (_name, lines, early) => {
    expect(readTrace(lines.join('\n'), isLog)).toEqual({ acknowledged: ['m1'], early });
  });
});

const strace = spawnSync('strace', ['-V']).status === 0;
if (!strace) {
  const message =
    'strace is missing: nothing proves that acknowledgements wait for the disk (apt install strace)';
  if (process.env['CI']) throw new Error(message);
  console.error(`SKIPPED: ${message}`);
}

interface Run {
  readonly rounds: number;
  readonly synchronous?: 'FULL' | 'NORMAL' | 'OFF';
  /** What strace does to a system call, such as `fsync:error=EIO:when=9`. */
  readonly inject?: string;
}

/** Runs the child under strace; `status` is its exit code. */
async function traced(run: Run): Promise<TraceReading & { readonly status: number | null }> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-trace-'));
  const trace = join(folder, 'trace');
  const child = new URL('./sync-trace-child.ts', import.meta.url).pathname;
  const what = ['-e', 'trace=pwrite64,write,fdatasync,fsync', '-e', 'signal=none'];
  const inject = run.inject === undefined ? [] : ['-e', `inject=${run.inject}`];
  const args = [
    join(folder, 'parley.db'),
    join(folder, 'acks'),
    String(run.rounds),
    run.synchronous ?? 'FULL',
  ];
  const { status, stderr } = spawnSync(
    'strace',
    ['-f', '-y', '-qq', '-s', '4200', ...what, ...inject, '-o', trace, process.execPath, child, ...args],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const reading = readTrace(readFileSync(trace, 'utf8'), isLog);
  await rm(folder, { recursive: true });
  return { ...reading, status };
}

describe.skipIf(!strace)('the SQLite journal under strace', () => {
  test('no acknowledgement leaves before its sync', { timeout: 120_000 }, async () => {
    const { acknowledged, early, status } = await traced({ rounds: 200 });
    expect(status).toBe(0);
    expect(acknowledged).toHaveLength(200 * 50);
    expect(early).toEqual([]);
  });

  test.each(['NORMAL', 'OFF'] as const)(
    'synchronous=%s is caught',
    { timeout: 60_000 },
    async (synchronous) => {
      const { acknowledged, early } = await traced({ rounds: 4, synchronous });
      expect(acknowledged).toHaveLength(4 * 50);
      expect(early).toEqual(acknowledged);
    },
  );

  test.each([20, 30, 40])('one failed sync, the %ith, ends the store', { timeout: 60_000 }, async (when) => {
    const { acknowledged, early, status } = await traced({
      rounds: 40,
      inject: `fsync,fdatasync:error=EIO:when=${when}`,
    });
    expect(status).toBe(3);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(acknowledged.length).toBeLessThan(40 * 50);
    expect(early).toEqual([]);
  });
});

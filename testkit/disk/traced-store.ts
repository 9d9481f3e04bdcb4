import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDiskTrace, tracedCalls, type DiskStep } from './disk-trace.ts';

/** What a store has in its folder, but for shared memory, which no disk needs. */
const storeFiles = ['parley.db', 'parley.db-wal', 'parley.db-journal', 'parley.db-lock'];
const storeChild = new URL('./store-child.ts', import.meta.url).pathname;

/** Whether there is an strace. Without one it says so loudly, or throws where a skip is a failure. */
export function hasStrace(options: { readonly whatIsNotProven: string; readonly mustBe: boolean }): boolean {
  if (spawnSync('strace', ['-V']).status === 0) return true;
  const message = `strace is missing: ${options.whatIsNotProven} (apt install strace)`;
  if (options.mustBe) throw new Error(message);
  console.error(`SKIPPED: ${message}`);
  return false;
}

export interface TracedStore {
  /** What the process ended with: see `store-child.ts`. */
  readonly status: number | null;
  /** What it said about that. */
  readonly stderr: string;
  /** The calls that were made to fail, as strace prints them. */
  readonly failed: readonly FailedCall[];
  /** How many calls of a name one thread made, the most of all threads: strace counts them so. */
  readonly mostCalls: ReadonlyMap<string, number>;
  readonly steps: readonly DiskStep[];
  /** The data folder as the process left it, without shared memory; by name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface FailedCall {
  readonly name: string;
  /** Whether it was made for the data folder itself, and not for a file in it. */
  readonly isOfFolder: boolean;
}

export interface TraceOptions {
  /** That the store takes in each round. */
  readonly entries: number;
  readonly synchronous: 'FULL' | 'NORMAL' | 'OFF';
  /** Whether a process comes first that is killed after a round; the other does two. */
  readonly isKilled?: boolean;
  /** What strace does to the calls for its files, such as `fsync:error=EIO:when=9`. */
  readonly inject?: string;
}

/** Lets a store work in a process of its own and records all that it does to its files. */
export async function traceStore(options: TraceOptions): Promise<TracedStore> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-trace-'));
  try {
    return await traceStoreIn(folder, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function traceStoreIn(
  folder: string,
  { entries, synchronous, isKilled = false, inject }: TraceOptions,
): Promise<TracedStore> {
  const data = join(folder, 'data');
  mkdirSync(data);
  const [trace, acknowledgementsPath] = [join(folder, 'trace'), join(folder, 'acknowledged')];
  // Only what it does to these: Node's own files are not to fail.
  const paths = [data, ...storeFiles.map((name) => join(data, name)), acknowledgementsPath];
  const faults =
    inject === undefined ? [] : ['-e', `inject=${inject}`, ...paths.flatMap((path) => ['-P', path])];
  const what = ['-e', `trace=${tracedCalls.join()}`, '-e', 'signal=none', '-o', trace];
  const killed = '"$0" "$@" killed!; ';
  const script = `${isKilled ? killed : ''}exec "$0" "$@" first second`;
  const args = [storeChild, join(data, 'parley.db'), acknowledgementsPath, String(entries), synchronous];
  const { status, stderr } = await run('strace', [
    // Only the calls that are traced stop the process.
    ...['-f', '--seccomp-bpf', '-y', '-qq', '-xx', '-s', '1048576', ...what, ...faults],
    ...['sh', '-c', script, process.execPath, ...args],
  ]);
  const text = readFileSync(trace, 'utf8');
  const steps = readDiskTrace(text, { folder: data, acknowledgementsPath });
  const names = readdirSync(data).filter((name) => !name.endsWith('-shm'));
  const files = new Map(names.map((name) => [name, readFileSync(join(data, name))]));
  return { status, stderr, steps, files, failed: failedCalls(text, data), mostCalls: mostCallsIn(text) };
}

async function run(
  program: string,
  args: readonly string[],
): Promise<Pick<TracedStore, 'status' | 'stderr'>> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stderr };
}

function mostCallsIn(trace: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const most = new Map<string, number>();
  for (const line of trace.split('\n')) {
    const [called, name = ''] = /^\d+ +(\w+)\(/.exec(line) ?? [];
    if (called === undefined) continue;
    const count = (counts.get(called) ?? 0) + 1;
    counts.set(called, count);
    most.set(name, Math.max(count, most.get(name) ?? 0));
  }
  return most;
}

/** The folder's name stands in quotes or in angle brackets, and nothing of a file's behind it. */
function failedCalls(trace: string, folder: string): readonly FailedCall[] {
  const name = [...Buffer.from(folder)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return trace
    .split('\n')
    .filter((line) => line.endsWith('(INJECTED)'))
    .map((line) => ({
      name: /\d+ +(?:<\.\.\. )?(\w+)/.exec(line)?.[1] ?? '',
      isOfFolder: line.includes(`${name}"`) || line.includes(`${name}>)`),
    }));
}

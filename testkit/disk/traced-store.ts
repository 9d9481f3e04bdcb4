import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDiskTrace, tracedCalls, type DiskStep } from './disk-trace.ts';

const child = new URL('./store-child.ts', import.meta.url).pathname;

/** Whether there is an strace. Without one it says so loudly, or throws where a skip is a failure. */
export function hasStrace(options: { readonly whatIsNotProven: string; readonly mustBe: boolean }): boolean {
  if (spawnSync('strace', ['-V']).status === 0) return true;
  const message = `strace is missing: ${options.whatIsNotProven} (apt install strace)`;
  if (options.mustBe) throw new Error(message);
  console.error(`SKIPPED: ${message}`);
  return false;
}

export interface TracedStore {
  readonly steps: readonly DiskStep[];
  /** The data folder as the process left it, without shared memory; by name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface TraceOptions {
  /** That the store takes, twice: it is closed and opened in between. */
  readonly entries: number;
  readonly synchronous: 'FULL' | 'NORMAL' | 'OFF';
}

/** Lets a store work in a process of its own and records all that it does to its files. */
export function traceStore(options: TraceOptions): TracedStore {
  const folder = mkdtempSync(join(tmpdir(), 'parley-trace-'));
  try {
    return traceStoreIn(folder, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function traceStoreIn(folder: string, { entries, synchronous }: TraceOptions): TracedStore {
  const data = join(folder, 'data');
  mkdirSync(data);
  const [trace, acknowledgementsPath] = [join(folder, 'trace'), join(folder, 'acknowledged')];
  const what = ['-e', `trace=${tracedCalls.join()}`, '-e', 'signal=none', '-o', trace];
  const args = [child, join(data, 'parley.db'), acknowledgementsPath, String(entries), synchronous];
  const { status, stderr } = spawnSync(
    'strace',
    ['-f', '-y', '-qq', '-xx', '-s', '1048576', ...what, process.execPath, ...args],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the traced store ended with ${status}: ${stderr}`);
  const steps = readDiskTrace(readFileSync(trace, 'utf8'), { folder: data, acknowledgementsPath });
  const names = readdirSync(data).filter((name) => !name.endsWith('-shm'));
  return { steps, files: new Map(names.map((name) => [name, readFileSync(join(data, name))])) };
}

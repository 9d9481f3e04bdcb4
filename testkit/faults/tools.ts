import { serverPrograms } from '@parley/server/journal/postgres/private-server.ts';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What some faults need of the machine. */
export type Tool = 'strace' | 'tmpfs' | 'postgres';

const hints: Readonly<Record<Tool, string>> = {
  strace: 'strace with the right to trace other processes (apt install strace)',
  tmpfs: 'the right to mount a tmpfs (root)',
  postgres: 'PostgreSQL (apt install postgresql)',
};

/** Mounts a file system of so many megabytes in memory; false when that is not allowed. */
export function mountTmpfs(folder: string, megabytes: number): boolean {
  return (
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'parley-faults', folder]).status === 0
  );
}

export function unmount(folder: string): void {
  spawnSync('umount', ['-l', folder]);
}

/** What is missing, as the sentence of a skip or a failure; undefined when the tool works. */
export function missing(tool: Tool): string | undefined {
  return works[tool]() ? undefined : `there is no ${hints[tool]}`;
}

const works: Readonly<Record<Tool, () => boolean>> = {
  postgres: () => serverPrograms() !== null,
  strace: () => spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0,
  tmpfs() {
    const folder = mkdtempSync(join(tmpdir(), 'parley-mount-'));
    const mounted = mountTmpfs(folder, 1);
    if (mounted) unmount(folder);
    rmdirSync(folder);
    return mounted;
  },
};

/** Takes all room there is. */
export function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let bytes = 1 << 20; bytes >= 1; bytes = bytes > 4096 ? 4096 : bytes === 4096 ? 1 : 0)
      for (;;) if (!written(file, bytes)) break;
  } finally {
    closeSync(file);
  }
}

function written(file: number, bytes: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(bytes)) === bytes;
  } catch {
    return false;
  }
}

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { isDiskFull } from '../../domain/disk-full.ts';

/** Extended result codes of SQLite (sqlite.org/rescode.html). */
const databaseFull = 13;
/**
 * A write, the growing of shared memory and a truncation that failed, and SQLite does not tell why. A quota that is used up
 * (EDQUOT) is among the first, a full disk (ENOSPC) among the others. A sync that failed is not here, whatever its reason.
 */
const unexplained: ReadonlySet<number> = new Set([
  10 | (3 << 8), // SQLITE_IOERR_WRITE
  10 | (6 << 8), // SQLITE_IOERR_TRUNCATE
  10 | (19 << 8), // SQLITE_IOERR_SHMSIZE
]);

/** More than shared memory grows by at once (32 KB), and than a failed write may have left. */
const probeBytes = 64 * 1024;

/**
 * Whether SQLite could not do what it should because there is no room where the database lies. Then nothing of the
 * transaction counts, and the same may succeed later.
 */
export function lacksRoom(path: string, error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  const { errcode } = error;
  if (errcode === databaseFull) return true;
  return typeof errcode === 'number' && unexplained.has(errcode) && isFull(path);
}

/** Tries to write a little beside the database. */
function isFull(path: string): boolean {
  const probe = `${path}-room`;
  try {
    const file = openSync(probe, 'w');
    try {
      for (let left = probeBytes; left > 0;) left -= writeSync(file, Buffer.alloc(left));
    } finally {
      closeSync(file);
    }
    return false;
  } catch (error) {
    return isDiskFull(error);
  } finally {
    rmSync(probe, { force: true });
  }
}

/** What the operator is told of it. */
export function noRoomSentence(path: string): string {
  return `${path} cannot grow: the disk is full.`;
}

/** Ends what a failed statement may have left open: after some errors SQLite does that itself, after others not. */
export function rollBack(db: DatabaseSync): void {
  if (db.isTransaction) db.exec('ROLLBACK');
}

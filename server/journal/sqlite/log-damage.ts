import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { JournalError } from '../journal-error.ts';

/** Of SQLite's write-ahead log (sqlite.org/fileformat2.html, §4). */
const headerBytes = 32;
const frameHeaderBytes = 24;
const littleEndianMagic = 0x377f0682;

/**
 * Throws `JournalError` when the write-ahead log is damaged in its middle. SQLite ends it at the first frame whose checksum
 * does not fit, and says nothing: right for the commit that a crash cut short, and a loss of everything behind it when
 * the frame was damaged later. Every commit is synced before the next begins, so a crash cuts one commit short at most:
 * two of them that cannot be read, or a header that does not fit, are damage.
 *
 * For the one connection that is open, which has read nothing but the log.
 */
export function refuseDamagedLog(db: DatabaseSync, path: string): void {
  const logPath = `${path}-wal`;
  if (!existsSync(logPath)) return;
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.['page_size']);
  // Frames up to the last commit that SQLite could read.
  const readFrames = Math.max(0, Number(db.prepare('PRAGMA wal_checkpoint(NOOP)').get()?.['log'] ?? 0));
  const { fits, commits } = unread(logPath, { frameBytes: frameHeaderBytes + pageBytes, readFrames });
  if (commits <= (fits ? 1 : 0)) return;
  throw new JournalError(
    'damaged',
    `${logPath} is damaged, and ${commits} commits in it cannot be read; restore the database from a backup.`,
  );
}

interface UnreadLog {
  /** Whether the header is as it was written. */
  readonly fits: boolean;
  /** How many commits of this log stand behind those that were read. */
  readonly commits: number;
}

function unread(
  logPath: string,
  at: { readonly frameBytes: number; readonly readFrames: number },
): UnreadLog {
  const file = openSync(logPath, 'r');
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(file, header, 0, headerBytes, 0);
    const fits = headerFits(header);
    const salt = header.subarray(16, 24);
    const frame = Buffer.alloc(frameHeaderBytes);
    const end = fstatSync(file).size - at.frameBytes;
    let commits = 0;
    for (let offset = headerBytes + at.readFrames * at.frameBytes; offset <= end; offset += at.frameBytes) {
      readSync(file, frame, 0, frameHeaderBytes, offset);
      // The size of the database after a commit; 0 in every frame but its last. Frames of older logs have other salts.
      if (frame.readUInt32BE(4) > 0 && (!fits || frame.subarray(8, 16).equals(salt))) commits += 1;
    }
    return { fits, commits };
  } finally {
    closeSync(file);
  }
}

/** Whether the checksum of the header is right; its last bit of magic tells the order of the bytes. */
function headerFits(header: Buffer): boolean {
  const word = (at: number): number =>
    header.readUInt32BE(0) === littleEndianMagic ? header.readUInt32LE(at) : header.readUInt32BE(at);
  let [one, two] = [0, 0];
  for (let at = 0; at < frameHeaderBytes; at += 8) {
    one = (one + word(at) + two) >>> 0;
    two = (two + word(at + 4) + one) >>> 0;
  }
  return one === header.readUInt32BE(24) && two === header.readUInt32BE(28);
}

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { Random } from '@parley/server/routing/seeded-random.ts';

/** Of SQLite's write-ahead log (sqlite.org/fileformat2.html, §4). */
const headerBytes = 32;
const frameHeaderBytes = 24;
const pageBytes = 4096;
const frameBytes = frameHeaderBytes + pageBytes;

/** How much behind the end is damaged. */
const mostDamagedFrames = 8;

/**
 * Where the last complete transaction of a log ends, in bytes: frames count while they carry the salt of the header, and
 * up to the last that closes a transaction. What is behind it was never synced as part of one.
 */
export function endOfLog(path: string): number {
  const file = openSync(path, 'r');
  try {
    const header = read(file, 0, headerBytes);
    if (header.length < headerBytes) return header.length;
    const salt = header.subarray(16, 24);
    let end = headerBytes;
    for (let at = headerBytes; ; at += frameBytes) {
      const frame = read(file, at, frameHeaderBytes);
      if (frame.length < frameHeaderBytes || !frame.subarray(8, 16).equals(salt)) return end;
      // The size of the database after the transaction; 0 in every frame but its last.
      if (frame.readUInt32BE(4) > 0) end = at + frameBytes;
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Leaves behind the log what a machine may that lost power in the middle of a write: frames of the next transaction, with
 * the right salt and half a page, and noise behind them. Returns how many bytes were damaged.
 */
export function tearLog(path: string, random: Random): number {
  const end = endOfLog(path);
  if (end < headerBytes) return 0;
  const file = openSync(path, 'r+');
  try {
    const salt = read(file, 16, 8);
    const frames = 1 + Math.floor(random() * mostDamagedFrames);
    const noise = Buffer.from(Array.from({ length: frames * frameBytes }, () => Math.floor(random() * 256)));
    for (let frame = 0; frame < frames; frame += 1) {
      noise.writeUInt32BE(1 + frame, frame * frameBytes);
      noise.writeUInt32BE(frame === frames - 1 ? 100 : 0, frame * frameBytes + 4);
      salt.copy(noise, frame * frameBytes + 8);
    }
    // The last page ends in its middle when the file does.
    const cut = end + noise.length >= fstatSync(file).size ? noise.length - pageBytes / 2 : noise.length;
    writeSync(file, noise, 0, cut, end);
    return cut;
  } finally {
    closeSync(file);
  }
}

function read(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, at));
}

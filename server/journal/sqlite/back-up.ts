import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { JournalError } from '../journal-error.ts';
import { sync } from './copy-target.ts';
import { openForReading } from './database.ts';
import { lacksRoom, noRoomSentence } from './disk-room.ts';

/**
 * Copies the database into a new file, as it is at one moment; a server goes on with it meanwhile. The file has its name
 * once all of it is on disk. Throws `JournalError` when there is no database, the file exists already, or there is no room for
 * it; then nothing is left of it.
 */
export function backUp(path: string, to: string): void {
  if (!existsSync(path)) throw new JournalError('unusable', `There is no database at ${path}.`);
  if (existsSync(to)) throw new JournalError('unusable', `${to} exists already; name a new file.`);
  const copying = `${to}.copying`;
  rmSync(copying, { force: true });
  const db = openForReading(path);
  try {
    db.prepare('VACUUM INTO ?').run(copying);
  } catch (error) {
    const isFull = lacksRoom(copying, error);
    rmSync(copying, { force: true });
    throw isFull ? new JournalError('unusable', noRoomSentence(to)) : error;
  } finally {
    db.close();
  }
  sync(copying);
  renameSync(copying, to);
  sync(dirname(resolve(to)));
}

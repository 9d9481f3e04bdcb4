import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { seededRandom } from '@parley/server/routing/seeded-random.ts';
import { expect, onTestFinished, test } from 'vitest';
import { endOfLog, tearLog } from './write-ahead-log.ts';

function crashed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-wal-'));
  const db = new DatabaseSync(join(folder, 'live.db'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE said (text TEXT)');
  for (let row = 0; row < 50; row += 1) db.prepare('INSERT INTO said VALUES (?)').run(`text ${row}`);
  // What a machine leaves behind that stops here: the files as they are.
  cpSync(join(folder, 'live.db'), join(folder, 'dead.db'));
  cpSync(join(folder, 'live.db-wal'), join(folder, 'dead.db-wal'));
  db.close();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'dead.db');
}

function countIn(path: string): unknown {
  const db = new DatabaseSync(path);
  const row = db.prepare('SELECT count(*) AS rows FROM said').get();
  db.close();
  return row?.['rows'];
}

test.each([1, 2, 3])('noise behind the end costs nothing that was written before it (seed %i)', (seed) => {
  const path = crashed();
  const end = endOfLog(`${path}-wal`);
  expect(end).toBeGreaterThan(50 * 4096);
  expect(tearLog(`${path}-wal`, seededRandom(seed))).toBeGreaterThan(2000);
  expect(countIn(path)).toBe(50);
});

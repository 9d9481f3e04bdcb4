import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { appended } from '../journal-suite.ts';
import { auditRow, provisioningSuite } from '../provisioning-suite.ts';
import { openSqliteJournal } from './open.ts';
import { sqliteStores } from './test-store.ts';

function unexpected(error: Error): never {
  throw error;
}

provisioningSuite('the SQLite journal', sqliteStores());

test('the audit refuses to be changed or shortened', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-audit-'));
  const path = join(folder, 'parley.db');
  const journal = await openSqliteJournal({ path, onFatal: unexpected });
  await appended(journal, { events: [], writes: [{ table: 'audit', row: auditRow(1) }] });
  await journal.close();
  const db = new DatabaseSync(path);
  expect(() => db.exec("UPDATE audit SET user_name = 'somebody else'")).toThrow('append-only');
  expect(() => db.exec('DELETE FROM audit')).toThrow('append-only');
  db.close();
  await rm(folder, { recursive: true });
});

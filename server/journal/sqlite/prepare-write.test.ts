import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { prepareWrite } from './prepare-write.ts';

test('a write after a rowid beyond 2^53 does not throw, as a plain statement would', () => {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE rows (text); INSERT INTO rows (rowid, text) VALUES (9007474132647936, 1)');
  const sql = "DELETE FROM rows WHERE text = 'nobody'";
  expect(() => db.prepare(sql).run()).toThrow('too large');
  expect(prepareWrite(db, sql).run().changes).toBe(0n);
  db.close();
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestStore } from '../journal-suite.ts';
import type { SqliteLimits } from './limits.ts';
import { openSqliteJournal } from './open.ts';

/** Commits that succeed before the store of `openFailing` fails. */
const commitsBeforeFailure = 8;

function unexpected(error: Error): never {
  throw error;
}

/** For tests: makes stores in folders of their own. */
export function sqliteStores(limits: Partial<SqliteLimits> = {}): () => Promise<TestStore> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-journal-'));
    const path = join(folder, 'parley.db');
    const full = new SharedArrayBuffer(4);
    const setFull = (isFull: boolean): void => void Atomics.store(new Int32Array(full), 0, isFull ? 1 : 0);
    let isBroken = false;
    const change = (sql: string): void => {
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
    };
    return {
      async open(onFull) {
        if (isBroken) change('DROP TRIGGER broken');
        isBroken = false;
        return openSqliteJournal({ path, limits, onFatal: unexpected, onFull, faults: { full } });
      },
      async openFailing(onFatal) {
        // The row is refused in the middle of its transaction, as a page that cannot be read would be.
        change(`CREATE TRIGGER broken BEFORE INSERT ON journal
          WHEN NEW.batch_id > ${commitsBeforeFailure} BEGIN SELECT RAISE(ABORT, 'it is broken'); END`);
        isBroken = true;
        return openSqliteJournal({ path, limits, onFatal });
      },
      fill: async () => setFull(true),
      makeRoom: async () => setFull(false),
      remove: () => rm(folder, { recursive: true }),
    };
  };
}

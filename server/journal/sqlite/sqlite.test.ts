import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chatSearchSuite } from '../chat-search-suite.ts';
import { contactsSuite } from '../contacts-suite.ts';
import { forgettingSuite } from '../forgetting-suite.ts';
import { journalSuite, type TestStore } from '../journal-suite.ts';
import { outboxSuite } from '../outbox-suite.ts';
import { requestKeysSuite } from '../request-keys-suite.ts';
import type { SqliteLimits } from './limits.ts';
import { openSqliteJournal } from './open.ts';

function unexpected(error: Error): never {
  throw error;
}

function storeWith(limits: Partial<SqliteLimits>): () => Promise<TestStore> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-journal-'));
    const path = join(folder, 'parley.db');
    return {
      open: () => openSqliteJournal({ path, limits, onFatal: unexpected }),
      openFailing: (onFatal) => openSqliteJournal({ path, limits, onFatal, faults: { sparePages: 20 } }),
      remove: () => rm(folder, { recursive: true }),
    };
  };
}

const usual = storeWith({ maxWalPages: 400 });
// Everything that usually waits for megabytes or idle moments happens after nearly every commit.
const restless = storeWith({
  maxJournalLength: 1_500,
  idleJournalLength: 0,
  compactionStepLength: 1_000,
  idleAfterMs: 1,
  forgetAfterMs: 1,
  maxWalPages: 4,
  idleWalPages: 0,
  maxBatchEntries: 100,
  maxBatchLength: 10_000,
});

for (const suite of [
  journalSuite,
  contactsSuite,
  chatSearchSuite,
  outboxSuite,
  requestKeysSuite,
  forgettingSuite,
]) {
  suite('the SQLite journal', usual);
  suite('the SQLite journal, compacting and checkpointing all the time', restless);
}

import { chatSearchSuite } from '../chat-search-suite.ts';
import { contactsSuite } from '../contacts-suite.ts';
import { forgettingSuite } from '../forgetting-suite.ts';
import { fullDiskSuite } from '../full-disk-suite.ts';
import { journalSuite } from '../journal-suite.ts';
import { outboxSuite } from '../outbox-suite.ts';
import { requestKeysSuite } from '../request-keys-suite.ts';
import { sqliteStores } from './test-store.ts';

const usual = sqliteStores({ maxWalPages: 400 });
// Everything that usually waits for megabytes or idle moments happens after nearly every commit.
const restless = sqliteStores({
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
  fullDiskSuite,
  contactsSuite,
  chatSearchSuite,
  outboxSuite,
  requestKeysSuite,
  forgettingSuite,
]) {
  suite('the SQLite journal', usual);
  suite('the SQLite journal, compacting and checkpointing all the time', restless);
}

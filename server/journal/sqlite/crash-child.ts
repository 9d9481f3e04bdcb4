import { appendUntilDeath } from '../crash-load.ts';
import { wordToBegin } from '../crash-word.ts';
import type { Journal } from '../journal.ts';
import { openSqliteJournal } from './open.ts';

/**
 * The process that the crash test kills; it is told the database, the file of acknowledgements, its round, and a bug to
 * have.
 */
const [path = '', acknowledgementsPath = '', round = '', planted = ''] = await wordToBegin();

const journal = await openSqliteJournal({
  path,
  onFatal: (error) => {
    throw error;
  },
  // Small, so that kills fall into compactions and checkpoints too.
  limits: {
    maxJournalLength: 30_000,
    idleJournalLength: 5_000,
    compactionStepLength: 4_000,
    maxWalPages: 60,
  },
});

/** Does not wait for the disk. */
const hasty: Pick<Journal, 'append' | 'recover'> = {
  append(entry, onDurable) {
    journal.append(entry, () => {});
    setImmediate(onDurable);
  },
  recover: () => journal.recover(),
};

const isHasty = planted === 'acknowledges early';
await appendUntilDeath(isHasty ? hasty : journal, { acknowledgementsPath, round });

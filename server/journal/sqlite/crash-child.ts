import { appendUntilDeath } from '../crash-load.ts';
import { openSqliteJournal } from './open.ts';

/** The process that the crash test kills: `node crash-child.ts <database> <acknowledgements> <round>`. */
const [path = '', acknowledgementsPath = '', round = ''] = process.argv.slice(2);

const journal = await openSqliteJournal({
  path,
  onFatal: (error) => {
    throw error;
  },
  // Small, so that kills fall into compactions and checkpoints too.
  limits: { maxJournalLength: 30_000, idleJournalLength: 5_000, maxWalPages: 60 },
});
await appendUntilDeath(journal, { acknowledgementsPath, round });

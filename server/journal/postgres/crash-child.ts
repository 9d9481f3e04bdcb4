import { appendUntilDeath } from '../crash-load.ts';
import { openPostgresJournal } from './open.ts';

/** The process that the crash tests kill: `node crash-child.ts <URL> <acknowledgements> <round>`. */
const [url = '', acknowledgementsPath = '', round = ''] = process.argv.slice(2);

const journal = await openPostgresJournal({
  url,
  onFatal: (error) => {
    throw error;
  },
});
await appendUntilDeath(journal, { acknowledgementsPath, round });

import { appendUntilDeath } from '../crash-load.ts';
import { wordToBegin } from '../crash-word.ts';
import { openPostgresJournal } from './open.ts';

/** The process that the crash tests kill; it is told the database, the file of acknowledgements and its round. */
const [url = '', acknowledgementsPath = '', round = ''] = await wordToBegin();

const journal = await openPostgresJournal({
  url,
  onFatal: (error) => {
    throw error;
  },
});
await appendUntilDeath(journal, { acknowledgementsPath, round });

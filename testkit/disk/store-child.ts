import { appendUntilDeath } from '@parley/server/journal/crash-load.ts';
import { openSqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import { smallLimits } from './small-limits.ts';

/**
 * The process whose system calls are recorded or made to fail:
 * `node store-child.ts <database> <acknowledgements> <entries> <FULL|NORMAL|OFF>`. It works, closes its store, and does
 * both once more with what it finds. Exits with 3 when the store fails, and with 4 when it cannot be opened.
 */
const [path = '', acknowledgementsPath = '', entries = '1', synchronous] = process.argv.slice(2);
const failedExitCode = 3;
const unusableExitCode = 4;

for (const round of ['first', 'second']) {
  const journal = await openSqliteJournal({
    path,
    onFatal(error) {
      process.stderr.write(`${error.message}\n`);
      process.exit(failedExitCode);
    },
    limits: smallLimits,
    faults: { synchronous: synchronous === 'NORMAL' || synchronous === 'OFF' ? synchronous : 'FULL' },
  }).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(unusableExitCode);
  });
  await appendUntilDeath(journal, { acknowledgementsPath, round, entries: Number(entries) });
  await journal.close();
}

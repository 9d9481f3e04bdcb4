import { appendUntilDeath } from '@parley/server/journal/crash-load.ts';
import { openSqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import { smallLimits } from './small-limits.ts';

/**
 * The process whose system calls are recorded or made to fail:
 * `node store-child.ts <database> <acknowledgements> <entries> <FULL|NORMAL|OFF> <round> ...`. In each round it opens the
 * store, works with what it finds, and closes it. A round whose name ends in `!` ends with the death of the process.
 * Exits with 3 when the store fails, with 4 when it cannot be opened, and with 5 when its disk stays full.
 */
const [path = '', acknowledgementsPath = '', entries = '1', synchronous, ...rounds] = process.argv.slice(2);
const failedExitCode = 3;
const unusableExitCode = 4;
const fullExitCode = 5;
/** So long a disk may be full: some attempts of the store. */
const patienceMs = 400;

let giveUp: NodeJS.Timeout | undefined;
function onFull(sentence: string | null): void {
  clearTimeout(giveUp);
  if (sentence === null) return;
  giveUp = setTimeout(() => {
    process.stderr.write(`${sentence}\n`);
    process.exit(fullExitCode);
  }, patienceMs);
}

for (const round of rounds) {
  const journal = await openSqliteJournal({
    path,
    onFatal(error) {
      process.stderr.write(`${error.message}\n`);
      process.exit(failedExitCode);
    },
    onFull,
    limits: smallLimits,
    faults: { synchronous: synchronous === 'NORMAL' || synchronous === 'OFF' ? synchronous : 'FULL' },
  }).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(unusableExitCode);
  });
  await appendUntilDeath(journal, { acknowledgementsPath, round, entries: Number(entries) });
  if (round.endsWith('!')) process.kill(process.pid, 'SIGKILL');
  await journal.close();
}

import { openSync, writeSync } from 'node:fs';
import { SampleChat } from '../sample-chat.ts';
import { openSqliteJournal } from './open.ts';

/**
 * The process that the trace test watches:
 * `node sync-trace-child.ts <database> <acknowledgements> <rounds> <FULL|NORMAL|OFF>`.
 * Appends 50 messages a round; their commits overlap the acknowledgements of the ones before. Exits with 3 when the
 * store fails.
 */
const [path = '', acknowledgementsPath = '', rounds = '1', synchronous] = process.argv.slice(2);
const perRound = 50;
const failedExitCode = 3;

const journal = await openSqliteJournal({
  path,
  onFatal: () => process.exit(failedExitCode),
  faults: { synchronous: synchronous === 'OFF' || synchronous === 'NORMAL' ? synchronous : 'FULL' },
  // Checkpoints and compactions write and sync other files in between.
  limits: { maxWalPages: 400, maxJournalLength: 200_000, compactionStepLength: 20_000, maxBatchEntries: 20 },
});
const acknowledgements = openSync(acknowledgementsPath, 'a');
const chat = new SampleChat('traced');
await new Promise<void>((resolve) => journal.append(chat.request(), resolve));

let count = 0;
for (let round = 0; round < Number(rounds); round++) {
  await new Promise<void>((resolve) => {
    let left = perRound;
    for (let number = 0; number < perRound; number++) {
      const marker = `m${++count}`;
      // Three times: a page boundary can cut one of them in two, not all.
      journal.append(chat.say(`<${marker}> <${marker}> <${marker}>`), () => {
        writeSync(acknowledgements, `ack ${marker}\n`);
        if (--left === 0) resolve();
      });
    }
  });
}
await journal.close();

import { htmlReport } from '@parley/load/report/html-report.ts';
import { PrivateServer, serverPrograms } from '@parley/server/journal/postgres/private-server.ts';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { databaseFaults } from './database-faults.ts';
import { diskFaults } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { playFaultRound } from './fault-round.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import { missing, type Tool } from './tools.ts';

// `npm run faults -- [--minutes N] [--seed S] [--only TEXT] [--store sqlite|postgres] [--lasting MS] [--report FILE.html]`:
// rounds of faults until the time is over, one for each store at least. Round r of seed s is the first of seed s + r.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    store: { type: 'string', default: 'sqlite,postgres' },
    lasting: { type: 'string', default: '1500' },
    report: { type: 'string' },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** What cannot be tried here, each thing once. */
const lacking = new Map<Tool, string>();
for (const tool of ['strace', 'tmpfs', 'postgres'] as const) {
  const sentence = missing(tool);
  if (sentence !== undefined) lacking.set(tool, sentence);
}

const total = { faults: 0, acknowledged: 0, unknown: 0 };
let failed = process.env['CI'] !== undefined && lacking.size > 0;
for (const sentence of lacking.values()) print(`SKIPPED: ${sentence}`);
if (failed) print('FAILED: in CI every fault must be tried.');

/** Plays one round; false when something was wrong. */
async function play(every: readonly Fault[], seed: number, databaseUrl?: string): Promise<boolean> {
  const faults = every.filter(
    ({ name, needs }) => name.includes(values.only) && !needs.some((tool) => lacking.has(tool)),
  );
  if (faults.length === 0) return true;
  const outcome = await playFaultRound({
    ...{ seed, faults, lastsMs: Number(values.lasting), tell: print },
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  const { problems, result, course } = outcome;
  total.faults += outcome.played.length;
  total.acknowledged += result.requests.acknowledged;
  total.unknown += result.requests.unknown;
  if (values.report !== undefined) await writeFile(values.report, htmlReport(result, course));
  if (problems.length === 0) return true;
  const store = databaseUrl === undefined ? 'sqlite' : 'postgres';
  print(`FAILED; again with: npm run faults -- --seed ${seed} --store ${store}`);
  print(problems.slice(0, 30).join('\n'));
  return false;
}

async function playOnPostgres(seed: number): Promise<boolean> {
  const programs = serverPrograms();
  if (programs === null) return true;
  const database = await PrivateServer.start(programs);
  try {
    return await play([...databaseFaults(database), ...processFaults, ...networkFaults], seed, database.url);
  } finally {
    database.remove();
  }
}

const firstSeed = Number(values.seed ?? Date.now() % 1_000_000);
const untilMs = performance.now() + Number(values.minutes) * 60_000;
for (let round = 0; !failed && (round === 0 || performance.now() < untilMs); round += 1) {
  const seed = firstSeed + round;
  print(`round ${round + 1}, seed ${seed}`);
  if (values.store.includes('sqlite'))
    failed ||= !(await play([...processFaults, ...networkFaults, ...diskFaults], seed));
  if (values.store.includes('postgres')) failed ||= !(await playOnPostgres(seed));
}
print(
  `${total.faults} faults; ${total.acknowledged} messages acknowledged, ${total.unknown} without an answer; ` +
    (failed ? 'FAILED' : 'nothing lost, doubled or out of order'),
);
process.exitCode = failed ? 1 : 0;

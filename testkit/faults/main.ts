import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultsOn } from './faults-on.ts';
import type { RoundMessage, RoundOrder } from './round-child.ts';
import {
  playRounds,
  type Round,
  type RoundOutcome,
  type RoundUnderWay,
  type Store,
} from './rounds-at-once.ts';
import { missing, type Tool } from './tools.ts';

// `npm run faults -- [--minutes N] [--at-once N] [--seed S] [--only TEXT] [--store sqlite|postgres] [--lasting MS]
// [--report FILE.html]`: rounds of faults, several at once, until they have lasted so many minutes together, one for each
// store at least.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    /** Rounds mostly wait; what one costs is told in docs/load.md. */
    'at-once': { type: 'string', default: '2' },
    seed: { type: 'string' },
    only: { type: 'string', default: '' },
    store: { type: 'string', default: 'sqlite,postgres' },
    lasting: { type: 'string', default: '1500' },
    report: { type: 'string' },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

function numberOf(name: 'minutes' | 'at-once' | 'seed' | 'lasting', least: number): number {
  const value = Number(values[name]);
  if (value >= least && (name === 'minutes' || Number.isSafeInteger(value))) return value;
  console.error(`--${name} must be a number from ${least}.`);
  process.exit(2);
}

const wantedMs = numberOf('minutes', 0) * 60_000;
const atOnce = numberOf('at-once', 1);
const firstSeed = values.seed === undefined ? Date.now() % 1_000_000 : numberOf('seed', 0);
const lastsMs = numberOf('lasting', 1);

/** What cannot be tried here, each thing once. */
const lacking = new Set<Tool>();
for (const tool of ['strace', 'tmpfs', 'postgres'] as const) {
  const sentence = missing(tool);
  if (sentence === undefined) continue;
  lacking.add(tool);
  print(`SKIPPED: ${sentence}`);
}
if (process.env['CI'] !== undefined && lacking.size > 0) {
  print('FAILED: in CI every fault must be tried.');
  process.exit(1);
}

const script = fileURLToPath(new URL('./round-child.ts', import.meta.url));

/** In a process of its own: folders, ports, clients and PostgreSQL are each round's own too. */
function begin(round: Round, onPlayed: (playedMs: number) => void): RoundUnderWay {
  const name = `[${round.number} ${round.store}]`;
  print(`${name} seed ${round.seed}`);
  const { only, report } = values;
  const order: RoundOrder = { round, only, lastsMs, lacking: [...lacking], ...(report ? { report } : {}) };
  const child = fork(script, [JSON.stringify(order)]);
  let told: RoundOutcome | undefined;
  let problems: readonly string[] = [];
  child.on('message', (message: RoundMessage) => {
    if (message.kind === 'line') print(`${name} ${message.line}`);
    else if (message.kind === 'played') onPlayed(message.playedMs);
    else ({ outcome: told, problems } = message);
  });
  const ended = new Promise<RoundOutcome>((resolve) =>
    child.on('exit', (code, signal) => {
      const outcome = told ?? { isGood: false, faults: 0, acknowledged: 0, unknown: 0 };
      if (told === undefined) problems = [`its process ended with ${code ?? signal}`];
      if (!outcome.isGood) tellFailure(name, round, problems);
      resolve(outcome);
    }),
  );
  return { ended, finish: () => void (child.connected && child.send('finish')) };
}

function tellFailure(name: string, { seed, store }: Round, problems: readonly string[]): void {
  const only = values.only === '' ? '' : ` --only '${values.only}'`;
  print(`${name} FAILED; again with: npm run faults -- --seed ${seed} --store ${store} --minutes 0${only}`);
  print(problems.slice(0, 30).join('\n'));
}

const stores = (['sqlite', 'postgres'] satisfies Store[]).filter(
  (store) => values.store.includes(store) && faultsOn(store, { text: values.only, lacking }).length > 0,
);
if (stores.length === 0) {
  console.error(`No fault has "${values.only}" in its name on ${values.store}.`);
  process.exit(2);
}

const startedMs = performance.now();
const { isGood, rounds, playedMs, faults, acknowledged, unknown } = await playRounds({
  ...{ stores, firstSeed, wantedMs, atOnce, begin },
});
const tookMinutes = minutes(performance.now() - startedMs);
print(
  `${minutes(playedMs)} minutes of faults in ${tookMinutes}, ${rounds} rounds, up to ${atOnce} at once: ${faults} faults; ` +
    `${acknowledged} messages acknowledged, ${unknown} without an answer; ` +
    (isGood ? 'nothing lost, doubled or out of order' : 'FAILED'),
);
process.exitCode = isGood ? 0 : 1;

function minutes(ms: number): string {
  return (ms / 60_000).toFixed(1);
}

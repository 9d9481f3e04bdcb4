import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { canPin } from '../lib/cores.ts';
import { emptyDatabase, emptySchema, hasPostgres } from '../lib/postgres.ts';
import { numberOption } from '../lib/number-option.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { rounded } from '../lib/statistics.ts';
import type { PeerName, PushName } from './orders.ts';
import { hasEjabberd } from './peers/ejabberd-install.ts';
import { printProfile } from './profile.ts';
import { middleOf, roundedFigures, runOnce, type RunFigures } from './run-once.ts';

type Effort = { rounds: number; warmMs: number; measureMs: number };
const fullEffort: Effort = { rounds: 5, warmMs: 2_000, measureMs: 4_000 };
const quickEffort: Effort = { rounds: 1, warmMs: 200, measureMs: 500 };

/** One line of the table. `store`: of our server, the bare limit and ejabberd's archive; the others keep nothing. */
type Case = { peer: PeerName; store: 'sqlite' | 'postgres' | 'memory'; push: PushName; pairs: number };
type Result = Case & { figures: RunFigures };

const titles: Record<PeerName, string> = {
  parley: 'Parley',
  bare: 'bare limit',
  faye: 'faye',
  'cometd-nodejs-server': 'cometd-nodejs-server',
  ejabberd: 'ejabberd with mod_mam',
};

/** What is measured, the pairs of one comparison next to each other. */
function casesOf(quick: boolean, withPostgres: boolean): Case[] {
  const cases: Case[] = [];
  const add = (peer: PeerName, store: Case['store'], push: PushName, ...counts: number[]): void => {
    for (const pairs of counts) cases.push({ peer, store, push, pairs });
  };
  add('bare', 'sqlite', 'long-polling', ...(quick ? [50, 1] : [50, 1, 500]));
  add('parley', 'sqlite', 'long-polling', ...(quick ? [50, 1] : [50, 1, 500]));
  if (quick) return cases;
  add('parley', 'sqlite', 'websocket', 50, 1, 500);
  if (withPostgres) add('parley', 'postgres', 'long-polling', 50, 1, 500);
  if (withPostgres) add('parley', 'postgres', 'websocket', 50, 1, 500);
  if (withPostgres && hasEjabberd()) add('ejabberd', 'postgres', 'xmpp', 50, 1);
  add('faye', 'memory', 'long-polling', 50, 1);
  add('faye', 'memory', 'websocket', 50, 1);
  add('cometd-nodejs-server', 'memory', 'long-polling', 50, 1);
  return cases;
}

/**
 * Measures durable messages from customers to agents, closed loop, beside the least that any server on node:http and
 * SQLite must do, beside servers that keep nothing and beside an XMPP server that archives each message twice, for its
 * writer and its reader, turn by turn in one run. `--profile` prints instead where our server spends
 * its time.
 */
export async function run({ quick, rest }: BenchOptions): Promise<Figures> {
  if (rest.includes('--profile')) return printProfile();
  const { rounds } = fullEffort;
  const effort = quick ? quickEffort : { ...fullEffort, rounds: numberOption(rest, 'rounds') ?? rounds };
  const startMs = performance.now();
  console.log(
    `chat: ${effort.rounds} round(s), ${canPin() ? 'server on core 0, load on core 1' : 'NOT pinned'}`,
  );
  const cases = casesOf(quick, !quick && (await hasPostgres()));
  const results = await measureAll(cases, effort);
  printResults(results, effort);
  const goals = goalsOf(results);
  printGoals(quick ? 'Goals (short run: rough figures)' : `Goals (median of ${effort.rounds})`, goals);
  const seconds = (performance.now() - startMs) / 1000;
  return {
    pinned: canPin(),
    quick,
    rounds: effort.rounds,
    seconds: rounded(seconds, 0),
    results: results.map(({ figures, ...one }) => ({ ...one, ...roundedFigures(figures) })),
    goals: goals.map(({ goal, figure, met }) => ({ goal, figure, met: met ?? null })),
  };
}

async function measureAll(cases: readonly Case[], effort: Effort): Promise<Result[]> {
  const runs = new Map<Case, RunFigures[]>(cases.map((one) => [one, []]));
  for (let round = 0; round < effort.rounds; round += 1) {
    // Turn by turn, each round the other way round: whatever else the machine does falls on all alike.
    for (const one of round % 2 === 0 ? cases : cases.toReversed()) {
      const figures = await measureOne(one, effort);
      runs.get(one)?.push(figures);
      const { messagesPerSecond, p50Ms, others } = figures;
      const told = `${Math.round(messagesPerSecond)} messages/s, p50 ${rounded(p50Ms)} ms`;
      const { peer, store, push, pairs } = one;
      console.log(
        `  ${pairs} pairs, ${titles[peer]} (${store}, ${push}): ${told}; other processes took ${Math.round(others)} %`,
      );
    }
  }
  return cases.map((one) => ({ ...one, figures: middleOf(runs.get(one) ?? []) }));
}

async function measureOne({ store, ...one }: Case, { warmMs, measureMs }: Effort): Promise<RunFigures> {
  const plan = { ...one, warmMs, measureMs };
  if (store !== 'postgres') return runOnce(plan);
  const schema = await (one.peer === 'ejabberd' ? emptyDatabase() : emptySchema());
  try {
    return await runOnce({ ...plan, store: { databaseUrl: schema.url } });
  } finally {
    await schema.drop();
  }
}

function printResults(results: readonly Result[], { rounds, measureMs }: Effort): void {
  printTable(
    `Messages, customer to agent; median of ${rounds} of ${measureMs / 1000} s`,
    [
      ...['pairs', 'server', 'store', 'push', 'msg/s', 'p50 ms', 'p99 ms', 'CPU µs/msg'],
      ...['server %', 'load %', 'others %', 'lost', 'twice'],
    ],
    results.map(({ pairs, peer, store, push, figures }) => {
      const { messagesPerSecond, p50Ms, p99Ms, cpuUsPerMessage, lost, twice, ...cpu } = figures;
      return [
        ...[pairs, titles[peer], store, push, Math.round(messagesPerSecond), rounded(p50Ms), rounded(p99Ms)],
        ...[Math.round(cpuUsPerMessage), Math.round(cpu.serverCpu), Math.round(cpu.loadCpu)],
        ...[Math.round(cpu.others), lost, twice],
      ];
    }),
  );
}

function goalsOf(results: readonly Result[]): Goal[] {
  const find = (peer: PeerName, pairs: number): RunFigures | undefined =>
    results.find((one) => one.peer === peer && one.pairs === pairs && one.push === 'long-polling')?.figures;
  const goals: Goal[] = [];
  const [parley, bare, one, bareOne] = [
    find('parley', 50),
    find('bare', 50),
    find('parley', 1),
    find('bare', 1),
  ];
  if (parley && bare) {
    const ratio = parley.messagesPerSecond / bare.messagesPerSecond;
    const byCpu = rounded(bare.cpuUsPerMessage / parley.cpuUsPerMessage);
    goals.push({
      goal: '50 pairs: at least 0.6 of the bare limit',
      figure: `${rounded(ratio)} (by CPU time ${byCpu})`,
      met: ratio >= 0.6,
    });
  }
  for (const peer of ['faye', 'cometd-nodejs-server'] as const) {
    const other = find(peer, 50);
    if (!parley || !other) continue;
    const ratio = parley.messagesPerSecond / other.messagesPerSecond;
    goals.push({
      goal: `50 pairs: no slower than ${peer}, which keeps nothing`,
      figure: `${rounded(ratio)} ×`,
      met: ratio >= 1,
    });
  }
  if (one && bareOne)
    goals.push({
      goal: 'one pair: p50 of 2 ms at most',
      figure: `${rounded(one.p50Ms)} ms (bare ${rounded(bareOne.p50Ms)} ms)`,
      met: one.p50Ms <= 2,
    });
  goals.push(...ejabberdGoals(results));
  const ours = results.filter(({ peer }) => peer === 'parley' || peer === 'bare');
  const wrong = ours.reduce((sum, { figures }) => sum + figures.lost + figures.twice, 0);
  goals.push({ goal: 'nothing lost, nothing twice', figure: String(wrong), met: wrong === 0 });
  return goals;
}

/**
 * Both answer the customer when the message is on disk, Parley over HTTP, ejabberd by the acknowledgement of XEP-0198.
 * The processor time is the servers' own, without PostgreSQL's.
 */
function ejabberdGoals(results: readonly Result[]): Goal[] {
  const find = (peer: PeerName, store: Case['store'], push: PushName): RunFigures | undefined =>
    results.find((one) => one.pairs === 50 && one.peer === peer && one.store === store && one.push === push)
      ?.figures;
  const other = find('ejabberd', 'postgres', 'xmpp');
  return [
    { on: 'PostgreSQL', ours: find('parley', 'postgres', 'long-polling') },
    { on: 'SQLite', ours: find('parley', 'sqlite', 'long-polling') },
  ].map(({ on, ours }) => {
    const goal = `50 pairs: at least 4 × ejabberd with mod_mam on PostgreSQL, Parley on ${on}`;
    if (!ours || !other) return { goal, figure: '', met: undefined };
    const ratio = ours.messagesPerSecond / other.messagesPerSecond;
    const byCpu = rounded(other.cpuUsPerMessage / ours.cpuUsPerMessage);
    return { goal, figure: `${rounded(ratio)} × (by CPU time ${byCpu})`, met: ratio >= 4 };
  });
}

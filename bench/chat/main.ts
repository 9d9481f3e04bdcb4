import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { canPin } from '../lib/cores.ts';
import { emptyDatabase, emptySchema, hasPostgres } from '../lib/postgres.ts';
import { numberOption } from '../lib/number-option.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { median, rounded } from '../lib/statistics.ts';
import type { PeerName, PushName } from './orders.ts';
import { hasEjabberd } from './peers/ejabberd-install.ts';
import { printProfile } from './profile.ts';
import { middleOf, roundedFigures, runOnce, type RunFigures } from './run-once.ts';

/** `comparedWarmMs`: of what a goal compares, for code is still being compiled for about five seconds. */
type Effort = { rounds: number; warmMs: number; comparedWarmMs: number; measureMs: number };
const fullEffort: Effort = { rounds: 5, warmMs: 2_000, comparedWarmMs: 6_000, measureMs: 4_000 };
const quickEffort: Effort = { rounds: 1, warmMs: 200, comparedWarmMs: 200, measureMs: 500 };

/** One line of the table. `store`: of our server, the bare limit and ejabberd's archive; the others keep nothing. */
type Case = { peer: PeerName; store: 'sqlite' | 'postgres' | 'memory'; push: PushName; pairs: number };
/** `runs`: one of each round; `figures`: their medians. */
type Result = Case & { runs: RunFigures[]; figures: RunFigures };

const titles: Record<PeerName, string> = {
  parley: 'Parley',
  bare: 'bare limit',
  faye: 'faye',
  'cometd-nodejs-server': 'cometd-nodejs-server',
  ejabberd: 'ejabberd with mod_mam',
};

/** What is measured; those that a goal compares come right after each other, for no machine is equally fast for minutes. */
function casesOf(quick: boolean, withPostgres: boolean): Case[] {
  const cases: Case[] = [];
  const add = (peer: PeerName, store: Case['store'], push: PushName, ...counts: number[]): void => {
    for (const pairs of counts) cases.push({ peer, store, push, pairs });
  };
  const addOursAndBare = (pairs: number): void => {
    add('bare', 'sqlite', 'long-polling', pairs);
    add('parley', 'sqlite', 'long-polling', pairs);
  };
  const addInMemory = (pairs: number): void => {
    add('cometd-nodejs-server', 'memory', 'long-polling', pairs);
    add('faye', 'memory', 'long-polling', pairs);
  };
  if (quick) {
    addOursAndBare(50);
    addOursAndBare(1);
    return cases;
  }
  const withEjabberd = withPostgres && hasEjabberd();
  if (withEjabberd) add('ejabberd', 'postgres', 'xmpp', 50);
  if (withPostgres) add('parley', 'postgres', 'long-polling', 50);
  addOursAndBare(50);
  addInMemory(50);
  addOursAndBare(1);
  addInMemory(1);
  addOursAndBare(500);
  if (withPostgres) add('parley', 'postgres', 'long-polling', 500, 1);
  if (withEjabberd) add('ejabberd', 'postgres', 'xmpp', 1);
  add('parley', 'sqlite', 'websocket', 50, 1, 500);
  if (withPostgres) add('parley', 'postgres', 'websocket', 50, 1, 500);
  add('faye', 'memory', 'websocket', 50, 1);
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
    results: results.map(({ figures, runs, ...one }) => ({
      ...one,
      ...roundedFigures(figures),
      messagesPerSecondByRound: runs.map((each) => Math.round(each.messagesPerSecond)),
    })),
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
  return cases.map((one) => {
    const ofOne = runs.get(one) ?? [];
    return { ...one, runs: ofOne, figures: middleOf(ofOne) };
  });
}

async function measureOne({ store, ...one }: Case, effort: Effort): Promise<RunFigures> {
  const { measureMs } = effort;
  const isCompared = one.pairs === 50 && one.push !== 'websocket';
  const plan = { ...one, warmMs: isCompared ? effort.comparedWarmMs : effort.warmMs, measureMs };
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

/** How many times as much in the median round; what other work the machine has falls on both sides of a round. */
function timesAs(ours: Result, other: Result): { times: number; byCpu: number } {
  const inMedian = (ratio: (mine: RunFigures, theirs: RunFigures) => number): number => {
    const ratios = ours.runs.flatMap((mine, round) => {
      const theirs = other.runs[round];
      return theirs ? ratio(mine, theirs) : [];
    });
    return median(ratios);
  };
  return {
    times: inMedian((mine, theirs) => mine.messagesPerSecond / theirs.messagesPerSecond),
    byCpu: inMedian((mine, theirs) => theirs.cpuUsPerMessage / mine.cpuUsPerMessage),
  };
}

/**
 * ejabberd and Parley both answer the customer when the message is on disk, Parley over HTTP, ejabberd by the
 * acknowledgement of XEP-0198. The processor time is the servers' own, without PostgreSQL's.
 */
const comparisons = [
  { goal: 'at least 0.6 of the bare limit', store: 'sqlite', beside: 'bare', atLeast: 0.6 },
  { goal: 'no slower than faye, which keeps nothing', store: 'sqlite', beside: 'faye', atLeast: 1 },
  {
    goal: 'no slower than cometd-nodejs-server, which keeps nothing',
    store: 'sqlite',
    beside: 'cometd-nodejs-server',
    atLeast: 1,
  },
  {
    goal: 'at least 4 × ejabberd with mod_mam on PostgreSQL, Parley on PostgreSQL',
    store: 'postgres',
    beside: 'ejabberd',
    atLeast: 4,
  },
  {
    goal: 'at least 4 × ejabberd with mod_mam on PostgreSQL, Parley on SQLite',
    store: 'sqlite',
    beside: 'ejabberd',
    atLeast: 4,
  },
] as const;

function goalsOf(results: readonly Result[]): Goal[] {
  const find = (peer: PeerName, pairs: number, store?: Case['store']): Result | undefined =>
    results.find(
      (one) =>
        one.peer === peer &&
        one.pairs === pairs &&
        one.push !== 'websocket' &&
        (store === undefined || one.store === store),
    );
  const goals: Goal[] = comparisons.map(({ goal, store, beside, atLeast }) => {
    const [ours, other] = [find('parley', 50, store), find(beside, 50)];
    if (!ours || !other) return { goal: `50 pairs: ${goal}`, figure: '', met: undefined };
    const { times, byCpu } = timesAs(ours, other);
    return {
      goal: `50 pairs: ${goal}`,
      figure: `${rounded(times)} × (by CPU time ${rounded(byCpu)})`,
      met: times >= atLeast,
    };
  });
  const [one, bare] = [find('parley', 1, 'sqlite')?.figures, find('bare', 1)?.figures];
  if (one && bare)
    goals.push({
      goal: 'one pair: p50 of 2 ms at most',
      figure: `${rounded(one.p50Ms)} ms (bare ${rounded(bare.p50Ms)} ms)`,
      met: one.p50Ms <= 2,
    });
  const ours = results.filter(({ peer }) => peer === 'parley' || peer === 'bare');
  const wrong = ours.reduce((sum, { figures }) => sum + figures.lost + figures.twice, 0);
  goals.push({ goal: 'nothing lost, nothing twice', figure: String(wrong), met: wrong === 0 });
  return goals;
}

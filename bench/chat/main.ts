import { cpus } from 'node:os';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { canPin } from '../lib/cores.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { median, rounded } from '../lib/statistics.ts';
import { peerNames, type PeerName } from './orders.ts';
import { printProfile } from './profile.ts';
import { runOnce, type RunFigures } from './run-once.ts';

const pairCounts = [50, 1] as const;

type Effort = { rounds: number; warmMs: number; measureMs: number };
const fullEffort: Effort = { rounds: 3, warmMs: 2_000, measureMs: 5_000 };
const quickEffort: Effort = { rounds: 1, warmMs: 700, measureMs: 1_500 };

/**
 * The figures of both servers with so many pairs, the middle of all rounds, and what Parley reaches of the limit: by
 * messages per second and, less disturbed by what else the machine does, by CPU time per message.
 */
type Row = { pairs: number; parley: RunFigures; bare: RunFigures; ratio: number; ratioByCpu: number };

const titles: Record<PeerName, string> = { parley: 'Parley', bare: 'bare limit' };

/**
 * Measures durable messages from customers to agents over long-polling, closed loop, beside the least that any server
 * on node:http and SQLite must do, turn by turn in one run. `--profile` prints instead where our server spends its time.
 */
export async function run({ quick, rest }: BenchOptions): Promise<Figures> {
  if (rest.includes('--profile')) return printProfile({ pairs: pairCounts[0], ...fullEffort });
  const effort = quick ? quickEffort : fullEffort;
  const startMs = performance.now();
  console.log(
    `chat: ${effort.rounds} round(s), ${canPin() ? 'server on core 0, load on core 1' : 'NOT pinned'}`,
  );
  const runs = await allRuns(effort);
  const rows = pairCounts.map((pairs) => rowOf(pairs, runs));
  printRows(rows, effort);
  const goals = goalsOf(rows);
  printGoals(quick ? 'Goals (short run: rough figures)' : `Goals (median of ${effort.rounds})`, goals);
  const seconds = (performance.now() - startMs) / 1000;
  console.log(`\ntook ${Math.round(seconds)} s`);
  return {
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
    pinned: canPin(),
    quick,
    rounds: effort.rounds,
    seconds: rounded(seconds, 0),
    results: rows.map(({ pairs, parley, bare, ratio, ratioByCpu }) => ({
      pairs,
      parley: roundedFigures(parley),
      bare: roundedFigures(bare),
      ratio: rounded(ratio),
      ratioByCpu: rounded(ratioByCpu),
    })),
    goals: goals.map(({ goal, figure, met }) => ({ goal, figure, met: met ?? null })),
  };
}

type Run = { peer: PeerName; pairs: number; figures: RunFigures };

async function allRuns({ rounds, warmMs, measureMs }: Effort): Promise<Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const pairs of pairCounts) {
      // Turn by turn, each round the other way round: whatever else the machine does falls on both alike.
      for (const peer of round % 2 === 0 ? peerNames : peerNames.toReversed()) {
        const figures = await runOnce({ peer, pairs, warmMs, measureMs });
        runs.push({ peer, pairs, figures });
        const { messagesPerSecond, p50Ms, others } = figures;
        const told = `${Math.round(messagesPerSecond)} messages/s, p50 ${rounded(p50Ms)} ms`;
        console.log(
          `  ${pairs} pairs, ${titles[peer]}: ${told}; other processes took ${Math.round(others)} %`,
        );
      }
    }
  }
  return runs;
}

function rowOf(pairs: number, runs: readonly Run[]): Row {
  const [parley, bare] = [middle(pairs, 'parley', runs), middle(pairs, 'bare', runs)];
  const ratio = parley.messagesPerSecond / bare.messagesPerSecond;
  return { pairs, parley, bare, ratio, ratioByCpu: bare.cpuUsPerMessage / parley.cpuUsPerMessage };
}

/** The median of each figure; of what must not happen the sum. */
function middle(pairs: number, peer: PeerName, runs: readonly Run[]): RunFigures {
  const found = runs.filter((one) => one.pairs === pairs && one.peer === peer).map(({ figures }) => figures);
  const of = (name: keyof RunFigures): number => median(found.map((figures) => figures[name]));
  const sum = (name: keyof RunFigures): number => found.reduce((total, figures) => total + figures[name], 0);
  return {
    messagesPerSecond: of('messagesPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuUsPerMessage: of('cpuUsPerMessage'),
    serverCpu: of('serverCpu'),
    loadCpu: of('loadCpu'),
    others: of('others'),
    lost: sum('lost'),
    twice: sum('twice'),
  };
}

function roundedFigures(figures: RunFigures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
}

function printRows(rows: readonly Row[], { rounds, measureMs }: Effort): void {
  printTable(
    `Durable messages, customer to agent over long-polling; median of ${rounds} of ${measureMs / 1000} s`,
    [
      'pairs',
      'server',
      'msg/s',
      'p50 ms',
      'p99 ms',
      'CPU µs/msg',
      'server %',
      'load %',
      'others %',
      'lost',
      'twice',
    ],
    rows.flatMap(({ pairs, ...row }) =>
      peerNames.map((peer) => {
        const { messagesPerSecond, p50Ms, p99Ms, cpuUsPerMessage, lost, twice, ...cpu } = row[peer];
        return [
          pairs,
          titles[peer],
          Math.round(messagesPerSecond),
          rounded(p50Ms),
          rounded(p99Ms),
          Math.round(cpuUsPerMessage),
          Math.round(cpu.serverCpu),
          Math.round(cpu.loadCpu),
          Math.round(cpu.others),
          lost,
          twice,
        ];
      }),
    ),
  );
}

function goalsOf(rows: readonly Row[]): Goal[] {
  const [many, one] = rows as [Row, Row];
  const wrong = rows.reduce((sum, { parley }) => sum + parley.lost + parley.twice, 0);
  return [
    {
      goal: '50 pairs: at least 0.6 of the bare limit',
      figure: `${rounded(many.ratio)} (by CPU time ${rounded(many.ratioByCpu)})`,
      met: many.ratio >= 0.6,
    },
    {
      goal: 'one pair: p50 of 2 ms at most',
      figure: `${rounded(one.parley.p50Ms)} ms (bare ${rounded(one.bare.p50Ms)} ms)`,
      met: one.parley.p50Ms <= 2,
    },
    { goal: 'nothing lost, nothing twice', figure: String(wrong), met: wrong === 0 },
  ];
}

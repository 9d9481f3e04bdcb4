import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadAnswer, LoadJob } from '../chat/orders.ts';
import { middleOf, runOnce, startParley, type RunFigures, type RunPlan } from '../chat/run-once.ts';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { loadCore } from '../lib/cores.ts';
import { numberOption } from '../lib/number-option.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import { median } from '../lib/statistics.ts';
import { catchUpMs, historyLatencies } from './history-latency.ts';
import { storeFinishedChats } from './finished-chats.ts';
import { tell, type Measured, type Memory, type Start } from './told.ts';

type Range = {
  title: string;
  steps: readonly { name: string; plan: Partial<RunPlan>; prepare?: () => void }[];
};

type Effort = {
  rounds: number;
  pairs: number;
  warmMs: number;
  measureMs: number;
  finishedChats: number;
  scale: number;
};
const fullEffort: Effort = {
  rounds: 5,
  pairs: 50,
  warmMs: 2_000,
  measureMs: 4_000,
  finishedChats: 1_000_000,
  scale: 1,
};
/** A smoke test: with few pairs, for it takes longer to get 50 to talk than they are measured. */
const quickEffort: Effort = {
  rounds: 1,
  pairs: 5,
  warmMs: 100,
  measureMs: 300,
  finishedChats: 2_000,
  scale: 0.01,
};

/** What a customer's tab has missed. */
const caughtUp = 1_000;

/** How the figures change with what is there beside 50 pairs who talk, and what each thing that is there takes. */
export async function run({ quick, rest }: BenchOptions): Promise<Figures> {
  const { rounds } = fullEffort;
  const effort = quick ? quickEffort : { ...fullEffort, rounds: numberOption(rest, 'rounds') ?? rounds };
  const folder = mkdtempSync(join(tmpdir(), 'parley-growth-'));
  try {
    const dataFolder = join(folder, 'finished');
    const filledMs = performance.now();
    storeFinishedChats(dataFolder, effort.finishedChats);
    console.log(
      `growth: ${effort.finishedChats} finished chats stored in ${Math.round((performance.now() - filledMs) / 1000)} s`,
    );
    const starts = await startTimes(dataFolder, effort.rounds);
    const memory = await memoryOf(effort);
    const historyRounds = quick ? 1 : 3;
    const history = await historyLatencies(quick ? [10, 100] : [10, 10_000], historyRounds);
    const catchUp = { messages: caughtUp, medianMs: await catchUpMs(caughtUp, historyRounds) };
    const ranges = await measureRanges(rangesOf(effort, dataFolder), effort);
    return tell({ starts, memory, history, catchUp, ranges, ...effort });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rangesOf({ scale, finishedChats }: Effort, dataFolder: string): Range[] {
  const counts = (...all: number[]): number[] => all.map((count) => Math.max(1, Math.round(count * scale)));
  return [
    {
      title: 'live chats',
      steps: counts(100, 1_000, 10_000).map((waitingChats) => ({
        name: String(waitingChats),
        plan: { waitingChats },
      })),
    },
    {
      title: 'agents signed in',
      steps: counts(10, 100, 1_000).map((idleAgents) => ({ name: String(idleAgents), plan: { idleAgents } })),
    },
    {
      title: 'finished chats stored',
      steps: [
        { name: '0', plan: {} },
        {
          name: String(finishedChats),
          plan: { store: { dataFolder: `${dataFolder}-copy` } },
          // The chats of an earlier run would go on in it.
          prepare: () => copyAnew(dataFolder, `${dataFolder}-copy`),
        },
      ],
    },
  ];
}

function copyAnew(folder: string, copy: string): void {
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, copy, { recursive: true });
}

async function measureRanges(ranges: readonly Range[], effort: Effort): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { title, steps } of ranges) {
    const runs = steps.map((): RunFigures[] => []);
    for (let round = 0; round < effort.rounds; round += 1)
      for (const at of round % 2 === 0 ? steps.keys() : [...steps.keys()].reverse()) {
        const { pairs, warmMs, measureMs } = effort;
        steps[at]?.prepare?.();
        const base = { peer: 'parley', push: 'long-polling', pairs, warmMs, measureMs } as const;
        runs[at]?.push(await runOnce({ ...base, ...steps[at]?.plan }));
      }
    const middles = steps.map(({ name }, at) => ({ name, figures: middleOf(runs[at] ?? []) }));
    const rates = middles.map(({ figures }) => figures.cpuUsPerMessage);
    measured.push({ title, steps: middles, growth: Math.max(...rates) / (rates[0] ?? Number.NaN) });
  }
  return measured;
}

async function startTimes(dataFolder: string, rounds: number): Promise<Start> {
  const starts: Start[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const beganMs = performance.now();
    const server = startParley({ pairs: 0, moreAgents: 0, dataFolder });
    const { startMs = Number.NaN } = await server.next('listening');
    starts.push({ processMs: performance.now() - beganMs, serverMs: startMs });
    await server.stop();
  }
  return {
    processMs: median(starts.map(({ processMs }) => processMs)),
    serverMs: median(starts.map(({ serverMs }) => serverMs)),
  };
}

/** What the server's memory grows by, for each of many that are alike, after a collection of garbage. */
async function memoryOf({ scale }: Effort): Promise<Memory[]> {
  const count = Math.max(50, Math.round(5_000 * scale));
  return [
    await grownBy('live chat', { waitingChats: count, idleAgents: 0 }),
    await grownBy('idle agent', { waitingChats: 0, idleAgents: Math.max(20, Math.round(1_000 * scale)) }),
  ];
}

async function grownBy(
  of: string,
  background: Pick<LoadJob, 'waitingChats' | 'idleAgents'>,
): Promise<Memory> {
  const count = background.waitingChats + background.idleAgents;
  const server = startParley({ pairs: 0, moreAgents: background.idleAgents }, ['--expose-gc']);
  let load: PinnedChild<LoadAnswer> | undefined;
  try {
    const { port } = await server.next('listening');
    server.tell({ kind: 'memory' });
    const before = await server.next('memory');
    const job: LoadJob = { peer: 'parley', port, pairs: 0, push: 'long-polling', ...background };
    const script = fileURLToPath(new URL('../chat/load.ts', import.meta.url));
    load = new PinnedChild<LoadAnswer>(script, { core: loadCore, args: [JSON.stringify(job)] });
    await load.next('ready', 240_000);
    server.tell({ kind: 'memory' });
    const after = await server.next('memory');
    return {
      of,
      count,
      heapBytes: (after.heapUsed - before.heapUsed) / count,
      rssBytes: (after.rss - before.rss) / count,
    };
  } finally {
    await load?.stop();
    await server.stop();
  }
}

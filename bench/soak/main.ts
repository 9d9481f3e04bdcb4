import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { sentenceOf } from '@parley/load/history/history-book.ts';
import { defaultLoad } from '@parley/load/run/load-options.ts';
import type { LoadResult } from '@parley/load/run/load-result.ts';
import { LoadRun } from '@parley/load/run/load-run.ts';
import { agentName, benchPassword, benchService, type ServerAnswer } from '../chat/orders.ts';
import { startParley } from '../chat/run-once.ts';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { cpuSeconds } from '../lib/cores.ts';
import { numberOption } from '../lib/number-option.ts';
import type { PinnedChild } from '../lib/pinned-child.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { median, rounded } from '../lib/statistics.ts';

/** Customers' messages a second, each answered by an agent: about a third of what two cores can do with their clients. */
const messagesPerSecond = 300;
const customers = 100;
const agents = 120;
/** Short chats, so that many come and go. */
const messagesPerChat = 20;
/** Clients whose connections are cut every few seconds, in per cent. */
const flappingPercent = 10;

const thirds = ['first', 'second', 'last'] as const;

type Server = PinnedChild<ServerAnswer>;
/** Where the server stands at one moment: its heap and resident memory after a collection of garbage. */
type Reading = { heapBytes: number; rssBytes: number; cpuSeconds: number; secondsMeasured: number };
type Third = {
  third: string;
  messagesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  serverCpu: number;
  heapBytes: number;
  rssBytes: number;
};

const bytesPerMegabyte = 2 ** 20;

/**
 * A long steady load, compared with itself: `npm run bench -- soak [--minutes=N]`, ten minutes by default. What grows
 * from the second third to the last grows with time; the first is left out, for code is still being compiled then.
 * Throws when a message was lost, doubled or out of order, or files stayed open.
 */
export async function run({ quick, rest }: BenchOptions): Promise<Figures> {
  const seconds = quick ? 6 : (numberOption(rest, 'minutes') ?? 10) * 60;
  const server = startParley({ pairs: agents, moreAgents: 0 }, ['--expose-gc']);
  try {
    const { port } = await server.next('listening');
    const filesBefore = openFiles(server.pid);
    const { result, measured } = await measure(server, port, seconds);
    const filesLeft = (await settledFiles(server.pid, filesBefore)) - filesBefore;
    printTable(
      `${rounded(seconds / 60)} minutes of ${messagesPerSecond} messages/s and as many answers, ${result.chats.finished} chats, ${result.flaps} connections cut`,
      ['third', 'delivered/s', 'p50 ms', 'p99 ms', 'server %', 'heap MB', 'resident MB'],
      measured.map((one) => [
        ...[one.third, Math.round(one.messagesPerSecond), rounded(one.p50Ms), rounded(one.p99Ms)],
        ...[Math.round(one.serverCpu), megabytes(one.heapBytes), megabytes(one.rssBytes)],
      ]),
    );
    printGoals('Goals', goalsOf(measured, { seconds, filesLeft, result }));
    if (!result.isGood) throw new Error(result.details.map(sentenceOf).join('\n') || 'nothing was delivered');
    if (filesLeft > 0) throw new Error(`${filesLeft} files or connections stayed open`);
    return {
      seconds,
      filesLeft,
      chats: result.chats.finished,
      flaps: result.flaps,
      thirds: measured.map(figuresOf),
    };
  } finally {
    await server.stop();
  }
}

async function measure(
  server: Server,
  port: number,
  seconds: number,
): Promise<{ result: LoadResult; measured: Third[] }> {
  const load = new LoadRun({
    ...defaultLoad,
    ...{ url: `http://127.0.0.1:${port}`, service: benchService, mode: 'open', rate: messagesPerSecond },
    accounts: Array.from({ length: agents }, (_, number) => ({
      userName: agentName(number),
      password: benchPassword,
    })),
    ...{ customers, messagesPerChat, flappingPercent, rampSeconds: 1, seconds },
  });
  try {
    if (!(await load.signIn())) throw new Error('the agents could not sign in');
    const work = load.work();
    const measured: Third[] = [];
    // The ramp and the warm-up.
    await pause(2 * load.options.rampSeconds * 1000);
    let before = await reading(server, load);
    for (const third of thirds) {
      await pause((seconds * 1000) / thirds.length);
      const after = await reading(server, load);
      measured.push(thirdOf(third, load, { before, after }));
      before = after;
    }
    return { result: await work, measured };
  } finally {
    load.giveUp();
  }
}

async function reading(server: Server, load: LoadRun): Promise<Reading> {
  server.tell({ kind: 'memory' });
  const { heapUsed, rss } = await server.next('memory');
  load.meter.tick();
  return {
    ...{ heapBytes: heapUsed, rssBytes: rss },
    cpuSeconds: cpuSeconds(server.pid),
    secondsMeasured: load.meter.seconds.length,
  };
}

/** Latencies are those of the median second, both directions: what else the machine does falls on single seconds. */
function thirdOf(
  third: string,
  { meter }: LoadRun,
  { before, after }: { before: Reading; after: Reading },
): Third {
  const seconds = meter.seconds.slice(before.secondsMeasured, after.secondsMeasured);
  const middle = (of: (second: (typeof seconds)[number]) => number): number => median(seconds.map(of));
  return {
    third,
    messagesPerSecond: middle(({ counts }) => counts.toAgent + counts.toCustomer),
    p50Ms: middle(({ p50Ms }) => p50Ms.toAgent),
    p99Ms: middle(({ p99Ms }) => p99Ms.toAgent),
    serverCpu: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds.length,
    heapBytes: after.heapBytes,
    rssBytes: after.rssBytes,
  };
}

function goalsOf(
  measured: readonly Third[],
  { seconds, filesLeft, result }: { seconds: number; filesLeft: number; result: LoadResult },
): Goal[] {
  const [, second, last] = measured;
  if (!second || !last) return [];
  const growthPerHour = ((last.heapBytes - second.heapBytes) / (seconds / thirds.length)) * 3600;
  const drift = last.p99Ms / second.p99Ms;
  const { lost, doubled, outOfOrder, wrong } = result.findings;
  const findings = lost + doubled + outOfOrder + wrong;
  return [
    {
      goal: 'the heap grows by less than 1 MB an hour',
      figure: `${megabytes(growthPerHour)} MB/h`,
      met: growthPerHour < bytesPerMegabyte,
    },
    { goal: 'p99 drifts by less than 10 %', figure: `${rounded(100 * (drift - 1))} %`, met: drift < 1.1 },
    { goal: 'no file stays open', figure: String(filesLeft), met: filesLeft <= 0 },
    {
      goal: 'nothing lost, doubled, out of order or shown wrongly',
      figure: String(findings),
      met: findings === 0,
    },
  ];
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Connections close one after the other once their clients are gone. */
async function settledFiles(pid: number, expected: number): Promise<number> {
  const untilMs = performance.now() + 15_000;
  while (openFiles(pid) > expected && performance.now() < untilMs) await pause(100);
  return openFiles(pid);
}

function figuresOf(one: Third): Figures {
  const { third, ...figures } = one;
  return {
    third,
    ...Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)])),
  };
}

function megabytes(bytes: number): number {
  return rounded(bytes / bytesPerMegabyte);
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startParley } from '../chat/run-once.ts';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { cpuSeconds, loadCore } from '../lib/cores.ts';
import { numberOption } from '../lib/number-option.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { median, rounded } from '../lib/statistics.ts';
import { deliveredPerSecond, middle } from './middle-second.ts';
import type { LoadSecond, OverloadAnswer, OverloadFound, OverloadJob, Phase } from './orders.ts';

/** `push.maxQueueBytes` of the configuration's defaults. */
const maxQueueBytes = 2 ** 20;
/** What a message takes that stands in the log of a live chat, and what a client that does not read, at most. */
const bytesPerMessage = 2_048;
const bytesPerReader = 2 ** 19;
/** As quick as before is at most so much slower. */
const normalTimes = 2;
const normalMs = 50;
const mostConnectMs = 1_000;
const mostAnswered = 0.99;
const sampleEveryMs = 2_000;

const full: Omit<OverloadJob, 'port'> = {
  ...{ pairs: 50, slowReaders: 1_000, slowHistory: 10_000, connectsPerSecond: 200 },
  ...{ rounds: 3, searchMs: 15_000, peakMs: 10_000, calmMs: 10_000, overloadMs: 30_000, recoveryMs: 10_000 },
};
const short: Omit<OverloadJob, 'port'> = {
  ...{ pairs: 10, slowReaders: 50, slowHistory: 1_000, connectsPerSecond: 50 },
  ...{ rounds: 1, searchMs: 3_600, peakMs: 1_200, calmMs: 1_200, overloadMs: 2_200, recoveryMs: 3_200 },
};

/** Seen from outside, in the overload and after it. */
type Watched = { rssBefore: number; rssMost: number; largestQueueBytes: number; cpuSeconds: number };

/**
 * Three times as many messages as the server can take, ten times the usual number of connects and 1,000 clients who do not
 * read, three times for a third of `--minutes=N` (1.5 by default) each: what gets through beside the peaks right before and
 * after, what is refused and how, and how long until all is as before. Throws when an accepted message was lost or one
 * was doubled.
 */
export async function run({ quick, rest }: BenchOptions): Promise<Figures> {
  const minutes = numberOption(rest, 'minutes');
  const usual = quick ? short : full;
  const plan = { ...usual, ...(minutes ? { overloadMs: (minutes * 60_000) / usual.rounds } : {}) };
  const server = startParley({ pairs: plan.pairs, moreAgents: 0 });
  let load: PinnedChild<OverloadAnswer> | undefined;
  try {
    const { port } = await server.next('listening');
    const script = fileURLToPath(new URL('./load.ts', import.meta.url));
    const job: OverloadJob = { port, ...plan };
    load = new PinnedChild<OverloadAnswer>(script, { core: loadCore, args: [JSON.stringify(job)] });
    const { watched, found } = await watch(server.pid, load, job);
    return tell(found, watched, job);
  } finally {
    await load?.stop();
    await server.stop();
  }
}

/** Looks at the server's memory and queues while the load does its work. */
async function watch(
  pid: number,
  load: PinnedChild<OverloadAnswer>,
  job: OverloadJob,
): Promise<{ watched: Watched; found: OverloadFound }> {
  const { rounds, searchMs, peakMs, calmMs, overloadMs, recoveryMs } = job;
  const wholeMs = searchMs + calmMs + (rounds + 1) * (peakMs + overloadMs + recoveryMs) + 120_000;
  for (let name = ''; name !== 'overload';) ({ name } = await load.next('phase', wholeMs));
  const rssBefore = residentBytes(pid);
  const cpuBefore = cpuSeconds(pid);
  const watched = { rssBefore, rssMost: rssBefore, largestQueueBytes: 0, cpuSeconds: 0 };
  const sampling = setInterval(() => {
    watched.rssMost = Math.max(watched.rssMost, residentBytes(pid));
    void largestQueue(job.port).then(
      (bytes) => (watched.largestQueueBytes = Math.max(watched.largestQueueBytes, bytes)),
      () => {},
    );
  }, sampleEveryMs);
  try {
    const found = await load.next('result', wholeMs);
    return { watched: { ...watched, cpuSeconds: cpuSeconds(pid) - cpuBefore }, found };
  } finally {
    clearInterval(sampling);
  }
}

function residentBytes(pid: number): number {
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

async function largestQueue(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^parley_push_largest_queue_bytes (\S+)/m.exec(text)?.[1]);
}

/** So many seconds in a row: single ones are slow for what else the machine does. */
const secondsInARow = 3;

/** Seconds after the overload until it is as quick as before, and nothing is refused; Infinity when that does not come. */
function secondsUntilNormal(calm: Phase, recovery: Phase): number {
  const before = middle(calm.seconds, ({ p99Ms }) => p99Ms);
  const isNormal = ({ p99Ms, refused }: LoadSecond): boolean =>
    refused === 0 && p99Ms <= Math.max(normalMs, normalTimes * before);
  const { seconds } = recovery;
  const at = seconds.findIndex(
    (_, from) =>
      from + secondsInARow <= seconds.length && seconds.slice(from, from + secondsInARow).every(isNormal),
  );
  return at === -1 ? Infinity : at;
}

/** Of each overload, what gets through as a share of the peaks before and after it: the machine is not equally fast for long. */
function goodputs(phases: readonly Phase[]): number[] {
  const overloads = phases.filter(({ name }) => name === 'overload');
  const peaks = phases.filter(({ name }) => name === 'peak').map(deliveredPerSecond);
  return overloads.map((phase, at) => {
    const [before = 0, after = 0] = peaks.slice(at, at + 2);
    return deliveredPerSecond(phase) / ((before + after) / 2);
  });
}

function printParts(phases: readonly Phase[], job: OverloadJob): void {
  printTable(
    `${(job.rounds * job.overloadMs) / 1000} s of three times the peak, ${job.connectsPerSecond} connects/s, ${job.slowReaders} clients who do not read`,
    ['part', 'offered', 'sent', 'accepted/s', 'delivered/s', 'p99 ms', 'refused'],
    phases.map(({ name, offered, sent, seconds }) => [
      ...[name, offered || '', sent],
      ...[middle(seconds, ({ accepted }) => accepted), deliveredPerSecond({ seconds })],
      rounded(middle(seconds, ({ p99Ms }) => p99Ms)),
      seconds.reduce((total, { refused }) => total + refused, 0),
    ]),
  );
}

/** What the whole run comes to. */
type Sum = { goodputs: number[]; goodput: number; normalAfter: number; grownBytes: number; mayGrow: number };

function sumOf({ phases }: OverloadFound, { rssMost, rssBefore }: Watched, job: OverloadJob): Sum {
  const calm = phases.find(({ name }) => name === 'calm');
  if (!calm) throw new Error('the load left a part out');
  const ofRounds = goodputs(phases);
  const recoveries = phases.filter(({ name }) => name === 'recovery');
  const messages = phases
    .slice(phases.findIndex(({ name }) => name === 'overload'))
    .flatMap(({ seconds }) => seconds)
    .reduce((total, { accepted }) => total + accepted, 0);
  return {
    goodputs: ofRounds,
    goodput: median(ofRounds),
    normalAfter: Math.max(...recoveries.map((recovery) => secondsUntilNormal(calm, recovery))),
    grownBytes: rssMost - rssBefore,
    mayGrow: messages * bytesPerMessage + job.slowReaders * bytesPerReader,
  };
}

function goalsOf(found: OverloadFound, watched: Watched, sum: Sum): Goal[] {
  const { bare, refused, lost, doubled, connects } = found;
  const { goodput, normalAfter, grownBytes, mayGrow } = sum;
  const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return [
    {
      goal: 'goodput of at least 0.9 of the peak (median of the rounds)',
      figure: `${rounded(goodput)} (${sum.goodputs.map((each) => rounded(each)).join(', ')})`,
      met: goodput >= 0.9,
    },
    { goal: 'every refusal says when to try again', figure: `${bare} of ${refused} do not`, met: bare === 0 },
    { goal: 'nothing accepted is lost', figure: String(lost), met: lost === 0 },
    { goal: 'nothing is doubled', figure: String(doubled), met: doubled === 0 },
    {
      goal: 'no queue of a client holds more than 1 MB',
      figure: `${Math.round(watched.largestQueueBytes / 1024)} KB`,
      met: watched.largestQueueBytes <= maxQueueBytes,
    },
    {
      goal: 'resident memory grows by 2 KB a message kept and 512 KB a client who does not read, at most',
      figure: `${megabytes(grownBytes)} of ${megabytes(mayGrow)} MB`,
      met: grownBytes <= mayGrow,
    },
    {
      goal: 'who comes new is let in: nine in ten within 1 s',
      figure: `${Math.round(connects.p90Ms)} ms, ${connects.answered} of ${connects.begun}`,
      met: connects.p90Ms <= mostConnectMs && connects.answered >= mostAnswered * connects.begun,
    },
    { goal: 'as before within 5 s, each time', figure: `${normalAfter} s`, met: normalAfter <= 5 },
  ];
}

function tell(found: OverloadFound, watched: Watched, job: OverloadJob): Figures {
  const { phases, refused, bare, broken, lost, doubled, connects, renewals } = found;
  const sum = sumOf(found, watched, job);
  printParts(phases, job);
  printGoals('Goals', goalsOf(found, watched, sum));
  if (lost + doubled > 0) throw new Error(`${lost} lost, ${doubled} doubled`);
  const { goodput, normalAfter, grownBytes } = sum;
  return {
    ...{ goodput: rounded(goodput), goodputs: sum.goodputs.map((each) => rounded(each)) },
    ...{ refused, bare, broken, lost, doubled, connects, renewals },
    unsent: phases.reduce((total, { unsent }) => total + unsent, 0),
    normalAfterSeconds: Number.isFinite(normalAfter) ? normalAfter : null,
    grownBytes,
    largestQueueBytes: watched.largestQueueBytes,
    serverCpuSeconds: rounded(watched.cpuSeconds),
  };
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startParley } from '../chat/run-once.ts';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { cpuSeconds, loadCore } from '../lib/cores.ts';
import { numberOption } from '../lib/number-option.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { median, rounded } from '../lib/statistics.ts';
import type { LoadSecond, OverloadAnswer, OverloadFound, OverloadJob, Phase } from './orders.ts';

/** `push.maxQueueBytes` of the configuration's defaults. */
const maxQueueBytes = 2 ** 20;
/** What a message takes that stands in the log of a live chat, and what a client that does not read, at most. */
const bytesPerMessage = 2_048;
const bytesPerReader = 2 ** 19;
/** As quick as before is at most so much slower. */
const normalTimes = 2;
const normalMs = 50;
const sampleEveryMs = 2_000;

const full: Omit<OverloadJob, 'port'> = {
  ...{ pairs: 50, slowReaders: 1_000, slowHistory: 10_000, connectsPerSecond: 200 },
  ...{ peakMs: 30_000, calmMs: 10_000, overloadMs: 90_000, recoveryMs: 15_000 },
};
const short: Omit<OverloadJob, 'port'> = {
  ...{ pairs: 10, slowReaders: 50, slowHistory: 1_000, connectsPerSecond: 50 },
  ...{ peakMs: 3_000, calmMs: 1_200, overloadMs: 2_200, recoveryMs: 3_200 },
};

/** Seen from outside, in the overload and after it. */
type Watched = { rssBefore: number; rssMost: number; largestQueueBytes: number; cpuSeconds: number };

/**
 * Three times as many messages as the server can take, ten times the usual number of connects and 1,000 clients who do not
 * read, for `--minutes=N` (1.5 by default): what gets through, what is refused and how, and how long until all is as before.
 * Throws when an accepted message was lost or one was doubled.
 */
export async function run({ quick, rest }: BenchOptions): Promise<Figures> {
  const minutes = numberOption(rest, 'minutes');
  const plan = { ...(quick ? short : full), ...(minutes ? { overloadMs: minutes * 60_000 } : {}) };
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
  const { peakMs, calmMs, overloadMs, recoveryMs } = job;
  const wholeMs = peakMs + calmMs + overloadMs + recoveryMs + 120_000;
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

const middle = (seconds: readonly LoadSecond[], of: (second: LoadSecond) => number): number =>
  median((seconds.length > 1 ? seconds.slice(1) : seconds).map(of));

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

function printParts(phases: readonly Phase[], job: OverloadJob): void {
  printTable(
    `${job.overloadMs / 1000} s of three times the peak, ${job.connectsPerSecond} connects/s, ${job.slowReaders} clients who do not read`,
    ['part', 'offered', 'sent', 'accepted/s', 'delivered/s', 'p99 ms', 'refused'],
    phases.map(({ name, offered, sent, seconds }) => [
      ...[name, offered || '', sent],
      ...[middle(seconds, ({ accepted }) => accepted), middle(seconds, ({ delivered }) => delivered)],
      rounded(middle(seconds, ({ p99Ms }) => p99Ms)),
      seconds.reduce((total, { refused }) => total + refused, 0),
    ]),
  );
}

function tell(found: OverloadFound, watched: Watched, job: OverloadJob): Figures {
  const { phases, peakPerSecond } = found;
  const [, calm, overload, recovery] = phases;
  if (!calm || !overload || !recovery) throw new Error('the load left a part out');
  printParts(phases, job);
  const goodput = middle(overload.seconds, ({ delivered }) => delivered) / peakPerSecond;
  const normalAfter = secondsUntilNormal(calm, recovery);
  const messages = overload.seconds.reduce((total, { accepted }) => total + accepted, 0);
  const grownBytes = watched.rssMost - watched.rssBefore;
  const mayGrow = messages * bytesPerMessage + job.slowReaders * bytesPerReader;
  const goals: Goal[] = [
    { goal: 'goodput of at least 0.9 of the peak', figure: rounded(goodput), met: goodput >= 0.9 },
    {
      goal: 'every refusal says when to try again',
      figure: `${found.bare} of ${found.refused} do not`,
      met: found.bare === 0,
    },
    { goal: 'nothing accepted is lost', figure: found.lost, met: found.lost === 0 },
    { goal: 'nothing is doubled', figure: found.doubled, met: found.doubled === 0 },
    {
      goal: 'no queue of a client holds more than 1 MB',
      figure: `${Math.round(watched.largestQueueBytes / 1024)} KB`,
      met: watched.largestQueueBytes <= maxQueueBytes,
    },
    {
      goal: 'resident memory grows by 2 KB a message kept and 512 KB a client who does not read, at most',
      figure: `${Math.round(grownBytes / 2 ** 20)} of ${Math.round(mayGrow / 2 ** 20)} MB`,
      met: grownBytes <= mayGrow,
    },
    { goal: 'as before within 5 s', figure: `${normalAfter} s`, met: normalAfter <= 5 },
  ].map(({ goal, figure, met }) => ({ goal, figure: String(figure), met }));
  printGoals('Goals', goals);
  if (found.lost + found.doubled > 0) throw new Error(`${found.lost} lost, ${found.doubled} doubled`);
  const { refused, bare, broken, connects, renewals } = found;
  return {
    ...{
      peakPerSecond,
      goodput: rounded(goodput),
      refused,
      bare,
      broken,
      lost: found.lost,
      doubled: found.doubled,
    },
    ...{
      connects,
      renewals,
      unsent: overload.unsent,
      normalAfterSeconds: Number.isFinite(normalAfter) ? normalAfter : null,
      grownBytes,
    },
    largestQueueBytes: watched.largestQueueBytes,
    serverCpuSeconds: rounded(watched.cpuSeconds),
  };
}

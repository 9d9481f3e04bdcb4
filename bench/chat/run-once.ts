import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Figures } from '../lib/bench-module.ts';
import { busySeconds, cpuSeconds, loadCore, serverCore } from '../lib/cores.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import { median, rounded } from '../lib/statistics.ts';
import type {
  LoadAnswer,
  LoadJob,
  LoadOrder,
  PeerName,
  PushName,
  ServerAnswer,
  ServerJob,
} from './orders.ts';

/** One run: which server, how many pairs, what else is there, and for how long before and while it is measured. */
export type RunPlan = {
  peer: PeerName;
  push: PushName;
  pairs: number;
  warmMs: number;
  measureMs: number;
  idleAgents?: number;
  waitingChats?: number;
  /** Of our server, and the database of ejabberd. */
  store?: Pick<ServerJob, 'dataFolder' | 'databaseUrl'>;
  /** Options of the server's Node, for a profile. */
  nodeOptions?: string[];
  /** Called with the server's process id when the measured time begins and when it is over. */
  onReading?: (serverPid: number) => void;
};

/**
 * One run's figures. Latencies from the customer's sending to the agent's receiving; CPU of all the server's threads,
 * not of a database beside it; `serverCpu`, `loadCpu` in per cent of one core, `others` what neither used of the two.
 */
export type RunFigures = {
  messagesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuUsPerMessage: number;
  serverCpu: number;
  loadCpu: number;
  others: number;
  lost: number;
  twice: number;
};

const startWithinMs = 60_000;
const setUpWithinMs = 240_000;

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

const scripts: Readonly<Record<PeerName, string>> = {
  parley: script('./peers/parley.ts'),
  bare: script('./peers/bare.ts'),
  faye: script('../push/peers/faye.ts'),
  'cometd-nodejs-server': script('../push/peers/cometd-nodejs-server.ts'),
  ejabberd: script('./peers/ejabberd.ts'),
};

/** Starts our server by itself. */
export function startParley(job: ServerJob, nodeOptions: string[] = []): PinnedChild<ServerAnswer> {
  return startServer('parley', job, nodeOptions);
}

/** The servers that keep nothing, and the bare one, do not read their job. */
function startServer(peer: PeerName, job: ServerJob, nodeOptions: string[]): PinnedChild<ServerAnswer> {
  return new PinnedChild(scripts[peer], { core: serverCore, nodeOptions, args: [JSON.stringify(job)] });
}

/** Starts a server and its load on their own cores, measures, and stops both. */
export async function runOnce(plan: RunPlan): Promise<RunFigures> {
  const { peer, pairs, push, nodeOptions = [], idleAgents = 0, waitingChats = 0 } = plan;
  const serverJob: ServerJob = { pairs, moreAgents: idleAgents, ...plan.store };
  const server = startServer(peer, serverJob, nodeOptions);
  let load: PinnedChild<LoadAnswer> | undefined;
  try {
    const { port, pid = server.pid } = await server.next('listening', startWithinMs);
    const job: LoadJob = { peer, port, pairs, push, idleAgents, waitingChats };
    load = new PinnedChild<LoadAnswer>(script('./load.ts'), { core: loadCore, args: [JSON.stringify(job)] });
    await load.next('ready', setUpWithinMs);
    return await measure(plan, pid, load);
  } finally {
    await load?.stop();
    await server.stop();
  }
}

async function measure(plan: RunPlan, serverPid: number, load: PinnedChild<LoadAnswer>): Promise<RunFigures> {
  const tell = (order: LoadOrder): void => load.tell(order);
  await pause(plan.warmMs);
  plan.onReading?.(serverPid);
  const before = { server: cpuSeconds(serverPid), load: cpuSeconds(load.pid), busy: busySeconds() };
  tell({ kind: 'begin' });
  await pause(plan.measureMs);
  const serverSeconds = cpuSeconds(serverPid) - before.server;
  const loadSeconds = cpuSeconds(load.pid) - before.load;
  plan.onReading?.(serverPid);
  const othersSeconds = busySeconds() - before.busy - serverSeconds - loadSeconds;
  tell({ kind: 'end' });
  const { messages, elapsedMs, p50Ms, p99Ms, lost, twice } = await load.next('result');
  const percent = (seconds: number): number => (100 * seconds) / (elapsedMs / 1000);
  return {
    messagesPerSecond: messages / (elapsedMs / 1000),
    p50Ms,
    p99Ms,
    cpuUsPerMessage: (serverSeconds * 1_000_000) / messages,
    serverCpu: percent(serverSeconds),
    loadCpu: percent(loadSeconds),
    others: Math.max(0, percent(othersSeconds)),
    lost,
    twice,
  };
}

/** The median of each figure of several runs; of what must not happen the sum. */
export function middleOf(runs: readonly RunFigures[]): RunFigures {
  const of = (name: keyof RunFigures): number => median(runs.map((figures) => figures[name]));
  const sum = (name: 'lost' | 'twice'): number => runs.reduce((total, figures) => total + figures[name], 0);
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

export function roundedFigures(figures: RunFigures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
}

import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { busySeconds, cpuSeconds, loadCore, serverCore } from '../lib/cores.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import type { LoadAnswer, LoadJob, LoadOrder, PeerName, ServerAnswer } from './orders.ts';

/** One run: which server, how many pairs, and for how long before and while it is measured. */
export type RunPlan = {
  peer: PeerName;
  pairs: number;
  warmMs: number;
  measureMs: number;
  /** Options of the server's Node, for a profile. */
  nodeOptions?: string[];
};

/**
 * One run's figures. Latencies from the customer's sending to the agent's receiving; CPU of all the server's threads;
 * `serverCpu`, `loadCpu` in per cent of one core, `others` what neither used of the two.
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

const startWithinMs = 30_000;
const setUpWithinMs = 60_000;

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Starts a server and its load on their own cores, measures, and stops both. */
export async function runOnce(plan: RunPlan): Promise<RunFigures> {
  const { peer, pairs, nodeOptions = [] } = plan;
  const server = new PinnedChild<ServerAnswer>(script(`./peers/${peer}.ts`), {
    core: serverCore,
    nodeOptions,
    args: [String(pairs)],
  });
  let load: PinnedChild<LoadAnswer> | undefined;
  try {
    const { port } = await server.next('listening', startWithinMs);
    const job: LoadJob = { peer, port, pairs };
    load = new PinnedChild<LoadAnswer>(script('./load.ts'), { core: loadCore, args: [JSON.stringify(job)] });
    await load.next('ready', setUpWithinMs);
    return await measure(plan, server.pid, load);
  } finally {
    await load?.stop();
    await server.stop();
  }
}

async function measure(plan: RunPlan, serverPid: number, load: PinnedChild<LoadAnswer>): Promise<RunFigures> {
  const tell = (order: LoadOrder): void => load.tell(order);
  await pause(plan.warmMs);
  const before = { server: cpuSeconds(serverPid), load: cpuSeconds(load.pid), busy: busySeconds() };
  tell({ kind: 'begin' });
  await pause(plan.measureMs);
  const serverSeconds = cpuSeconds(serverPid) - before.server;
  const loadSeconds = cpuSeconds(load.pid) - before.load;
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

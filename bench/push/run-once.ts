import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { busySeconds, cpuSeconds, loadCore, serverCore } from '../lib/cores.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import type { LoadAnswer, LoadJob, LoadOrder, ServerAnswer, ServerOrder, TransportName } from './orders.ts';
import { peerScript } from './peer-list.ts';
import type { PeerName } from './peer-list.ts';

const loadScript = fileURLToPath(new URL('./load.ts', import.meta.url));

const maxStretch = 2;

/** What one run is: which server, which load, and for how long before and while it is measured. */
export type RunPlan = {
  peer: PeerName;
  load: LoadJob['load'];
  transport: TransportName;
  sessions: number;
  warmMs: number;
  measureMs: number;
  /** Messages under way at once, for `closed`. */
  window?: number;
  /** Messages a second that the server publishes itself, for `listen`. */
  messagesPerSecond?: number;
  /** Sessions that share a browser cookie. */
  tabs?: number;
  /** Options of the server's Node, for a profile. */
  nodeOptions?: string[];
};

/** One run's figures; CPU in per cent of one core, `others` what neither side of the run used of both cores. */
export type RunFigures = {
  deliveriesPerSecond: number;
  deliveriesPerCpuSecond: number;
  p50Ms: number;
  p99Ms: number;
  serverCpu: number;
  loadCpu: number;
  others: number;
  lost: number;
  twice: number;
  refused: number;
};

/** Starts a server and its load on their own cores, measures, and stops both. */
export async function runOnce(plan: RunPlan): Promise<RunFigures> {
  return withPair(plan, async ({ server, load }) => {
    const { messagesPerSecond, sessions } = plan;
    if (messagesPerSecond !== undefined) {
      const durationMs = plan.warmMs + plan.measureMs + 500;
      tellServer(server, { kind: 'publish', pairs: sessions / 2, messagesPerSecond, durationMs });
    }
    await pauseBusy(server.pid, plan.warmMs, plan.load);
    const before = { server: cpuSeconds(server.pid), load: cpuSeconds(load.pid), busy: busySeconds() };
    tellLoad(load, { kind: 'begin' });
    await pauseBusy(server.pid, plan.measureMs, plan.load);
    const serverSeconds = cpuSeconds(server.pid) - before.server;
    const loadSeconds = cpuSeconds(load.pid) - before.load;
    const others = busySeconds() - before.busy - serverSeconds - loadSeconds;
    tellLoad(load, { kind: 'end' });
    const result = await load.next('result');
    const seconds = result.elapsedMs / 1000;
    return {
      deliveriesPerSecond: result.deliveries / seconds,
      deliveriesPerCpuSecond: result.deliveries / serverSeconds,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      serverCpu: (100 * serverSeconds) / seconds,
      loadCpu: (100 * loadSeconds) / seconds,
      others: Math.max(0, (100 * others) / seconds),
      lost: result.lost,
      twice: result.twice,
      refused: result.refused,
    };
  });
}

/**
 * Waits `ms`, and at saturation up to twice as long until the server has had half of that as CPU time: on a machine
 * that others use too, a run is then short of neither warm code nor samples.
 */
async function pauseBusy(pid: number, ms: number, load: LoadJob['load']): Promise<void> {
  const startMs = performance.now();
  const startCpu = cpuSeconds(pid);
  await pause(ms);
  while (
    load !== 'listen' &&
    cpuSeconds(pid) - startCpu < ms / 2000 &&
    performance.now() - startMs < ms * maxStretch
  ) {
    await pause(50);
  }
}

/** Bytes one idle session costs: heap in use, heap with what hangs on it outside, and resident memory. */
export type MemoryFigures = {
  heapPerSession: number;
  heapAndExternalPerSession: number;
  rssPerSession: number;
};

/**
 * Opens 200 sessions so that all code is warm, then `sessions` more, and divides the difference after a forced
 * collection. The sessions are subscribed and hold their connect.
 */
export async function measureMemory(plan: RunPlan): Promise<MemoryFigures> {
  return withPair({ ...plan, sessions: 200 }, async ({ server, load }) => {
    const before = await memoryOf(server);
    tellLoad(load, { kind: 'more', sessions: plan.sessions });
    await load.next('ready');
    const after = await memoryOf(server);
    const each = (from: number, to: number): number => (to - from) / plan.sessions;
    return {
      heapPerSession: each(before.heapUsed, after.heapUsed),
      heapAndExternalPerSession: each(before.heapUsed + before.external, after.heapUsed + after.external),
      rssPerSession: each(before.rss, after.rss),
    };
  });
}

async function memoryOf(
  server: PinnedChild<ServerAnswer>,
): Promise<Extract<ServerAnswer, { kind: 'memory' }>> {
  // What closed and answered a moment ago is let go of over a few turns of the server's loop.
  await pause(300);
  tellServer(server, { kind: 'memory' });
  return server.next('memory');
}

type Pair = { server: PinnedChild<ServerAnswer>; load: PinnedChild<LoadAnswer> };

async function withPair<Result>(plan: RunPlan, use: (pair: Pair) => Promise<Result>): Promise<Result> {
  const script = peerScript(plan.peer, plan.transport);
  const nodeOptions = ['--expose-gc', ...(plan.nodeOptions ?? [])];
  const server = new PinnedChild<ServerAnswer>(script, { core: serverCore, nodeOptions });
  let load: PinnedChild<LoadAnswer> | undefined;
  try {
    const { port } = await server.next('listening', 15_000);
    const { load: kind, transport, sessions, window = 0, tabs = 1 } = plan;
    const job: LoadJob = { load: kind, transport, port, sessions, window, tabs };
    load = new PinnedChild<LoadAnswer>(loadScript, { core: loadCore, args: [JSON.stringify(job)] });
    await load.next('ready');
    return await use({ server, load });
  } finally {
    await load?.stop();
    await server.stop();
  }
}

function tellServer(server: PinnedChild<ServerAnswer>, order: ServerOrder): void {
  server.tell(order);
}

function tellLoad(load: PinnedChild<LoadAnswer>, order: LoadOrder): void {
  load.tell(order);
}

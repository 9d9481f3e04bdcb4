import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startParley } from '../chat/run-once.ts';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { busySeconds, cpuSeconds, loadCore } from '../lib/cores.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import { printTable } from '../lib/report.ts';
import { rounded } from '../lib/statistics.ts';
import type { CustomerMode, CustomersAnswer, CustomersJob, CustomersOrder } from './orders.ts';

type Effort = { customers: number; warmMs: number; measureMs: number };
const fullEffort: Effort = { customers: 5_000, warmMs: 10_000, measureMs: 15_000 };
const quickEffort: Effort = { customers: 100, warmMs: 200, measureMs: 1_000 };

/** Customers poll every two seconds (gms-customer-api §7); over CometD each writes once in ten. */
const everyMs: Record<CustomerMode, number> = { polling: 2_000, cometd: 10_000 };

/** `heapBytes`, `rssBytes`: for one customer, after a collection of garbage, their chat and connections included. */
type CustomersFigures = {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  late: number;
  serverCpu: number;
  others: number;
  heapBytes: number;
  rssBytes: number;
};

/** Many customers at once who wait for an agent, by polling and over CometD. */
export async function run({ quick }: BenchOptions): Promise<Figures> {
  const effort = quick ? quickEffort : fullEffort;
  const results: [CustomerMode, CustomersFigures][] = [];
  for (const mode of ['polling', 'cometd'] as const) results.push([mode, await measure(mode, effort)]);
  printTable(
    `${effort.customers} customers: by polling every 2 s; over CometD, each writing once in 10 s`,
    [
      'by',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'late',
      'server %',
      'others %',
      'heap bytes each',
      'resident bytes each',
    ],
    results.map(([mode, one]) => [
      ...[mode, Math.round(one.requestsPerSecond), rounded(one.p50Ms), rounded(one.p99Ms), one.late],
      ...[
        Math.round(one.serverCpu),
        Math.round(one.others),
        Math.round(one.heapBytes),
        Math.round(one.rssBytes),
      ],
    ]),
  );
  return {
    customers: effort.customers,
    results: results.map(([mode, one]) => ({
      mode,
      ...Object.fromEntries(Object.entries(one).map(([name, value]) => [name, rounded(value)])),
    })),
  };
}

async function measure(
  mode: CustomerMode,
  { customers, warmMs, measureMs }: Effort,
): Promise<CustomersFigures> {
  const server = startParley({ pairs: 0, moreAgents: 0 }, ['--expose-gc']);
  let load: PinnedChild<CustomersAnswer> | undefined;
  try {
    const { port } = await server.next('listening');
    server.tell({ kind: 'memory' });
    const before = await server.next('memory');
    const job: CustomersJob = { mode, port, customers, everyMs: everyMs[mode] };
    const script = fileURLToPath(new URL('./load.ts', import.meta.url));
    load = new PinnedChild<CustomersAnswer>(script, { core: loadCore, args: [JSON.stringify(job)] });
    await load.next('ready', 240_000);
    await pause(warmMs);
    const tell = (order: CustomersOrder): void => load?.tell(order);
    const began = { cpu: cpuSeconds(server.pid), load: cpuSeconds(load.pid), busy: busySeconds() };
    tell({ kind: 'begin' });
    await pause(measureMs);
    const cpu = cpuSeconds(server.pid) - began.cpu;
    const others = busySeconds() - began.busy - cpu - (cpuSeconds(load.pid) - began.load);
    tell({ kind: 'end' });
    const { requests, elapsedMs, p50Ms, p99Ms, late } = await load.next('result');
    server.tell({ kind: 'memory' });
    const after = await server.next('memory');
    return {
      requestsPerSecond: (requests * 1000) / elapsedMs,
      ...{ p50Ms, p99Ms, late },
      serverCpu: (100_000 * cpu) / elapsedMs,
      others: Math.max(0, (100_000 * others) / elapsedMs),
      heapBytes: (after.heapUsed - before.heapUsed) / customers,
      rssBytes: (after.rss - before.rss) / customers,
    };
  } finally {
    await load?.stop();
    await server.stop();
  }
}

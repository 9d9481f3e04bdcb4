import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { CustomerClient } from '@parley/client/customer-client.ts';
import type { ServerAnswer } from '../chat/orders.ts';
import type { BenchOptions, Figures } from '../lib/bench-module.ts';
import { canPin, cpuSeconds, residentBytes, serverCore } from '../lib/cores.ts';
import { PinnedChild } from '../lib/pinned-child.ts';
import { printGoals, printTable, type Goal } from '../lib/report.ts';
import { median, rounded } from '../lib/statistics.ts';

const uploads = 50;
const fileBytes = 2_097_152;
const megabyte = 1_000_000;
const sampleEveryMs = 10;
const startWithinMs = 30_000;

/** One round: so many customers who send a file of 2 MiB each, all at once, until the last is answered. */
export type UploadFigures = {
  /** MB of files a second, from the first byte to the last answer. */
  megabytesPerSecond: number;
  /** CPU of all threads of the server for each MB. */
  cpuMsPerMegabyte: number;
  /** How much more memory the server held at the most than before the round. */
  peakGrowthMb: number;
  failed: number;
};

/** A JPEG by its beginning, and noise. */
function file(): Blob {
  const head = Buffer.from('ffd8ffe000104a46494600', 'hex');
  return new Blob([head, randomBytes(fileBytes - head.length)]);
}

async function chats(port: number): Promise<CustomerClient[]> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const customers = Array.from(
    { length: uploads },
    () => new CustomerClient({ baseUrl, service: 'customer-support' }),
  );
  for (const customer of customers) await customer.requestChat({ nickname: 'Bench' });
  return customers;
}

async function round(pid: number, customers: readonly CustomerClient[]): Promise<UploadFigures> {
  const content = file();
  const before = { memory: residentBytes(pid), cpu: cpuSeconds(pid), atMs: performance.now() };
  let peak = before.memory;
  const sampler = setInterval(() => void (peak = Math.max(peak, residentBytes(pid))), sampleEveryMs);
  const sent = await Promise.allSettled(
    customers.map((customer, at) => customer.uploadFile(content, { name: `${at}.jpg` })),
  );
  clearInterval(sampler);
  const failed = sent.filter(({ status }) => status === 'rejected').length;
  const megabytes = ((uploads - failed) * fileBytes) / megabyte;
  const seconds = (performance.now() - before.atMs) / 1000;
  return {
    megabytesPerSecond: megabytes / seconds,
    cpuMsPerMegabyte: ((cpuSeconds(pid) - before.cpu) * 1000) / megabytes,
    peakGrowthMb: (peak - before.memory) / megabyte,
    failed,
  };
}

/** Measures rounds of uploads on a server of its own; the first one warms up and is the only one whose memory is new. */
async function measureUploads(rounds: number): Promise<readonly UploadFigures[]> {
  const server = new PinnedChild<ServerAnswer>(
    fileURLToPath(new URL('./upload-server.ts', import.meta.url)),
    { core: serverCore },
  );
  try {
    const { port } = await server.next('listening', startWithinMs);
    const figures: UploadFigures[] = [];
    for (let at = 0; at < rounds; at += 1) figures.push(await round(server.pid, await chats(port)));
    return figures;
  } finally {
    await server.stop();
  }
}

/** Measures 50 customers who send 2 MiB each at the same time: bytes per second, and what the server's memory grows by. */
export async function run({ quick }: BenchOptions): Promise<Figures> {
  const rows = await measureUploads(quick ? 2 : 4);
  const of = (name: keyof UploadFigures): number => median(rows.slice(1).map((row) => row[name]));
  const growth = Math.max(...rows.map(({ peakGrowthMb }) => peakGrowthMb));
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  printTable(
    `${uploads} uploads of ${fileBytes} bytes at once${canPin() ? ', server on one core' : ', NOT pinned'}`,
    ['round', 'MB/s', 'CPU ms/MB', 'memory grows by MB', 'failed'],
    rows.map((row, at) => [
      at === 0 ? 'first, cold' : String(at + 1),
      rounded(row.megabytesPerSecond, 1),
      rounded(row.cpuMsPerMegabyte, 1),
      rounded(row.peakGrowthMb, 1),
      row.failed,
    ]),
  );
  const megabytes = (uploads * fileBytes) / megabyte;
  const goals: Goal[] = [
    {
      goal: 'memory grows by less than the files have',
      figure: `${rounded(growth, 1)} of ${rounded(megabytes, 1)} MB`,
      met: growth < megabytes,
    },
    { goal: 'none fails', figure: String(failed), met: failed === 0 },
  ];
  printGoals('Goals', goals);
  return {
    uploads,
    fileBytes,
    megabytesPerSecond: rounded(of('megabytesPerSecond'), 1),
    cpuMsPerMegabyte: rounded(of('cpuMsPerMegabyte'), 1),
    peakGrowthMb: rounded(growth, 1),
    failed,
    goals: goals.map(({ goal, figure, met }) => ({ goal, figure, met: met ?? null })),
  };
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '@parley/server/app.ts';
import { systemClock } from '@parley/server/clock.ts';
import { readConfig } from '@parley/server/config/load.ts';
import {
  agentName,
  benchPassword,
  benchService,
  idleService,
  type ServerAnswer,
  type ServerJob,
  type ServerOrder,
} from '../orders.ts';

// The whole server, with one agent for each pair and others who only listen: `node parley.ts <job as JSON>`.

const { pairs, moreAgents, databaseUrl, ...job } = JSON.parse(process.argv[2] ?? '{}') as ServerJob;
const dataFolder = job.dataFolder ?? mkdtempSync(join(tmpdir(), 'parley-bench-'));
const day = 86_400_000;
const config = readConfig(
  {
    agents: Array.from({ length: pairs + moreAgents }, (_, number) => ({
      userName: agentName(number),
      password: benchPassword,
      chatCapacity: 1,
      queues: [benchService],
    })),
    queues: [{ name: benchService }, { name: idleService }],
    services: [
      { name: benchService, queue: benchService },
      { name: idleService, queue: idleService },
    ],
    // Nobody polls for the chats that only wait.
    customers: { goneAfterMs: day },
    ...(databaseUrl === undefined ? {} : { database: { url: databaseUrl } }),
    // The load asks as fast as it is answered, and all of it comes from one address.
    rateLimits: {
      perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
      perAgent: { requestsPerSecond: 0 },
      perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0, openChats: 0 },
      perService: { newChatsPerMinute: 0 },
    },
    // Longer than any run, so that no figure holds an idle answer.
    push: { timeoutMs: 60_000, maxIntervalMs: 120_000, maxSessionsPerChat: 1_000 },
  },
  { machine: { timeZone: 'UTC' }, overrides: { host: '127.0.0.1', port: 0, dataFolder } },
);
const logger = pino({ level: 'error' }, pino.destination(2));
const startedMs = performance.now();
const app = await createApp({
  config,
  clock: systemClock,
  random: randomBytes,
  logger,
  onFatal(error) {
    throw error;
  },
  // Signing in is not what is measured.
  passwordCost: { N: 2, r: 8, p: 1 },
});
const { url } = await app.listen();
const startMs = performance.now() - startedMs;

// Leaving by `exit` lets a CPU profile be written, which a signal's default end does not.
process.on('exit', () => {
  if (job.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true });
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());

function answer(message: ServerAnswer): void {
  process.send?.(message);
}

process.on('message', (order: ServerOrder) => {
  if (order.kind !== 'memory') return;
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  answer({ kind: 'memory', heapUsed, rss });
});
answer({ kind: 'listening', port: Number(new URL(url).port), startMs });

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '@parley/server/app.ts';
import { systemClock } from '@parley/server/clock.ts';
import { readConfig } from '@parley/server/config/load.ts';
import { agentName, benchPassword, benchService, type ServerAnswer } from '../orders.ts';

// The whole server on a data folder of its own, with one agent for each pair: `node parley.ts <pairs>`.

const pairs = Number(process.argv[2]);
const dataFolder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
const config = readConfig(
  {
    agents: Array.from({ length: pairs }, (_, pair) => ({
      userName: agentName(pair),
      password: benchPassword,
      chatCapacity: 1,
    })),
    queues: [{ name: benchService }],
    services: [{ name: benchService, queue: benchService }],
    // Longer than any run, so that no figure holds an idle answer.
    push: { timeoutMs: 60_000, maxIntervalMs: 120_000 },
  },
  { machine: { timeZone: 'UTC' }, overrides: { host: '127.0.0.1', port: 0, dataFolder } },
);
const logger = pino({ level: 'error' }, pino.destination(2));
const app = await createApp({
  config,
  clock: systemClock,
  random: randomBytes,
  logger,
  onFatal(error) {
    throw error;
  },
  // Signing in is not what is measured.
  passwordCost: { N: 2 ** 10, r: 8, p: 1 },
});
const { url } = await app.listen();

// Leaving by `exit` lets a CPU profile be written, which a signal's default end does not.
process.on('exit', () => rmSync(dataFolder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
process.send?.({ kind: 'listening', port: Number(new URL(url).port) } satisfies ServerAnswer);

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '@parley/server/app.ts';
import { systemClock } from '@parley/server/clock.ts';
import { readConfig } from '@parley/server/config/load.ts';
import type { ServerAnswer } from '../chat/orders.ts';

// The whole server on a data folder of its own, for customers who send files.

const dataFolder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
const config = readConfig(
  {
    // All customers have one address here.
    rateLimits: {
      perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0, openChats: 0 },
      perService: { newChatsPerMinute: 0 },
    },
  },
  { machine: { timeZone: 'UTC' }, overrides: { host: '127.0.0.1', port: 0, dataFolder } },
);
const app = await createApp({
  config,
  clock: systemClock,
  random: randomBytes,
  logger: pino({ level: 'error' }, pino.destination(2)),
  onFatal(error) {
    throw error;
  },
});
const { url } = await app.listen();

process.on('exit', () => rmSync(dataFolder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
process.send?.({ kind: 'listening', port: Number(new URL(url).port) } satisfies ServerAnswer);

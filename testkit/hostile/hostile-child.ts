import { createApp } from '@parley/server/app.ts';
import { systemClock } from '@parley/server/clock.ts';
import { readConfig } from '@parley/server/config/load.ts';
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { hostileConfig } from './hostile-config.ts';
import { threadMs } from './longest-stretch.ts';

// The server that is attacked, in a process of its own with `--expose-gc`: it tells its memory when it is asked to.

const [dataFolder = ''] = process.argv.slice(2);
const logger = pino({ level: 'warn' }, pino.destination(2));
const config = readConfig(hostileConfig, {
  machine: { timeZone: 'UTC' },
  overrides: { host: '127.0.0.1', port: 0, dataFolder },
});
const app = await createApp({
  ...{ config, clock: systemClock, random: randomBytes, logger },
  passwordCost: { N: 2 ** 10, r: 8, p: 1 },
  onFatal: (err) => logger.fatal({ err }, 'the store failed'),
});
const { url } = await app.listen();

function memory(): object {
  const { gc } = globalThis as { readonly gc?: () => void };
  for (let round = 0; round < 3; round += 1) gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed, cpuMs: Math.round(process.cpuUsage().user / 1000) };
}

process.on('message', (message) => {
  if (message === 'memory') process.send?.({ memory: memory() });
  if (message === 'thread') process.send?.({ threadMs: threadMs() });
  // What is under way is cut off: this is no test of the drain.
  if (message === 'stop') process.exit(0);
});
process.send?.({ url });

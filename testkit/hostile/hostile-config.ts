import type { ConfigFile } from '@parley/server/config/schema.ts';
import type { DeepPartial } from '../server-in-a-box.ts';

/** Limits of rate and load are off, so that every request reaches what it is meant for; those of size stay, but for bodies. */
export const hostileConfig: DeepPartial<ConfigFile> = {
  logLevel: 'warn',
  skills: [],
  queues: [{ name: 'support' }, { name: 'witness' }],
  services: [
    { name: 'customer-support', queue: 'support' },
    { name: 'witness', queue: 'witness' },
  ],
  push: { timeoutMs: 50, maxIntervalMs: 2000 },
  limits: { bodyBytes: 4 * 1024 * 1024, openChats: 300 },
  // A machine that is busy with other tests is no overload here.
  overload: { refuseNewChats: { eventLoopLagMs: 1_000_000 }, refuseMessages: { eventLoopLagMs: 1_000_000 } },
  rateLimits: {
    perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
    perService: { newChatsPerMinute: 0 },
    perAgent: { requestsPerSecond: 0 },
  },
};

import type { SqliteLimits } from '@parley/server/journal/sqlite/limits.ts';

/** Limits so small that a few hundred commits go through checkpoints, compactions and a write-ahead log that starts anew. */
export const smallLimits = {
  maxJournalLength: 30_000,
  idleJournalLength: 5_000,
  maxWalPages: 40,
  roomRetryMs: 20,
} satisfies Partial<SqliteLimits>;

import { defaultGroupCommitLimits, type GroupCommitLimits } from '../group-commit.ts';

/** Every limit of the store on PostgreSQL, and what happens when it is reached. */
export interface PostgresLimits extends GroupCommitLimits {
  /** Connections that read. Beside them one writes. */
  readonly readConnections: number;
  /** Queries that run or wait for a connection; beyond it they are refused with `overloaded`. */
  readonly maxWaitingReads: number;
  /** A query that takes longer is cancelled and fails; one that finds no connection for so long is `overloaded`. */
  readonly readTimeoutMs: number;
  /** A commit that is not answered for so long is looked for on a new connection. */
  readonly commitTimeoutMs: number;
  /** How long one attempt to connect may take. */
  readonly connectTimeoutMs: number;
  /** How long the start waits for a database server that does not answer. */
  readonly startTimeoutMs: number;
  /**
   * How long a lost connection, or a commit that the server refuses, is tried again. Then the store has failed. One that
   * finds no room on the server's disk is tried again for as long as it takes (`roomRetryMs`).
   */
  readonly outageMs: number;
  /** The pause between two attempts. */
  readonly retryPauseMs: number;
  /** How long the start waits for the lock of a server that was there before. */
  readonly lockTimeoutMs: number;
}

/**
 * One connection writes: measured on two shared cores (docs/adr/0011), batches of 64, 256 and 1,024 messages on one
 * connection make 37,000, 60,000 and 96,000 durable messages a second, and a second connection makes them smaller.
 */
export const defaultPostgresLimits: PostgresLimits = {
  ...defaultGroupCommitLimits,
  readConnections: 4,
  maxWaitingReads: 1_024,
  readTimeoutMs: 10_000,
  commitTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  startTimeoutMs: 10_000,
  outageMs: 30_000,
  retryPauseMs: 100,
  lockTimeoutMs: 3_000,
};

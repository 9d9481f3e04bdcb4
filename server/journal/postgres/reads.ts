import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { JournalError } from '../journal-error.ts';
import { connectionConfig } from './connect.ts';
import type { PostgresLimits } from './limits.ts';
import { mayPass, reasonOf, sqlState } from './server-error.ts';

/** The rows of a query; each value is a text, a number or null. */
export type Row = Readonly<Record<string, string | number | null>>;

/** Asks the database; the values are those of `$1`, `$2` and so on. */
export type Ask = (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** A cancelled statement says so itself: it has had its time. */
const statementCancelled = '57014';

/** The connections that read, and the queries that wait for one. What is cut off by a lost connection is asked again. */
export class Reads {
  readonly #pool: pg.Pool;
  readonly #limits: PostgresLimits;
  #count = 0;
  #gone: JournalError | null = null;

  constructor(url: string, limits: PostgresLimits) {
    this.#limits = limits;
    this.#pool = new pg.Pool({
      ...connectionConfig(url, 'parley reads', limits),
      max: limits.readConnections,
      statement_timeout: limits.readTimeoutMs,
      // Also the longest wait for a free one.
      connectionTimeoutMillis: limits.readTimeoutMs,
      idleTimeoutMillis: 0,
    });
    // An idle connection that is lost is replaced when it is needed.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => void client.query('SET jit = off').catch(() => undefined));
  }

  /**
   * Runs queries on one connection. Rejects with `JournalError`: `overloaded` when too many wait or the database does
   * not answer, `closed` after `close`, `failed` when the database refuses.
   */
  async run<Result>(read: (ask: Ask) => Promise<Result>): Promise<Result> {
    if (this.#gone) throw this.#gone;
    if (this.#count >= this.#limits.maxWaitingReads)
      throw new JournalError('overloaded', 'Too many queries are waiting for the store.');
    this.#count += 1;
    try {
      return await this.#untilAnswered(read);
    } finally {
      this.#count -= 1;
    }
  }

  /** The same, with all queries on one state of the database and however long they take. */
  runOnOneState<Result>(read: (ask: Ask) => Promise<Result>): Promise<Result> {
    return this.run(async (ask) => {
      await ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await ask('SET LOCAL statement_timeout = 0');
      const result = await read(ask);
      await ask('COMMIT');
      return result;
    });
  }

  /** Nothing more is asked; resolves when what was asked is answered. */
  async close(): Promise<void> {
    this.#gone ??= new JournalError('closed', 'The store is closed.');
    await this.#pool.end();
  }

  async #untilAnswered<Result>(read: (ask: Ask) => Promise<Result>): Promise<Result> {
    const deadline = performance.now() + this.#limits.readTimeoutMs;
    for (;;) {
      try {
        return await this.#once(read);
      } catch (error) {
        if (!mayPass(error) || sqlState(error) === statementCancelled)
          throw new JournalError('failed', `The store could not be read: ${reasonOf(error)}.`);
        if (this.#gone) throw this.#gone;
        if (performance.now() > deadline)
          throw new JournalError('overloaded', `The database does not answer: ${reasonOf(error)}.`);
        await pause(this.#limits.retryPauseMs);
      }
    }
  }

  async #once<Result>(read: (ask: Ask) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    try {
      const result = await read(async (sql, values = []) => (await client.query<Row>(sql, [...values])).rows);
      client.release();
      return result;
    } catch (error) {
      // Whatever it was doing, nobody goes on with this connection.
      client.release(true);
      throw error;
    }
  }
}

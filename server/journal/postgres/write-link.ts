import pg from 'pg';
import { JournalError } from '../journal-error.ts';
import { connect, connectAtStart, connectionConfig, cut, explained } from './connect.ts';
import { databaseAddress } from './database-address.ts';
import type { PostgresLimits } from './limits.ts';
import { migrate } from './migrate.ts';
import { Pipeline } from './pipeline.ts';
import type { Statement } from './statement.ts';
import { endLeftovers, takeStoreLock } from './store-lock.ts';

export interface WriteLinkOptions {
  readonly url: string;
  /** What tells this server from every other: a random word. */
  readonly instance: string;
  readonly limits: PostgresLimits;
}

/** A server that is cut off from the network is let go of after this long. */
const session = `SET statement_timeout = 0; SET jit = off; SET tcp_keepalives_idle = 10;
  SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 20000;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`;

/** One connection that writes, with the lock of the store. Of no more use after the first error. */
export class WriteLink {
  readonly #client: pg.Client;
  readonly #prepared = new Set<string>();
  readonly #commitTimeoutMs: number;
  /** The number of the last commit that is durable. */
  lastCommit: number;

  private constructor(client: pg.Client, commitTimeoutMs: number, lastCommit: number) {
    this.#client = client;
    this.#commitTimeoutMs = commitTimeoutMs;
    this.lastCommit = lastCommit;
  }

  /**
   * Connects at the start: takes the lock, brings the schema up to date and counts commits from 0. Throws
   * `JournalError` with one sentence for the operator.
   */
  static async open({ url, instance, limits }: WriteLinkOptions): Promise<WriteLink> {
    const address = databaseAddress(url);
    const client = await connectAtStart(connectionConfig(url, nameOf(instance), limits), limits);
    try {
      await client.query(session);
      if (!(await takeStoreLock(client, limits.lockTimeoutMs)))
        throw new JournalError(
          'unusable',
          `The database ${address} is in use by another Parley; stop that one or choose another database.`,
        );
      await client.query('BEGIN');
      await migrate(client, address);
      await client.query('COMMIT');
      await client.query('UPDATE last_commit SET instance = $1, number = 0', [instance]);
    } catch (error) {
      cut(client);
      throw explained(url, error);
    }
    return new WriteLink(client, limits.commitTimeoutMs, 0);
  }

  /**
   * Connects again after a loss and reads which commit was the last. Rejects with `JournalError` when another server
   * has had the database in between: then nothing may be written any more. What else it rejects with may pass.
   */
  static async reopen({ url, instance, limits }: WriteLinkOptions): Promise<WriteLink> {
    const client = await connect(connectionConfig(url, nameOf(instance), limits));
    try {
      await client.query(session);
      await endLeftovers(client, nameOf(instance));
      if (!(await takeStoreLock(client, limits.commitTimeoutMs)))
        throw new Error('another server holds the lock');
      const { rows } = await client.query<{ instance: string; number: number }>(
        'SELECT instance, number FROM last_commit',
      );
      const [last] = rows;
      if (last?.instance !== instance)
        throw new JournalError(
          'failed',
          `Another server has taken over the database ${databaseAddress(url)} while it could not be reached.`,
        );
      return new WriteLink(client, limits.commitTimeoutMs, last.number);
    } catch (error) {
      cut(client);
      throw error;
    }
  }

  /** Called once when the connection has ended, however it came to that. */
  onEnd(ended: () => void): void {
    this.#client.once('end', ended);
  }

  /** Commits the statements in one transaction; resolves once the server has said that they are committed. */
  run(statements: readonly Statement[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`a commit was not answered for ${this.#commitTimeoutMs} ms`));
        this.cut();
      }, this.#commitTimeoutMs);
      const onDone = (error: Error | null): void => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
      this.#client.query(new Pipeline(statements, this.#prepared, onDone));
    });
  }

  /** Ends the connection in good order, and with it the lock. */
  end(): Promise<void> {
    return this.#client.end();
  }

  /** Drops the connection as it is. */
  cut(): void {
    cut(this.#client);
  }
}

function nameOf(instance: string): string {
  return `parley ${instance}`;
}

import { setTimeout as pause } from 'node:timers/promises';
import type { Batch } from '../group-commit.ts';
import type { JournalEntry } from '../journal.ts';
import { JournalError } from '../journal-error.ts';
import { databaseAddress } from './database-address.ts';
import { lacksRoom, mayPass, reasonOf, sqlState } from './server-error.ts';
import { statement, type Statement } from './statement.ts';
import { archiveStatements, tableStatements } from './table-statements.ts';
import { WriteLink, type WriteLinkOptions } from './write-link.ts';

const mark = statement('mark_commit', 'UPDATE last_commit SET number = $1');
// Every event as it stands in the batch's JSON: nothing in it is parsed or escaped twice.
const addEvents = statement(
  'add_events',
  `INSERT INTO events (chat_id, seq, event) SELECT chat_id, seq, event::text
   FROM ROWS FROM (unnest($1::text[]), unnest($2::int[]), json_array_elements($3::json)) AS batch (chat_id, seq, event)`,
);

/**
 * Commits batches one after the other, each in one round trip and one transaction, which also writes the commit's
 * number. When the outcome of a commit is unknown because the connection was lost, or the server failed in it, the
 * number that a new connection finds tells whether it is there: then it counts, and otherwise it is done again. A new
 * connection waits until the lost one has ended, so nothing of that comes later.
 */
export class Writer {
  readonly #options: WriteLinkOptions;
  readonly #address: string;
  readonly #onFailed: (sentence: string) => void;
  #link: WriteLink | null = null;
  #reopening: Promise<WriteLink> | null = null;
  #number = 0;
  #isRunning = false;
  #isClosed = false;
  /** Since when nothing has succeeded. */
  #failingSinceMs: number | null = null;

  private constructor(options: WriteLinkOptions, onFailed: (sentence: string) => void) {
    this.#options = options;
    this.#address = databaseAddress(options.url);
    this.#onFailed = onFailed;
  }

  /**
   * Throws `JournalError` when the database cannot be used. `onFailed` is called when it was out of reach for too long
   * while nothing was to be committed.
   */
  static async open(options: WriteLinkOptions, onFailed: (sentence: string) => void): Promise<Writer> {
    const writer = new Writer(options, onFailed);
    writer.#use(await WriteLink.open(options));
    return writer;
  }

  /**
   * Resolves when the batch is durable. Rejects with `JournalError`: `full` when the server has no room for it, and then the
   * same batch must come next; `failed` when nothing more may be committed.
   */
  async commit(batch: Batch, entries: readonly JournalEntry[]): Promise<void> {
    this.#isRunning = true;
    const number = this.#number + 1;
    const statements = statementsOf(number, batch, entries);
    try {
      while (!(await this.#isCommitted(number, statements)));
    } catch (error) {
      this.#isRunning = !isFull(error);
      throw error;
    }
    this.#number = number;
    this.#isRunning = false;
    this.#failingSinceMs = null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const link = this.#link;
    this.#link = null;
    await link?.end();
  }

  /** One attempt; false: try again. */
  async #isCommitted(number: number, statements: readonly Statement[]): Promise<boolean> {
    const link = this.#link ?? (await this.#reopen());
    if (link.lastCommit === number) return true;
    if (link.lastCommit !== number - 1)
      throw this.#failed(
        `has gone back to commit ${link.lastCommit} of this server after ${number - 1} was confirmed`,
      );
    try {
      await link.run(statements);
      link.lastCommit = number;
      return true;
    } catch (error) {
      if (sqlState(error) === '23505')
        throw this.#failed(`was written by another server at the same time: ${reasonOf(error)}`);
      if (!mayPass(error)) throw this.#failed(`could not be written: ${reasonOf(error)}`);
      this.#link = null;
      link.cut();
      await this.#waitAfter(error);
      return false;
    }
  }

  #use(link: WriteLink): WriteLink {
    this.#link = link;
    link.onEnd(() => {
      if (this.#link !== link) return;
      this.#link = null;
      // A commit that runs hears of it and opens a new one.
      if (this.#isRunning || this.#isClosed) return;
      this.#reopen().then(
        () => (this.#failingSinceMs = null),
        (error: unknown) => {
          // Without room the next commit tries again.
          if (!isFull(error)) this.#onFailed(error instanceof Error ? error.message : String(error));
        },
      );
    });
    return link;
  }

  #reopen(): Promise<WriteLink> {
    this.#reopening ??= this.#connectAgain().finally(() => (this.#reopening = null));
    return this.#reopening;
  }

  async #connectAgain(): Promise<WriteLink> {
    for (;;) {
      if (this.#isClosed) throw new JournalError('closed', 'The store is closed.');
      try {
        return this.#use(await WriteLink.reopen(this.#options));
      } catch (error) {
        if (error instanceof JournalError) throw error;
        await this.#waitAfter(error);
      }
    }
  }

  /** Throws `JournalError` when the server has no room, and when nothing has succeeded for too long. */
  async #waitAfter(error: unknown): Promise<void> {
    if (lacksRoom(error)) {
      // It answers, so this is no outage.
      this.#failingSinceMs = null;
      throw new JournalError(
        'full',
        `The disk of the database ${this.#address} is full: ${reasonOf(error)}.`,
      );
    }
    const { outageMs, retryPauseMs } = this.#options.limits;
    const nowMs = performance.now();
    this.#failingSinceMs ??= nowMs;
    if (nowMs - this.#failingSinceMs >= outageMs)
      throw this.#failed(`could not be written for ${Math.round(outageMs / 1000)} s: ${reasonOf(error)}`);
    await pause(retryPauseMs);
  }

  #failed(what: string): JournalError {
    return new JournalError('failed', `The database ${this.#address} ${what}.`);
  }
}

/** Whether the server has no room for the commit, of which nothing is there then. */
export function isFull(error: unknown): boolean {
  return error instanceof JournalError && error.code === 'full';
}

function statementsOf(number: number, batch: Batch, entries: readonly JournalEntry[]): readonly Statement[] {
  const events = entries.flatMap((entry) => entry.events);
  const writes = entries.flatMap((entry) => entry.writes).filter(({ table }) => table !== 'archive');
  const keys = [events.map(({ chatId }) => chatId), events.map(({ seq }) => seq)] as const;
  return [
    mark(number),
    ...(events.length === 0 ? [] : [addEvents(...keys, batch.events)]),
    ...writes.flatMap(tableStatements),
    ...batch.archives.flatMap(archiveStatements),
  ];
}

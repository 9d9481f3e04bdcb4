import type { Connection, Submittable } from 'pg';
import { wireValue, type Statement } from './statement.ts';

/**
 * The messages of PostgreSQL's extended query protocol as `pg` sends them. Its type declarations are those of an
 * older version.
 */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly (string | null)[] }): void;
  execute(message: null): void;
  sync(): void;
}

/**
 * Several statements in one round trip and one transaction: they are sent together with one Sync behind them, up to
 * which the server runs them as one ("Pipelining", postgresql.org/docs/current/protocol-flow.html). `onDone` is called
 * when the server reports that it is ready again, which it does once the transaction is committed, or with the error,
 * after which nothing of it was done. A connection that has failed is of no more use.
 */
export class Pipeline implements Submittable {
  readonly #statements: readonly Statement[];
  readonly #prepared: Set<string>;
  readonly #onDone: (error: Error | null) => void;
  #error: Error | null = null;

  /** `prepared` are the names of the statements that the connection knows; those that it learns are added. */
  constructor(
    statements: readonly Statement[],
    prepared: Set<string>,
    onDone: (error: Error | null) => void,
  ) {
    this.#statements = statements;
    this.#prepared = prepared;
    this.#onDone = onDone;
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire;
    wire.stream.cork();
    for (const { name, text, values } of this.#statements) {
      if (!this.#prepared.has(name)) {
        wire.parse({ name, text });
        this.#prepared.add(name);
      }
      wire.bind({ statement: name, values: values.map(wireValue) });
      wire.execute(null);
    }
    wire.sync();
    wire.stream.uncork();
  }

  // What follows is called by `pg`.

  handleError(error: Error): void {
    if (this.#error) return;
    this.#error = error;
    this.#onDone(error);
  }

  handleReadyForQuery(): void {
    if (!this.#error) this.#onDone(null);
  }

  handleCommandComplete(): void {}
  handleDataRow(): void {}
  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}

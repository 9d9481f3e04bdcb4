import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Prepares a statement that is run and not read. `run` reports the last rowid of the connection, whichever table it
 * was written to; the full-text index writes rows of its own beyond what a JavaScript number holds when something is
 * removed from it, and `run` would throw for them. As BigInt they pass.
 */
export function prepareWrite(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
}

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RequestKeyRow, RequestOutcome, TableWrite } from '../journal.ts';
import { prepareWrite } from './prepare-write.ts';

type RequestKeyWrite = Extract<TableWrite, { readonly table: 'request_keys' }>;

/** Writes what requests with an idempotency key have done; part of `BatchWriter`'s transaction. */
export class RequestKeyWriter {
  readonly #insert: StatementSync;
  readonly #forgetUpTo: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = prepareWrite(
      db,
      'INSERT INTO request_keys (number, digest, fingerprint, outcome, at_ms) VALUES (?, ?, ?, ?, ?)',
    );
    this.#forgetUpTo = prepareWrite(db, 'DELETE FROM request_keys WHERE number <= ?');
    this.#forget = prepareWrite(db, 'DELETE FROM request_keys WHERE number = ?');
  }

  write(write: RequestKeyWrite): void {
    if ('forgetUpTo' in write) {
      this.#forgetUpTo.run(write.forgetUpTo);
      return;
    }
    if ('forget' in write) {
      this.#forget.run(write.forget);
      return;
    }
    const { number, digest, fingerprint, outcome, atMs } = write.row;
    this.#insert.run(number, digest, fingerprint, JSON.stringify(outcome), atMs);
  }
}

/** All rows in the order of their numbers. The casts are the types with which `RequestKeyWriter` filled the columns. */
export function requestKeyRows(db: DatabaseSync): readonly RequestKeyRow[] {
  const rows = db.prepare('SELECT * FROM request_keys ORDER BY number').all();
  return rows.map((row) => ({
    number: row['number'] as number,
    digest: row['digest'] as string,
    fingerprint: row['fingerprint'] as string,
    outcome: JSON.parse(row['outcome'] as string) as RequestOutcome,
    atMs: row['at_ms'] as number,
  }));
}

import type { RequestKeyRow, RequestOutcome, TableWrite } from '../journal.ts';
import type { Ask } from './reads.ts';
import { statement, type Statement } from './statement.ts';
import { restored } from './stored-text.ts';

type RequestKeyWrite = Extract<TableWrite, { readonly table: 'request_keys' }>;

const insert = statement(
  'add_request_key',
  'INSERT INTO request_keys (number, digest, fingerprint, outcome, at_ms) VALUES ($1, $2, $3, $4, $5)',
);
const forgetUpTo = statement('forget_request_keys', 'DELETE FROM request_keys WHERE number <= $1');
const forget = statement('forget_request_key', 'DELETE FROM request_keys WHERE number = $1');

/** What writes or forgets what requests with an idempotency key have done. */
export function requestKeyStatement(write: RequestKeyWrite): Statement {
  if ('forgetUpTo' in write) return forgetUpTo(write.forgetUpTo);
  if ('forget' in write) return forget(write.forget);
  const { number, digest, fingerprint, outcome, atMs } = write.row;
  return insert(number, digest, fingerprint, JSON.stringify(outcome), atMs);
}

/** All rows in the order of their numbers. The casts are the types with which `requestKeyStatement` filled the columns. */
export async function requestKeyRows(ask: Ask): Promise<readonly RequestKeyRow[]> {
  const rows = await ask('SELECT * FROM request_keys ORDER BY number');
  return rows.map((row) => ({
    number: row['number'] as number,
    digest: restored(row['digest'] as string),
    fingerprint: restored(row['fingerprint'] as string),
    outcome: JSON.parse(restored(row['outcome'] as string)) as RequestOutcome,
    atMs: row['at_ms'] as number,
  }));
}

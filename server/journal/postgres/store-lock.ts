import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { JournalError } from '../journal-error.ts';
import { connectAtStart, connectionConfig } from './connect.ts';
import { databaseAddress } from './database-address.ts';
import { defaultPostgresLimits } from './limits.ts';

/** "PRLY", as in the header of the embedded store; with the number of the schema it is the lock's key. */
const lockClass = 0x50524c59;
const key = `(${lockClass}::bigint << 32) | (SELECT oid::bigint FROM pg_namespace WHERE nspname = current_schema())`;

/**
 * Takes the lock that keeps a second server out of the same tables. It belongs to the connection and ends with it.
 * Waits up to `timeoutMs` for whoever holds it; returns whether it was taken.
 */
export async function takeStoreLock(client: pg.Client, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS taken`);
    if (rows[0]?.taken) return true;
    if (performance.now() > deadline) return false;
    await pause(50);
  }
}

/**
 * Ends other connections of the same name and user: what is left on the server of a connection that was lost. What
 * such a connection was sent may still be carried out until it has ended, and it holds the lock.
 */
export async function endLeftovers(client: pg.Client, name: string): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1
       AND pid <> pg_backend_pid() AND datname = current_database() AND usename = current_user`,
    [name],
  );
}

/**
 * Keeps servers out of the database until what is returned is called. Throws `JournalError` when one has it open or it
 * cannot be reached.
 */
export async function lockDatabase(url: string): Promise<() => Promise<void>> {
  const limits = defaultPostgresLimits;
  const client = await connectAtStart(connectionConfig(url, 'parley lock', limits), limits);
  if (await takeStoreLock(client, 0)) return () => client.end();
  await client.end();
  throw new JournalError(
    'unusable',
    `The database ${databaseAddress(url)} is in use by another Parley; stop that one first.`,
  );
}

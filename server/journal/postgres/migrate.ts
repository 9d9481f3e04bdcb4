import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';
import { JournalError } from '../journal-error.ts';

/** The schema changes in order; a file `0007-name.sql` makes version 7. */
function readMigrations(): readonly { readonly version: number; readonly sql: string }[] {
  const folder = new URL('./migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), sql: readFileSync(new URL(name, folder), 'utf8') }));
}

/** The newest schema that this program knows. */
export function newestSchema(): number {
  return readMigrations().at(-1)?.version ?? 0;
}

/** The schema of the tables; 0 when there are none. Throws `JournalError` when they are another program's. */
export async function schemaVersion(client: pg.ClientBase, address: string): Promise<number> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p')
       AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())`,
  );
  if (rows.length === 0) return 0;
  if (!rows.some(({ name }) => name === 'parley_schema'))
    throw new JournalError(
      'unusable',
      `The database ${address} holds tables of another program; give Parley a database or a schema of its own.`,
    );
  const found = await client.query<{ version: number }>('SELECT version FROM parley_schema');
  return found.rows[0]?.version ?? 0;
}

/**
 * Brings the schema up to date, in the transaction that is open. Throws `JournalError` when it is newer than this
 * program's.
 */
export async function migrate(client: pg.ClientBase, address: string): Promise<void> {
  const migrations = readMigrations();
  const newest = newestSchema();
  const version = await schemaVersion(client, address);
  if (version > newest)
    throw new JournalError(
      'unusable',
      `The database ${address} was written by a newer Parley (schema ${version}, this one knows ${newest}); upgrade Parley or restore an older backup.`,
    );
  if (version === newest) return;
  if (version === 0)
    await client.query(
      'CREATE TABLE parley_schema (version integer NOT NULL); INSERT INTO parley_schema VALUES (0)',
    );
  for (const migration of migrations) if (migration.version > version) await client.query(migration.sql);
  await client.query('UPDATE parley_schema SET version = $1', [newest]);
}

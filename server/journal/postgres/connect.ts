import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { JournalError } from '../journal-error.ts';
import { databaseAddress } from './database-address.ts';
import type { PostgresLimits } from './limits.ts';
import { mayPass, reasonOf, sqlState } from './server-error.ts';

/** The oldest server whose features are used: incremental sorting came with 13. */
const oldestVersion = 13;

const int8 = 20;

/** Counts and times are below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** How every connection of the store is made. `name` is what the database server lists it by. */
export function connectionConfig(url: string, name: string, limits: PostgresLimits): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    keepAlive: true,
    types,
  };
}

/** What an operator can do about it, by SQLSTATE. */
const advice: Readonly<Record<string, string>> = {
  '28P01': 'refuses the password; check the user and the password of PARLEY_DATABASE_URL.',
  '28000': 'does not let this user in from here; check the user and the rules of pg_hba.conf.',
  '3D000': 'has no database of that name; create it or correct PARLEY_DATABASE_URL.',
  '53100': 'has no room left on its disk; make some and start again.',
  '53300': 'has no connection left; raise its max_connections or lower database.readConnections.',
  '42501': 'does not let this user create tables; give it a database or a schema of its own.',
};

/** The error as a sentence for whoever starts the server. */
export function explained(url: string, error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const address = databaseAddress(url);
  const known = advice[sqlState(error) ?? ''];
  if (known !== undefined) return new JournalError('unusable', `The database server ${address} ${known}`);
  const reached = sqlState(error) !== null;
  return new JournalError(
    'unusable',
    reached
      ? `The database ${address} cannot be used: ${reasonOf(error)}.`
      : `The database server ${address} cannot be reached: ${reasonOf(error)}; start it or correct PARLEY_DATABASE_URL.`,
  );
}

/** Resolves with an open connection. Rejects with what `pg` reports. */
export async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  // Whoever uses the connection hears of its loss by its statements.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    cut(client);
    throw error;
  }
}

/** Ends the connection without a word, for one that does not answer any more. */
export function cut(client: pg.ClientBase): void {
  // Not in the type declarations; `end` would wait for the server.
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** The same as `connect`, but waits for a server that does not answer yet. Throws `JournalError`. */
export async function connectAtStart(config: pg.ClientConfig, limits: PostgresLimits): Promise<pg.Client> {
  const url = config.connectionString ?? '';
  databaseAddress(url);
  const deadline = performance.now() + limits.startTimeoutMs;
  for (;;) {
    try {
      const client = await connect(config);
      await checkServer(client, url);
      return client;
    } catch (error) {
      // A server that is starting refuses with 57P03; one that answers anything else has its reasons.
      const waits = sqlState(error) === null || sqlState(error) === '57P03';
      const isOurs = error instanceof JournalError;
      if (isOurs || !waits || !mayPass(error) || performance.now() > deadline) throw explained(url, error);
      await pause(limits.retryPauseMs);
    }
  }
}

async function checkServer(client: pg.Client, url: string): Promise<void> {
  const refused = await serverProblem(client);
  if (refused === null) return;
  await client.end();
  throw new JournalError('unusable', `The database ${databaseAddress(url)} ${refused}`);
}

async function serverProblem(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ version: string; encoding: string; schema: string | null }>(
    `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding,
       current_schema() AS schema`,
  );
  const [{ version = '0', encoding = '', schema = null } = {}] = rows;
  const major = Math.floor(Number(version) / 10_000);
  if (major < oldestVersion)
    return `is PostgreSQL ${major}; Parley needs ${oldestVersion} or newer, so upgrade the server.`;
  if (encoding !== 'UTF8') return `is encoded in ${encoding}; create one with the encoding UTF8.`;
  if (schema === null) return 'has no schema of its search path; create the schema or correct search_path.';
  return null;
}

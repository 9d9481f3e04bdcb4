import { makeTestSchema, type TestSchema } from '@parley/server/journal/postgres/test-database.ts';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

// eslint-disable-next-line node/no-process-env -- as the tests of the store do
const address = process.env['PARLEY_TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

let found: boolean | undefined;

/** Whether there is a PostgreSQL to measure with; says so once when there is none. */
export async function hasPostgres(): Promise<boolean> {
  if (found !== undefined) return found;
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.end();
    found = true;
  } catch {
    console.log('There is no PostgreSQL to measure with; start one or set PARLEY_TEST_DATABASE_URL.');
    found = false;
  }
  return found;
}

/** An empty schema for one run. */
export function emptySchema(): Promise<TestSchema> {
  return makeTestSchema(address);
}

/** An empty database for one run, for servers that cannot be told a schema. `drop` ends whoever is still connected. */
export async function emptyDatabase(): Promise<Pick<TestSchema, 'url' | 'drop'>> {
  const name = `parley_bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(address);
  url.pathname = `/${name}`;
  await execute(`CREATE DATABASE ${name}`);
  return { url: url.href, drop: () => execute(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function execute(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

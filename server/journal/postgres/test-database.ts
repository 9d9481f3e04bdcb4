import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** For tests only: where PostgreSQL is. Each test makes a schema of its own there and drops it. */
const address = process.env['PARLEY_TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/**
 * Where the tests find PostgreSQL. Null, and a line on standard error, when it is not there: then its tests are
 * skipped. With CI set it has to be there.
 */
export async function testDatabaseUrl(): Promise<string | null> {
  const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.end();
    return address;
  } catch (error) {
    const reason = error instanceof Error ? error.message || String(error) : String(error);
    const sentence = `There is no PostgreSQL to test with (${reason}); start one or set PARLEY_TEST_DATABASE_URL.`;
    if (process.env['CI']) throw new Error(sentence, { cause: error });
    process.stderr.write(`\nSKIPPED: ${sentence}\n\n`);
    return null;
  }
}

/** A schema of its own in the test database. */
export interface TestSchema {
  /** The database, seen from this schema. */
  readonly url: string;
  /** Runs SQL in it. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** Makes an empty schema. `url` is where, as `testDatabaseUrl` gave it. */
export async function makeTestSchema(url: string): Promise<TestSchema> {
  const name = `parley_test_${randomBytes(6).toString('hex')}`;
  const inSchema = new URL(url);
  inSchema.searchParams.set('options', `-c search_path=${name} -c client_min_messages=warning`);
  await once(url, `CREATE SCHEMA ${name}`);
  return {
    url: inSchema.href,
    sql: (text, values) => once(inSchema.href, text, values),
    drop: async () =>
      void (await once(url, `SET client_min_messages = warning; DROP SCHEMA ${name} CASCADE`)),
  };
}

/**
 * Schemas that are used one after the other: emptying one takes a tenth of the time of making one. Several can be in
 * use at once.
 */
export class TestSchemas {
  readonly #url: string;
  readonly #free: TestSchema[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  /** An empty one. To be given back when every journal on it is closed. */
  async take(): Promise<TestSchema> {
    return this.#free.pop() ?? makeTestSchema(this.#url);
  }

  async giveBack(schema: TestSchema): Promise<void> {
    await schema.sql(emptyAll);
    this.#free.push(schema);
  }

  async dropAll(): Promise<void> {
    for (const schema of this.#free.splice(0)) await schema.drop();
  }
}

/** Deletes every row of the store, also where that is forbidden. */
const emptyAll = `DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relname NOT IN ('parley_schema', 'last_commit')
    AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) LOOP
    EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', one);
    EXECUTE format('DELETE FROM %I', one);
    EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', one);
  END LOOP; END $$`;

async function once(
  url: string,
  text: string,
  values?: readonly unknown[],
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, values ? [...values] : undefined)).rows;
  } finally {
    await client.end();
  }
}

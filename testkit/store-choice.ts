import { makeTestSchema, testDatabaseUrl } from '@parley/server/journal/postgres/test-database.ts';

/** The store of a server in a box. */
export interface BoxStore {
  /** Null: the embedded one, in the data folder. */
  readonly databaseUrl: string | null;
  discard(): Promise<void>;
}

/** In the data folder, and gone with it. */
export const embeddedStore: BoxStore = { databaseUrl: null, discard: () => Promise.resolve() };

/**
 * What `PARLEY_TEST_STORE` asks for: `postgres` gives each server a schema of its own in the test database, anything
 * else the embedded store. Rejects when there is no such database.
 */
export async function chooseStore(): Promise<BoxStore> {
  if (process.env['PARLEY_TEST_STORE'] !== 'postgres') return embeddedStore;
  const url = await testDatabaseUrl();
  if (url === null) throw new Error('PARLEY_TEST_STORE asks for PostgreSQL, and there is none');
  const schema = await makeTestSchema(url);
  return { databaseUrl: schema.url, discard: () => schema.drop() };
}

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appended } from '../journal-suite.ts';
import type { Journal } from '../journal.ts';
import { SampleChat } from '../sample-chat.ts';
import { databaseAddress } from './database-address.ts';
import { openPostgresJournal } from './open.ts';
import { auditRow } from '../provisioning-suite.ts';
import { makeTestSchema, testDatabaseUrl, type TestSchema } from './test-database.ts';

const url = await testDatabaseUrl();

function open(at: string, limits = {}): Promise<Journal> {
  return openPostgresJournal({
    url: at,
    limits: { lockTimeoutMs: 100, startTimeoutMs: 100, ...limits },
    onFatal: (error) => {
      throw error;
    },
  });
}

async function sentence(at: string): Promise<string> {
  const error: unknown = await open(at).then(
    () => new Error('it opened'),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'JournalError', code: 'unusable' });
  return error instanceof Error ? error.message : '';
}

function changed(at: string, change: (url: URL) => void): string {
  const result = new URL(at);
  change(result);
  return result.href;
}

test('an address names everything but the password', () => {
  expect(databaseAddress('postgres://ann:secret@db.example:6543/chats?sslmode=verify-full')).toBe(
    'ann@db.example:6543/chats',
  );
  expect(databaseAddress('postgresql://db.example/chats?user=ann&password=secret')).toBe(
    'ann@db.example:5432/chats',
  );
  expect(() => databaseAddress('postgres://ann:secret@:x/')).toThrow(/^(?!.*secret).*cannot be read/);
});

describe.skipIf(url === null)('a database', () => {
  let schema: TestSchema;

  beforeEach(async () => {
    schema = await makeTestSchema(url ?? '');
  });
  afterEach(() => schema.drop());

  test('that cannot be used is told in one sentence without its password', async () => {
    const secret = changed(schema.url, (at) => (at.password = 'secret'));
    const where = databaseAddress(schema.url);
    expect(await sentence(changed(secret, (at) => (at.port = '1')))).toMatch(
      /^The database server .*:1\/.* cannot be reached: connect ECONNREFUSED .*; start it or correct PARLEY_DATABASE_URL\.$/,
    );
    expect(await sentence(changed(secret, (at) => (at.pathname = '/no_such_database')))).toMatch(
      /^The database server .*no_such_database has no database of that name; create it/,
    );
    expect(await sentence(changed(secret, (at) => (at.username = 'no_such_user')))).toMatch(
      /^The database server no_such_user@.* (does not let this user in|refuses the password)/,
    );
    expect(
      await sentence(
        changed(secret, (at) => at.searchParams.set('options', '-c search_path=no_such_schema')),
      ),
    ).toBe(
      `The database ${where} has no schema of its search path; create the schema or correct search_path.`,
    );
  });

  test('that another server has open is refused, and not once that has closed', async () => {
    const journal = await open(schema.url);
    expect(await sentence(schema.url)).toBe(
      `The database ${databaseAddress(schema.url)} is in use by another Parley; stop that one or choose another database.`,
    );
    await journal.close();
    await (await open(schema.url)).close();
  });

  test('of another program is left alone', async () => {
    await schema.sql('CREATE TABLE theirs (a integer)');
    expect(await sentence(schema.url)).toBe(
      `The database ${databaseAddress(schema.url)} holds tables of another program; give Parley a database or a schema of its own.`,
    );
    expect(
      await schema.sql("SELECT relname FROM pg_class WHERE relnamespace = 'theirs'::regclass::oid"),
    ).toEqual([]);
  });

  test('with a newer schema is refused', async () => {
    await (await open(schema.url)).close();
    await schema.sql('UPDATE parley_schema SET version = 9999');
    expect(await sentence(schema.url)).toMatch(
      /was written by a newer Parley \(schema 9999, this one knows \d+\); upgrade Parley or restore an older backup\.$/,
    );
  });

  test('whose new schema cannot be made whole stays empty', async () => {
    await schema.sql('CREATE FUNCTION refuse_change() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$');
    expect(await sentence(schema.url)).toMatch(/cannot be used: function "refuse_change" already exists/);
    expect(
      await schema.sql(
        'SELECT relname FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())',
      ),
    ).toEqual([]);
  });

  test('acknowledges only what its server has written to disk, even where that is switched off', async () => {
    const careless = changed(schema.url, (at) =>
      at.searchParams.set('options', `${at.searchParams.get('options')} -c synchronous_commit=off`),
    );
    const journal = await open(careless);
    await schema.sql(`CREATE TABLE seen (setting text);
      CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE TRIGGER look AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION look()`);
    await appended(journal, new SampleChat('chat').request());
    await journal.close();
    expect(await schema.sql('SELECT DISTINCT setting FROM seen')).toEqual([{ setting: 'on' }]);
  });

  test('does not let its audit be changed or shortened', async () => {
    const journal = await open(schema.url);
    await appended(journal, { events: [], writes: [{ table: 'audit', row: auditRow(1) }] });
    await journal.close();
    for (const change of [
      "UPDATE audit SET user_name = 'somebody else'",
      'DELETE FROM audit',
      'TRUNCATE audit',
    ])
      await expect(schema.sql(change)).rejects.toThrow('append-only');
  });

  test('has the schema that is written down in schema.golden.sql', async () => {
    await (await open(schema.url)).close();
    const lines = await schema.sql(schemaSql);
    const version = await schema.sql('SELECT version FROM parley_schema');
    const name = schema.url.match(/parley_test_\w+/)?.[0] ?? '';
    const text = lines.map(({ line }) => String(line).replaceAll(`${name}.`, '')).join('\n');
    await expect(`-- version ${String(version[0]?.['version'])}\n${text}\n`).toMatchFileSnapshot(
      'schema.golden.sql',
    );
  });
});

/** Every column, constraint, index, trigger and function, one a line. */
const schemaSql = `
  WITH here AS (SELECT oid FROM pg_namespace WHERE nspname = current_schema()),
  tables AS (SELECT c.oid, relname FROM pg_class c WHERE relkind = 'r' AND relnamespace = (SELECT oid FROM here))
  SELECT line FROM (
    SELECT relname, 1 AS part, attnum::int AS place, format('%s.%s %s%s%s%s', relname, attname,
      format_type(atttypid, atttypmod),
      CASE WHEN collname IS NOT NULL AND collname <> 'default' THEN ' COLLATE ' || collname::text ELSE '' END,
      CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END,
      CASE attidentity WHEN 'd' THEN ' IDENTITY' ELSE coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '') END) AS line
    FROM tables JOIN pg_attribute a ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    UNION ALL SELECT relname, 2, 0, format('%s: %s %s', relname, conname, pg_get_constraintdef(k.oid))
    FROM tables JOIN pg_constraint k ON conrelid = tables.oid AND contype <> 'n'
    UNION ALL SELECT tablename, 3, 0, indexdef FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT relname, 4, 0, pg_get_triggerdef(t.oid) FROM tables JOIN pg_trigger t ON tgrelid = tables.oid AND NOT tgisinternal
    UNION ALL SELECT '~', 5, 0, proname || '(' || pg_get_function_arguments(oid) || ') ' || prokind::text
    FROM pg_proc WHERE pronamespace = (SELECT oid FROM here)
  ) AS all_lines ORDER BY relname COLLATE "C", part, place, line COLLATE "C"`;

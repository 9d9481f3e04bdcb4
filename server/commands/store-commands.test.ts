import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Journal } from '../journal/journal.ts';
import { digestOf } from '../journal/migrate/copy-store.ts';
import { openPostgresContents } from '../journal/postgres/contents.ts';
import { openPostgresJournal } from '../journal/postgres/open.ts';
import { TestSchemas, testDatabaseUrl, type TestSchema } from '../journal/postgres/test-database.ts';
import { fillStore } from '../journal/sample-store.ts';
import { SampleChat } from '../journal/sample-chat.ts';
import { openSqliteContents } from '../journal/sqlite/contents.ts';
import { openSqliteJournal } from '../journal/sqlite/open.ts';
import { runCommand } from './run-command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function parley(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const exitCode = await runCommand({
    args,
    env: {},
    print: (text) => void out.push(text),
    printError: (text) => void err.push(text),
  });
  return { exitCode, out: out.join(''), err: err.join('') };
}

function onFatal(error: Error): never {
  throw error;
}

function openFolder(name: string): Promise<Journal> {
  return openSqliteJournal({ path: join(folder, name, 'parley.db'), limits: { maxWalPages: 400 }, onFatal });
}

async function filledFolder(name: string): Promise<string> {
  const journal = await openFolder(name);
  await fillStore(journal, 30);
  await journal.close();
  return join(folder, name);
}

function digestOfFile(path: string): Promise<unknown> {
  return digestOf(openSqliteContents(path));
}

describe('parley backup', () => {
  test('copies what is durable while the server goes on, and the copy can be started', async () => {
    const journal = await openFolder('data');
    await fillStore(journal);
    const chat = new SampleChat('meanwhile');
    let appended = 0;
    const go = (): void =>
      journal.append(
        appended === 0 ? chat.request() : chat.say('still here'),
        () => (appended += 1) < 500 && go(),
      );
    go();
    const { exitCode, out } = await parley(
      'backup',
      '--data-folder',
      join(folder, 'data'),
      '--to',
      join(folder, 'copy.db'),
    );
    expect(out).toMatch(/copy\.db: [23] live and 6 closed chats .*: no problem\n$/);
    expect(exitCode).toBe(0);
    await expect.poll(() => appended).toBe(500);
    const live = await journal.recover();
    await journal.close();
    mkdirSync(join(folder, 'restored'));
    writeFileSync(join(folder, 'restored', 'parley.db'), readFileSync(join(folder, 'copy.db')));
    const restored = await openFolder('restored');
    const found = await restored.recover();
    expect(found.liveChats.get(chat.id)?.length ?? 0).toBeLessThanOrEqual(chat.events.length);
    expect(found.agents).toEqual(live.agents);
    await restored.close();
  });

  test('makes a new file or none', async () => {
    const data = await filledFolder('data');
    writeFileSync(join(folder, 'there'), 'mine');
    expect(await parley('backup', '--data-folder', data, '--to', join(folder, 'there'))).toMatchObject({
      exitCode: 1,
      err: `${join(folder, 'there')} exists already; name a new file.\n`,
    });
    expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('mine');
    expect(
      await parley('backup', '--data-folder', join(folder, 'none'), '--to', join(folder, 'x')),
    ).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('There is no database at'),
    });
    expect(await parley('backup')).toMatchObject({ exitCode: 2 });
  });
});

describe('parley verify', () => {
  test('tells each problem and ends with 1', async () => {
    const data = await filledFolder('data');
    expect(await parley('verify', '--data-folder', data)).toEqual({
      exitCode: 0,
      err: '',
      out: `${join(data, 'parley.db')}: 2 live and 31 closed chats with 340 events, 0 files, 2 contacts, 4 audit rows: no problem\n`,
    });
    const db = new DatabaseSync(join(data, 'parley.db'));
    db.exec("UPDATE chats SET queue = 'elsewhere' WHERE id = 'closed3'");
    db.close();
    const { exitCode, out } = await parley('verify', '--data-folder', data);
    expect(exitCode).toBe(1);
    expect(out).toContain(
      'chat closed3: its queue is "elsewhere" in the list of chats and "support" by its log\n',
    );
    expect(out).toMatch(/: 1 problems\n$/);
  });
});

const url = await testDatabaseUrl();
const schemas = new TestSchemas(url ?? '');
afterAll(() => schemas.dropAll());

describe.skipIf(url === null)('parley migrate', () => {
  let schema: TestSchema;
  beforeEach(async () => {
    schema = await schemas.take();
  });
  afterEach(() => schemas.giveBack(schema));

  test('copies to PostgreSQL and back, and nothing is different', async () => {
    const data = await filledFolder('data');
    const source = await digestOfFile(join(data, 'parley.db'));
    const there = await parley('migrate', '--from', data, '--to', schema.url);
    expect(there).toMatchObject({ exitCode: 0, err: '' });
    expect(there.out).toMatch(/^logs 33 [0-9a-f]{64}$/m);
    expect(await parley('verify', '--database', schema.url)).toMatchObject({ exitCode: 0 });
    const back = await parley('migrate', '--from', schema.url, '--to', join(folder, 'back'));
    expect(back.out.split('\n').slice(0, -2)).toEqual(there.out.split('\n').slice(0, -2));
    expect(await parley('verify', '--data-folder', join(folder, 'back'))).toMatchObject({ exitCode: 0 });
    expect(await digestOfFile(join(folder, 'back', 'parley.db'))).toEqual(source);
    expect(await digestOfFile(join(data, 'parley.db'))).toEqual(source);
    expect(existsSync(join(folder, 'back', 'parley.db.copying'))).toBe(false);
  });

  test('a server goes on with the copy: searches find, new chats get their place', async () => {
    await parley('migrate', '--from', await filledFolder('data'), '--to', schema.url);
    const journal = await openPostgresJournal({ url: schema.url, onFatal });
    const newest = new SampleChat('newest');
    await new Promise<void>((resolve) => journal.append(newest.request(), resolve));
    expect(await journal.searchChats({ limit: 1 })).toMatchObject([{ id: 'newest' }]);
    expect(await journal.searchChats({ text: 'drucker', limit: 50 })).toHaveLength(30);
    expect((await journal.searchContacts({ name: 'mull', sortBy: 'name', limit: 5 })).contacts).toMatchObject(
      [{ id: 'anna' }],
    );
    expect((await journal.recover()).liveChats.size).toBe(3);
    await journal.close();
  });

  test('refuses a target that holds anything and a source in use; both stay as they were', async () => {
    const data = await filledFolder('data');
    const other = await filledFolder('other');
    const before = await digestOfFile(join(other, 'parley.db'));
    expect(await parley('migrate', '--from', data, '--to', other)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('There is a database at'),
    });
    expect(await digestOfFile(join(other, 'parley.db'))).toEqual(before);
    await parley('migrate', '--from', data, '--to', schema.url);
    expect(await parley('migrate', '--from', other, '--to', schema.url)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('is not empty; choose another.'),
    });
    const running = await openFolder('data');
    expect(await parley('migrate', '--from', data, '--to', join(folder, 'new'))).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('is in use by another Parley'),
    });
    await running.close();
    const onDatabase = await openPostgresJournal({ url: schema.url, onFatal });
    expect(await parley('migrate', '--from', schema.url, '--to', join(folder, 'new'))).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('is in use by another Parley'),
    });
    await onDatabase.close();
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  test('a copy that is not the same is not kept, and the next attempt starts anew', async () => {
    const data = await filledFolder('data');
    writeFileSync(join(folder, 'leftover'), '');
    mkdirSync(join(folder, 'new'));
    writeFileSync(join(folder, 'new', 'parley.db.copying'), 'what was left of an earlier attempt');
    // Stands for a fault of the database: one row is stored as another.
    await (await openPostgresJournal({ url: schema.url, onFatal })).close();
    await schema.sql(`CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.queue = 'spoiled'; RETURN NEW; END $$;
      CREATE TRIGGER spoil BEFORE INSERT ON chats FOR EACH ROW WHEN (NEW.id = 'closed7') EXECUTE FUNCTION spoil()`);
    const { exitCode, err } = await parley('migrate', '--from', data, '--to', schema.url);
    await schema.sql('DROP FUNCTION spoil CASCADE');
    expect(err).toMatch(/^The copy in .* differs from .* in chats, logs|in chats; it was not kept\.\n$/);
    expect(exitCode).toBe(1);
    expect(await schema.sql('SELECT count(*)::int AS chats FROM chats')).toEqual([{ chats: 0 }]);
    expect(await parley('migrate', '--from', data, '--to', schema.url)).toMatchObject({ exitCode: 0 });
    expect(await parley('migrate', '--from', data, '--to', join(folder, 'new'))).toMatchObject({
      exitCode: 0,
    });
    const contents = await openPostgresContents(schema.url);
    expect(await digestOf(contents)).toEqual(await digestOfFile(join(folder, 'new', 'parley.db')));
    await contents.close();
  });
});

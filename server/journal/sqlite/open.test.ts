import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Journal } from '../journal.ts';
import { appended } from '../journal-suite.ts';
import { SampleChat } from '../sample-chat.ts';
import type { SqliteLimits } from './limits.ts';
import { openSqliteJournal } from './open.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-open-'));
  path = join(folder, 'parley.db');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function open(limits: Partial<SqliteLimits> = {}, at = path): Promise<Journal> {
  return openSqliteJournal({
    path: at,
    limits: { maxWalPages: 400, ...limits },
    onFatal: (error) => {
      throw error;
    },
  });
}

/** Reads the closed database as any program could. */
function inspect<Result>(read: (db: DatabaseSync) => Result): Result {
  const db = new DatabaseSync(path);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

function count(db: DatabaseSync, table: string): number {
  return Number(db.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']);
}

describe('what cannot be opened is told in one sentence', () => {
  async function sentence(at = path): Promise<string> {
    const error: unknown = await open({}, at).then(
      () => new Error('it opened'),
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: 'JournalError', code: 'unusable' });
    return error instanceof Error ? error.message.replaceAll(folder, '<folder>') : '';
  }

  test('a folder that cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await sentence(join(folder, 'file', 'deeper', 'parley.db'))).toMatch(
      /^The data folder <folder>\/file\/deeper cannot be made \(.*\); choose another\.$/,
    );
  });

  test.skipIf(process.platform !== 'linux')('a folder that cannot be written, even by root', async () => {
    expect(await sentence('/proc/parley.db')).toBe(
      '/proc/parley.db cannot be opened; check that its folder exists and can be written by this user.',
    );
  });

  test('a folder in place of the file', async () => {
    mkdirSync(path);
    expect(await sentence()).toBe(
      '<folder>/parley.db cannot be opened; check that its folder exists and can be written by this user.',
    );
  });

  test('a file that is no database', async () => {
    writeFileSync(path, 'something else '.repeat(1_000));
    expect(await sentence()).toBe(
      '<folder>/parley.db is not a database; choose another data folder or move the file away.',
    );
    expect(readFileSync(path, 'utf8')).toBe('something else '.repeat(1_000));
  });

  test('the database of another program, which stays as it was', async () => {
    inspect((db) => db.exec('CREATE TABLE theirs (a); PRAGMA user_version = 1'));
    const before = readFileSync(path);
    expect(await sentence()).toBe(
      '<folder>/parley.db is a database of another program; choose another data folder or move the file away.',
    );
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('a schema newer than this program', async () => {
    await (await open()).close();
    inspect((db) => db.exec('PRAGMA user_version = 9999'));
    expect(await sentence()).toMatch(
      /^<folder>\/parley\.db was written by a newer Parley \(schema 9999, this one knows \d+\); upgrade Parley/,
    );
  });

  test('a store that this process has open', async () => {
    const journal = await open();
    expect(await sentence()).toBe(
      '<folder>/parley.db is in use by another Parley; stop that one or choose another data folder.',
    );
    await journal.close();
    await (await open()).close();
  });

  test('a store that another process has open, and not once that is killed', async () => {
    const running = fork(new URL('./crash-child.ts', import.meta.url), { execArgv: [] });
    running.send([path, join(folder, 'acks'), '1']);
    const exited = once(running, 'exit');
    onTestFinished(() => void running.kill('SIGKILL'));
    while (!existsSync(join(folder, 'acks'))) await new Promise(setImmediate);
    expect(await sentence()).toMatch(/is in use by another Parley/);
    running.kill('SIGKILL');
    await exited;
    await (await open()).close();
  });
});

describe('a damaged log', () => {
  /** Flips a bit of a text in the closed database. */
  function flip(text: string): void {
    const bytes = readFileSync(path);
    const at = bytes.indexOf(text);
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, bytes);
  }

  async function close(chat: SampleChat, journal: Journal, text: string): Promise<void> {
    for (const entry of [chat.request(), chat.say(text), chat.leave()]) await appended(journal, entry);
  }

  test('of one closed chat is refused and told; the others are read', async () => {
    const journal = await open();
    const [one, other] = [new SampleChat('one'), new SampleChat('other')];
    await close(one, journal, 'what one said');
    await close(other, journal, 'what the other said');
    await journal.close();
    // The archive is what is read of a chat that is over.
    inspect((db) => db.exec('PRAGMA secure_delete = ON; DELETE FROM journal'));
    flip('what one said');

    const told: string[] = [];
    const damaged = await openSqliteJournal({
      path,
      limits: { maxWalPages: 400 },
      onFatal: (error) => expect.fail(error.message),
      onDamage: (error) => told.push(error.message),
    });
    await damaged.recover();
    const sentence = `${path} is damaged: the archived log of chat one is not as it was written (its checksum differs); restore it from a backup.`;
    await expect(damaged.chatEvents(one.id)).rejects.toMatchObject({ code: 'damaged', message: sentence });
    expect(told).toEqual([sentence]);
    expect(await damaged.chatEvents(other.id)).toEqual(other.events);
    await damaged.close();
  });

  test('of a live chat keeps a start from going on', async () => {
    const journal = await open();
    const chat = new SampleChat('live');
    for (const entry of [chat.request(), chat.say('what they said')]) await appended(journal, entry);
    await journal.close();
    flip('what they said');

    const damaged = await open();
    await expect(damaged.recover()).rejects.toThrow(
      /parley\.db is damaged: row 2 of the journal is not as it was written .*; it holds events of chat live; restore/,
    );
    await damaged.close();
  });
});

describe('the schema', () => {
  test('is the one written down in schema.golden.sql', async () => {
    await (await open()).close();
    const schema = inspect((db) => [
      ...db
        .prepare('PRAGMA user_version')
        .all()
        .map((row) => `-- user_version ${row['user_version']}`),
      ...db
        .prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name')
        .all()
        .map((row) => `${row['sql']};`),
    ]);
    await expect(`${schema.join('\n\n')}\n`).toMatchFileSnapshot('schema.golden.sql');
  });

  test('rows from before checksums are believed as they are; what is written has them', async () => {
    const chat = new SampleChat('chat');
    const before = await open();
    for (const entry of [chat.request(), chat.say('before'), chat.leave()]) await appended(before, entry);
    const live = new SampleChat('live');
    for (const entry of [live.request(), live.say('before')]) await appended(before, entry);
    await before.close();
    inspect((db) => {
      for (const table of ['journal', 'segments', 'archive'])
        db.exec(`ALTER TABLE ${table} DROP COLUMN checksum`);
      db.exec('PRAGMA user_version = 6');
    });

    const after = await open();
    expect((await after.recover()).liveChats.get(live.id)).toEqual(live.events);
    expect(await after.chatEvents(chat.id)).toEqual(chat.events);
    await appended(after, live.say('after'));
    await after.close();
    inspect((db) => {
      const sums = db.prepare('SELECT checksum FROM segments UNION ALL SELECT checksum FROM journal').all();
      // The chat that is over stood in the journal, which was compacted therefore.
      expect(sums).toEqual([{ checksum: expect.any(Number) as number }]);
      expect(db.prepare('SELECT checksum FROM archive').all()).toEqual([{ checksum: null }]);
    });
    const again = await open();
    expect((await again.recover()).liveChats.get(live.id)).toEqual(live.events);
    await again.close();
  });

  test('opening again changes nothing', async () => {
    await (await open()).close();
    const before = readFileSync(path);
    await (await open()).close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

test('the write-ahead log has its size before the first commit, and nothing of that is in the database', async () => {
  const journal = await open({ maxWalPages: 300 });
  const before = readFileSync(`${path}-wal`).length;
  expect(before).toBeGreaterThan(300 * 4096);
  const chat = new SampleChat('chat');
  for (const entry of [chat.request(), chat.say('x'.repeat(300_000))]) await appended(journal, entry);
  expect(readFileSync(`${path}-wal`)).toHaveLength(before);
  await journal.close();
  expect(readFileSync(path).length).toBeLessThan(150 * 4096);
});

describe('what does not grow', () => {
  /** Closes many chats while one lives on, without an idle moment. */
  async function busy(journal: Journal, chats: number): Promise<SampleChat> {
    const lasting = new SampleChat('lasting');
    await appended(journal, lasting.request());
    for (let number = 0; number < chats; number++) {
      const chat = new SampleChat(`chat${number}`);
      journal.append(chat.request(), () => undefined);
      journal.append(chat.say('a few words '.repeat(20)), () => undefined);
      journal.append(lasting.say(`still here ${number}`), () => undefined);
      await appended(journal, chat.leave());
    }
    return lasting;
  }

  test('the journal and the write-ahead log stay within their limits however busy the store is', async () => {
    const journal = await open({
      maxJournalLength: 50_000,
      compactionStepLength: 20_000,
      maxWalPages: 200,
      idleAfterMs: 60_000,
    });
    const lasting = await busy(journal, 400);
    const pages = (name: string): number => readFileSync(`${path}${name}`).length / 4096;
    expect(pages('-wal')).toBeLessThan(300);
    const { liveChats } = await journal.recover();
    expect(liveChats).toEqual(new Map([[lasting.id, lasting.events]]));
    await journal.close();
    inspect((db) => {
      const length = Number(
        db.prepare('SELECT total(octet_length(events)) AS length FROM journal').get()?.['length'],
      );
      expect(length).toBeLessThan(60_000);
      expect(count(db, 'archive')).toBe(400);
      expect(db.prepare('SELECT DISTINCT chat_id FROM segments').all()).toMatchObject([
        { chat_id: 'lasting' },
      ]);
      // Its messages have moved there many at a time.
      expect(count(db, 'segments')).toBeLessThan(30);
      expect(db.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
    });
  });

  test('an idle store compacts and checkpoints by itself', async () => {
    const journal = await open({
      idleJournalLength: 10_000,
      compactionStepLength: 5_000,
      idleWalPages: 20,
      idleAfterMs: 5,
    });
    const lasting = await busy(journal, 50);
    const read = new DatabaseSync(path, { readOnly: true });
    const journalLength = read.prepare('SELECT total(octet_length(events)) AS length FROM journal');
    const walLeft = read.prepare('PRAGMA wal_checkpoint(NOOP)');
    await expect
      .poll(() => Number(journalLength.get()?.['length']), { timeout: 10_000 })
      .toBeLessThan(11_000);
    await expect
      .poll(() => Number(walLeft.get()?.['log']) - Number(walLeft.get()?.['checkpointed']), {
        timeout: 10_000,
      })
      .toBeLessThanOrEqual(20);
    read.close();
    expect(await journal.chatEvents(lasting.id)).toEqual(lasting.events);
    await journal.close();
  });

  test('the segments of a chat go when it closes', async () => {
    const journal = await open({ maxJournalLength: 10_000, idleAfterMs: 60_000 });
    const lasting = await busy(journal, 50);
    await appended(journal, lasting.leave());
    expect(await journal.chatEvents(lasting.id)).toEqual(lasting.events);
    await journal.close();
    expect(inspect((db) => count(db, 'segments'))).toBe(0);
  });

  test('queries that wait for the reader', async () => {
    const journal = await open({ maxWaitingReads: 2 });
    const asked = [1, 2, 3].map(() => journal.searchChats({ limit: 1 }));
    await expect(asked[2]).rejects.toMatchObject({ code: 'overloaded' });
    await expect(Promise.all(asked.slice(0, 2))).resolves.toEqual([[], []]);
    await journal.close();
  });
});

test('a long search holds up no commit', async () => {
  const journal = await open();
  const chat = new SampleChat('writer');
  await appended(journal, chat.request());
  for (let number = 0; number < 300; number++) {
    const closed = new SampleChat(`chat${number}`);
    for (const entry of [closed.request(), closed.say('many words '.repeat(2_000))])
      journal.append(entry, () => undefined);
    journal.append(closed.leave(), () => undefined);
  }
  await appended(journal, chat.say('filled'));
  let answered = 0;
  const searches = Array.from({ length: 300 }, () =>
    journal.searchChats({ text: 'many words', limit: 1_000 }).then(() => (answered += 1)),
  );
  await appended(journal, chat.say('in between'));
  expect(answered).toBeLessThan(150);
  await Promise.all(searches);
  await journal.close();
});

test('the threads keep their compiled code where the process does', async () => {
  const script = `
    import { readdirSync } from 'node:fs';
    import { enableCompileCache, getCompileCacheDir } from 'node:module';
    enableCompileCache(process.argv[1]);
    const { openSqliteJournal } = await import(process.argv[2]);
    const journal = await openSqliteJournal({ path: process.argv[3], onFatal: console.error });
    await journal.close();
    // The process writes its own at its end.
    console.log(readdirSync(getCompileCacheDir()).length);`;
  const module = new URL('./open.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script, join(folder, 'compiled'), module, path],
    { env: {} },
  );
  expect(Number(stdout)).toBeGreaterThan(15);
});

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { appendUntilDeath } from '@parley/server/journal/crash-load.ts';
import { JournalError } from '@parley/server/journal/journal-error.ts';
import type { Journal } from '@parley/server/journal/journal.ts';
import { SampleChat } from '@parley/server/journal/sample-chat.ts';
import { fillStore } from '@parley/server/journal/sample-store.ts';
import { openSqliteContents } from '@parley/server/journal/sqlite/contents.ts';
import { damageSentence } from '@parley/server/journal/sqlite/database.ts';
import { openSqliteJournal } from '@parley/server/journal/sqlite/open.ts';
import { integerBetween, pick, seededRandom, type Random } from '@parley/server/routing/seeded-random.ts';
import { describe, expect, test } from 'vitest';
import { smallLimits } from './small-limits.ts';
import { readStore, verifyProblems, writeImage, type Logs } from './store-image.ts';
import { testFolder } from './test-folder.ts';

const damageCount = Number(process.env['PARLEY_BIT_ROT'] ?? 1_000);
const seed = Number(process.env['PARLEY_BIT_ROT_SEED'] ?? Date.now() % 1_000_000);

type Files = ReadonlyMap<string, Buffer>;

interface Stores {
  /** As a server leaves them that was stopped: everything is in the database. */
  readonly stopped: Files;
  /** As one leaves them that was killed: the newest commits are in the write-ahead log. */
  readonly killed: Files;
  readonly written: { readonly stopped: Logs; readonly killed: Logs };
}

function filesIn(folder: string): Files {
  const names = readdirSync(folder).filter((name) => !/-(shm|lock)$/.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

function append(journal: Journal, entry: ReturnType<SampleChat['request']>): Promise<void> {
  return new Promise((resolve) => journal.append(entry, resolve));
}

async function idsIn(path: string): Promise<readonly string[]> {
  const contents = openSqliteContents(path);
  const ids: string[] = [];
  for await (const { id } of contents.chats()) ids.push(id);
  await contents.close();
  return ids;
}

/** A store with live and closed chats, in pieces of every kind; its last commits hold an event each. */
async function makeStores(folder: string): Promise<Stores> {
  const data = join(folder, 'data');
  const path = join(data, 'parley.db');
  const onFatal = (error: JournalError): never => {
    throw error;
  };
  const journal = await openSqliteJournal({ path, onFatal, limits: smallLimits });
  await fillStore(journal);
  await appendUntilDeath(journal, { acknowledgementsPath: join(folder, 'acks'), round: 'r', entries: 400 });
  const chat = new SampleChat('last');
  await append(journal, chat.request());
  for (let number = 0; number < 8; number += 1) await append(journal, chat.say(`at the end ${number}`));
  const killed = filesIn(data);
  await journal.close();
  const stopped = filesIn(data);
  const ids = await idsIn(path);
  const read = (files: Files): Logs => {
    const image = join(folder, 'read');
    writeImage(image, files);
    return readStore(join(image, 'parley.db'), ids).logs;
  };
  return { stopped, killed, written: { stopped: read(stopped), killed: read(killed) } };
}

interface Damage {
  readonly store: 'stopped' | 'killed';
  readonly file: string;
  readonly kind: 'flip' | 'cut';
  /** Of the bit that is flipped, or the end of what is left; bytes. */
  readonly offset: number;
  readonly bit: number;
}

/** A flipped bit in nine of ten, else a file that was cut off. */
function drawDamage(random: Random, stores: Stores): Damage {
  const store = pick(random, ['stopped', 'killed'] as const);
  const [file, bytes] = pick(random, [...stores[store]]);
  const kind = random() < 0.9 ? 'flip' : 'cut';
  const offset = integerBetween(random, kind === 'flip' ? 0 : 1, bytes.length - 1);
  return { store, file, kind, offset, bit: integerBetween(random, 0, 7) };
}

function damagedFiles(files: Files, { file, kind, offset, bit }: Damage): Files {
  const bytes = Buffer.from(files.get(file) ?? '');
  if (kind === 'flip') bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
  return new Map(files).set(file, kind === 'cut' ? bytes.subarray(0, offset) : bytes);
}

/** What an operator is told; throws what is no answer to damage. */
function reported(path: string, error: unknown): string {
  const sentence = error instanceof JournalError ? error.message : damageSentence(path, error);
  if (sentence !== null) return sentence;
  // Of a list beside the logs: a start says that the store could not be read.
  if (error instanceof SyntaxError || (error instanceof Error && 'errcode' in error)) return error.message;
  throw error;
}

type Outcome = 'reported' | 'harmless' | 'log ends earlier' | 'served something else';

function outcomeOf(logs: Logs, written: Logs): Outcome {
  const pairs = [...written].map(([chatId, lines]) => [lines, logs.get(chatId) ?? []] as const);
  if (pairs.every(([lines, found]) => lines.join() === found.join())) return 'harmless';
  const isEarlier = pairs.every(([lines, found]) => found.every((line, at) => line === lines[at]));
  return isEarlier ? 'log ends earlier' : 'served something else';
}

function tryToRead(path: string, written: Logs): { readonly outcome: Outcome; readonly told: string } {
  try {
    const { logs } = readStore(path, written.keys());
    return { outcome: outcomeOf(logs, written), told: missing(logs, written) };
  } catch (error) {
    return { outcome: 'reported', told: reported(path, error) };
  }
}

function missing(logs: Logs, written: Logs): string {
  return [...written]
    .flatMap(([chatId, lines]) => {
      const count = lines.length - (logs.get(chatId)?.length ?? 0);
      return count === 0 ? [] : `${count} of ${chatId}`;
    })
    .join(', ');
}

async function isVerified(path: string): Promise<boolean> {
  try {
    return (await verifyProblems(path)).length === 0;
  } catch (error) {
    reported(path, error);
    return false;
  }
}

describe('damage to the files of the embedded store', () => {
  test(`is reported or changes nothing (seed ${seed})`, { timeout: 600_000 }, async () => {
    const folder = testFolder();
    const stores = await makeStores(folder);
    const random = seededRandom(seed);
    const image = join(folder, 'image');
    const path = join(image, 'parley.db');
    const counts = new Map<string, number>();
    for (let number = 0; number < damageCount; number += 1) {
      const damage = drawDamage(random, stores);
      const written = stores.written[damage.store];
      const files = damagedFiles(stores[damage.store], damage);
      const what = `damage ${number} of seed ${seed}: ${JSON.stringify(damage)}`;
      writeImage(image, files);
      const verified = await isVerified(path);
      // Reading a crashed store takes its log in.
      writeImage(image, files);
      const { outcome, told } = tryToRead(path, written);
      expect(outcome, `${what}: ${told}`).not.toBe('served something else');
      // The end of a log cannot be told from a crash that cut the last commit short.
      const isEnd = outcome === 'log ends earlier';
      if (isEnd) expect(damage.file, `${what}: ${told}`).toBe('parley.db-wal');
      if (isEnd && damage.kind === 'flip') expect(told, what).toMatch(/^[12] of last$/);
      if (outcome === 'reported') expect(told, what).not.toBe('');
      // Verify reads no log that was left behind and does not write, so it may not meet a broken schema.
      if (damage.store === 'stopped' && / is damaged/.test(told))
        expect(verified, `${what}: ${told}`).toBe(false);
      const key = `${damage.store} ${damage.file} ${damage.kind}: ${outcome}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    console.log(`bit rot, seed ${seed}: ${JSON.stringify(Object.fromEntries([...counts].sort()), null, 1)}`);
    expect(counts.get('stopped parley.db flip: reported')).toBeGreaterThan(damageCount / 20);
    expect(counts.get('killed parley.db-wal flip: reported')).toBeGreaterThan(damageCount / 50);
  });

  test('every flipped bit of what a chat said is reported, and named', { timeout: 60_000 }, async () => {
    const folder = testFolder();
    const { stopped, written } = await makeStores(folder);
    const path = join(folder, 'read', 'parley.db');
    const said = [
      ['Mein Drucker brennt', /the archived log of chat closed\d is not as it was written/],
      [
        'at the end 3',
        /(row \d+ of the journal|the log of chat last from \d+ to \d+) is not as it was written/,
      ],
    ] as const;
    for (const [words, sentence] of said)
      for (let bit = 0; bit < 8; bit += 1) {
        const bytes = Buffer.from(stopped.get('parley.db') ?? '');
        const at = bytes.indexOf(words) + bit;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        writeImage(join(folder, 'read'), new Map([['parley.db', bytes]]));
        expect(await verifyProblems(path)).toContainEqual(expect.stringMatching(sentence));
        expect(tryToRead(path, written.stopped)).toEqual({
          outcome: 'reported',
          told: expect.stringMatching(sentence) as string,
        });
      }
  });

  test('without the checksums it is served', { timeout: 60_000 }, async () => {
    const folder = testFolder();
    const { stopped, written } = await makeStores(folder);
    const path = join(folder, 'read', 'parley.db');
    writeImage(join(folder, 'read'), stopped);
    const db = new DatabaseSync(path);
    db.exec('UPDATE archive SET checksum = NULL; UPDATE journal SET checksum = NULL');
    db.close();
    const bytes = readFileSync(path);
    bytes.write('L', bytes.indexOf('Mein Drucker brennt'));
    writeImage(join(folder, 'read'), new Map([['parley.db', bytes]]));
    expect(tryToRead(path, written.stopped).outcome).toBe('served something else');
  });
});

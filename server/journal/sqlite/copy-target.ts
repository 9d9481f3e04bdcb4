import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { ContactId } from '../../domain/ids.ts';
import { searchedText } from '../group-commit.ts';
import { JournalError } from '../journal-error.ts';
import type { StoreTarget } from '../migrate/copy-store.ts';
import type { StoredChat, StoredContents, StoredRow, StoredTable } from '../stored-contents.ts';
import { checksum } from './checksum.ts';
import { ContactWriter } from './contact-writer.ts';
import { openSqliteContents } from './contents.ts';
import { openForWriting } from './database.ts';

/**
 * A database file that does not exist yet: everything is written to `<file>.copying`, which takes the file's name at
 * the end. One that was left behind is removed. Throws `JournalError` when the file exists.
 */
export function openSqliteTarget(path: string): StoreTarget {
  if (existsSync(path))
    throw new JournalError(
      'unusable',
      `There is a database at ${path} already; choose an empty data folder.`,
    );
  mkdirSync(dirname(path), { recursive: true });
  return new SqliteTarget(path);
}

class SqliteTarget implements StoreTarget {
  readonly name: string;
  readonly tables: readonly StoredTable[];
  readonly #copying: string;
  #db: DatabaseSync | null;
  #contents: StoredContents | null = null;

  constructor(path: string) {
    this.name = path;
    this.#copying = `${path}.copying`;
    removeFile(this.#copying);
    this.#db = openForWriting(this.#copying, { logPages: 1, faults: { synchronous: 'OFF' } });
    this.#db.exec('PRAGMA wal_autocheckpoint = 1000');
    this.tables = tablesOf(this.#db, this.#copying);
  }

  addRows({ name, columns }: StoredTable, rows: readonly StoredRow[]): Promise<void> {
    return this.#inTransaction((db) => {
      const places = columns.map(() => '?').join(', ');
      const insert = db.prepare(
        `INSERT INTO "${name}" (${columns.map(quoted).join(', ')}) VALUES (${places})`,
      );
      insert.setReadBigInts(true);
      for (const row of rows) insert.run(...columns.map((column): SQLInputValue => row[column] ?? null));
    });
  }

  addChats(chats: readonly StoredChat[]): Promise<void> {
    return this.#inTransaction((db) => {
      const archive = db.prepare('INSERT INTO archive (chat_id, events, checksum) VALUES (?, ?, ?)');
      const text = db.prepare(
        'INSERT INTO archive_text (rowid, text, supervisor_text) SELECT number, ?, ? FROM chats WHERE id = ?',
      );
      text.setReadBigInts(true);
      const segment = db.prepare(
        'INSERT INTO segments (chat_id, first_seq, last_seq, events, checksum) VALUES (?, ?, ?, ?, ?)',
      );
      for (const { id, live, archived } of chats) {
        const events = JSON.parse(archived ?? live ?? '[]') as readonly StoredEvent[];
        if (archived !== null) {
          archive.run(id, archived, checksum('archive', { chat_id: id, events: archived }));
          const words = searchedText(events);
          if (words.text !== '' || words.supervisorText !== '')
            text.run(words.text, words.supervisorText, id);
        }
        const [first, last] = [events[0], events.at(-1)];
        if (archived !== null || live === null || !first || !last) continue;
        const row = { chat_id: id, first_seq: first.seq, last_seq: last.seq, events: live };
        segment.run(id, first.seq, last.seq, live, checksum('segments', row));
      }
    });
  }

  async contents(): Promise<StoredContents> {
    await this.#inTransaction((db) => {
      const writer = new ContactWriter(db);
      const whole = db.prepare('SELECT id FROM contacts WHERE merged_into IS NULL');
      for (const { id } of whole.all()) writer.index(id as ContactId);
    });
    this.#closeDatabase();
    sync(this.#copying);
    this.#contents = openSqliteContents(this.#copying);
    return this.#contents;
  }

  async publish(): Promise<void> {
    await this.#contents?.close();
    this.#contents = null;
    renameSync(this.#copying, this.name);
    sync(dirname(this.name));
  }

  async close(): Promise<void> {
    await this.#contents?.close();
    this.#closeDatabase();
    removeFile(this.#copying);
  }

  #closeDatabase(): void {
    this.#db?.close();
    this.#db = null;
  }

  async #inTransaction(write: (db: DatabaseSync) => void): Promise<void> {
    const db = this.#db;
    if (!db) throw new Error('the copy is complete');
    db.exec('BEGIN IMMEDIATE');
    write(db);
    db.exec('COMMIT');
    // Whoever wants to stop the copy is heard between two transactions.
    await new Promise(setImmediate);
  }
}

function tablesOf(db: DatabaseSync, path: string): readonly StoredTable[] {
  // The schema was made a moment ago; a second connection sees it.
  db.exec('PRAGMA wal_checkpoint(PASSIVE)');
  const contents = openSqliteContents(path);
  void contents.close();
  return contents.tables;
}

function quoted(name: string): string {
  return `"${name}"`;
}

function removeFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

/** What was written to the file, or made in the folder, is on disk afterwards. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

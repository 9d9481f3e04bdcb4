import { existsSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredEvent } from '../../domain/chat-event.ts';
import { JournalError } from '../journal-error.ts';
import type { StoredChat, StoredContents, StoredRow, StoredTable } from '../stored-contents.ts';
import { chatRow } from './chat-search.ts';
import { logTables, pageProblems, rowProblems } from './checksum.ts';
import {
  damageSentence,
  explained,
  newestVersion,
  openForReading,
  pragmaNumber,
  refuseForeign,
} from './database.ts';

/** The logs, and what is made of other tables for searching: everything else is copied as it is. */
const notCopied = /^(journal|segments|archive|sqlite_.*|(archive|contact)_text(_.*)?)$/;

/** Words in one query. */
const wordsAtOnce = 32;

/**
 * Opens a database file to be read as it is now; a server may go on with it. Throws `JournalError` when there is none,
 * it is another program's, or its schema is not this program's.
 */
export function openSqliteContents(path: string): StoredContents {
  if (!existsSync(path)) throw new JournalError('unusable', `There is no database at ${path}.`);
  const db = openForReading(path);
  try {
    return explained(path, () => {
      refuseForeign(db, path);
      const version = pragmaNumber(db, 'user_version');
      if (version !== newestVersion())
        throw new JournalError(
          'unusable',
          `${path} has the schema ${version} and this Parley the schema ${newestVersion()}; start this Parley on it once, or take the one that wrote it.`,
        );
      db.exec('PRAGMA temp_store = FILE; BEGIN');
      return new SqliteContents(path, db);
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

class SqliteContents implements StoredContents {
  readonly name: string;
  readonly tables: readonly StoredTable[];
  readonly #db: DatabaseSync;

  constructor(name: string, db: DatabaseSync) {
    this.name = name;
    this.#db = db;
    this.tables = tablesOf(db);
  }

  damage(): Promise<readonly string[]> {
    try {
      const pages = pageProblems(this.#db).map((problem) => `the file is damaged: ${problem}`);
      const rows = logTables.flatMap((table) => [...rowProblems(this.#db, table)]);
      return Promise.resolve([...pages, ...rows]);
    } catch (error) {
      // Where a page cannot be read, SQLite cannot go on.
      const sentence = damageSentence(this.name, error);
      if (sentence === null) throw error;
      return Promise.resolve([sentence.slice(0, -1)]);
    }
  }

  // eslint-disable-next-line typescript/require-await -- The other store waits for each piece.
  async *chats(): AsyncGenerator<StoredChat> {
    const journal = readJournal(this.#db);
    const read = prepareReads(this.#db);
    const ids = this.#db.prepare(
      `SELECT chat_id AS id FROM archive UNION SELECT chat_id FROM segments UNION SELECT id FROM chats
       UNION SELECT value FROM json_each(?) ORDER BY 1`,
    );
    for (const { id } of ids.iterate(JSON.stringify([...journal.keys()]))) {
      const chat = storedChat(read, String(id), journal.get(String(id)) ?? []);
      // A chat that was deleted leaves an empty log, until nothing of it is in the journal any more.
      if (chat.row !== null || chat.live !== null || chat.archived !== null) yield chat;
    }
  }

  // eslint-disable-next-line typescript/require-await -- The other store waits for each piece.
  async *rows({ name, columns, key }: StoredTable): AsyncGenerator<StoredRow> {
    const sql = `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(name)} ORDER BY ${key.map(quoted).join(', ')}`;
    // The tables are strict: a column holds what its type says.
    for (const row of this.#db.prepare(sql).iterate()) yield row as StoredRow;
  }

  ask(sql: string): Promise<readonly StoredRow[]> {
    return Promise.resolve(this.#db.prepare(sql).all() as StoredRow[]);
  }

  async unfindableContacts(): Promise<readonly string[]> {
    const rows = await this.ask(
      'SELECT id FROM contacts WHERE merged_into IS NULL AND number NOT IN (SELECT rowid FROM contact_text)',
    );
    return rows.map(({ id }) => String(id));
  }

  close(): Promise<void> {
    this.#db.close();
    return Promise.resolve();
  }
}

/** The events in the journal by chat. The journal is short, for the server keeps it so. */
function readJournal(db: DatabaseSync): ReadonlyMap<string, StoredEvent[]> {
  const chats = new Map<string, StoredEvent[]>();
  for (const { events } of db.prepare('SELECT events FROM journal ORDER BY batch_id').iterate())
    for (const stored of JSON.parse(String(events)) as StoredEvent[]) {
      const known = chats.get(stored.chatId);
      if (known) known.push(stored);
      else chats.set(stored.chatId, [stored]);
    }
  return chats;
}

function prepareReads(db: DatabaseSync) {
  return {
    archive: db.prepare('SELECT events FROM archive WHERE chat_id = ?'),
    segments: db.prepare('SELECT events FROM segments WHERE chat_id = ? ORDER BY first_seq'),
    row: db.prepare('SELECT * FROM chats WHERE id = ?'),
    agents: db.prepare('SELECT agent_id FROM chat_agents WHERE number = ?'),
    text: db.prepare('SELECT 1 AS found FROM archive_text WHERE archive_text MATCH ? AND rowid = ?'),
  } satisfies Record<string, StatementSync>;
}

function storedChat(
  read: ReturnType<typeof prepareReads>,
  id: string,
  journal: readonly StoredEvent[],
): StoredChat {
  const stored = (read.archive.get(id)?.['events'] as string | undefined) ?? null;
  const isEmptied = stored === '[]';
  const archived = isEmptied ? null : stored;
  const segments = read.segments.all(id).map(({ events }) => String(events).slice(1, -1));
  // What is archived stays in the journal until that is trimmed; only what goes on behind it counts.
  const last = archived === null ? 0 : lastSeq(archived);
  const tail = journal.filter(({ seq }) => seq > last).map((event) => JSON.stringify(event));
  const live = isEmptied ? [] : [...segments, ...tail];
  const row = read.row.get(id);
  // A rowid given as a JavaScript number would be a float, which the full-text index passes over.
  const number = row === undefined ? null : BigInt(Number(row['number']));
  return {
    id,
    archived,
    live: live.length === 0 ? null : `[${live.join(',')}]`,
    row: row === undefined ? null : chatRow(row),
    agentIds: number === null ? [] : read.agents.all(number).map(({ agent_id }) => String(agent_id)),
    finds(words, seesSupervisors) {
      for (let at = 0; at < words.length; at += wordsAtOnce) {
        const quotedWords = words.slice(at, at + wordsAtOnce).map((word) => `"${word}"`);
        const query = seesSupervisors ? quotedWords.join(' ') : `text : (${quotedWords.join(' ')})`;
        if (!read.text.get(query, number)) return false;
      }
      return true;
    },
  };
}

function lastSeq(archived: string): number {
  try {
    return (JSON.parse(archived) as StoredEvent[]).at(-1)?.seq ?? 0;
  } catch {
    // That it cannot be read is told by whoever looks into it.
    return Infinity;
  }
}

function quoted(name: string): string {
  return `"${name}"`;
}

function tablesOf(db: DatabaseSync): readonly StoredTable[] {
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  return names
    .map(({ name }) => String(name))
    .filter((name) => !notCopied.test(name))
    .map((name) => {
      const columns = db.prepare('SELECT name, pk FROM pragma_table_info(?) ORDER BY name').all(name);
      const key = columns
        .filter(({ pk }) => Number(pk) > 0)
        .sort((one, two) => Number(one['pk']) - Number(two['pk']));
      return {
        name,
        columns: columns.map((column) => String(column['name'])),
        key: key.map((column) => String(column['name'])),
      };
    });
}

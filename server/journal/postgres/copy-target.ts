import type pg from 'pg';
import type { StoredEvent } from '../../domain/chat-event.ts';
import { searchedText } from '../group-commit.ts';
import { JournalError } from '../journal-error.ts';
import type { StoreTarget } from '../migrate/copy-store.ts';
import type { StoredChat, StoredContents, StoredRow, StoredTable } from '../stored-contents.ts';
import { connectAtStart, connectionConfig, cut, explained } from './connect.ts';
import { contactVector } from './contact-words.ts';
import { PostgresContents, tablesOf } from './contents.ts';
import { databaseAddress } from './database-address.ts';
import { defaultPostgresLimits } from './limits.ts';
import { migrate } from './migrate.ts';
import { takeStoreLock } from './store-lock.ts';
import { storable } from './stored-text.ts';
import { searchedWords } from './table-statements.ts';

/**
 * An empty database. Everything, the tables too, is written in one transaction: a copy that is interrupted leaves the
 * database as it was. Throws `JournalError` when it cannot be used, is in use or holds anything.
 */
export async function openPostgresTarget(url: string): Promise<StoreTarget> {
  const limits = defaultPostgresLimits;
  const client = await connectAtStart(connectionConfig(url, 'parley migrate', limits), limits);
  const address = databaseAddress(url);
  try {
    await client.query('SET jit = off; SET statement_timeout = 0');
    if (!(await takeStoreLock(client, 0)))
      throw new JournalError(
        'unusable',
        `The database ${address} is in use by another Parley; stop that one.`,
      );
    await client.query('BEGIN');
    await migrate(client, address);
    const tables = await tablesOf(client);
    for (const table of [...tables.map(({ name }) => name), 'events', 'archive']) {
      const { rowCount } = await client.query(`SELECT 1 FROM "${table}" LIMIT 1`);
      if (rowCount !== 0)
        throw new JournalError('unusable', `The database ${address} is not empty; choose another.`);
    }
    return new PostgresTarget(address, client, tables);
  } catch (error) {
    cut(client);
    throw explained(url, error);
  }
}

class PostgresTarget implements StoreTarget {
  readonly name: string;
  readonly tables: readonly StoredTable[];
  readonly #client: pg.Client;

  constructor(name: string, client: pg.Client, tables: readonly StoredTable[]) {
    this.name = name;
    this.#client = client;
    this.tables = tables;
  }

  async addRows({ name, columns }: StoredTable, rows: readonly StoredRow[]): Promise<void> {
    if (name !== 'contacts') return this.#insert(name, columns, rows.map(encoded));
    const withWords = rows.map((row) => ({ ...encoded(row), words: contactVector(detailsOf(row)) }));
    await this.#insert(name, [...columns, 'words'], withWords);
  }

  async addChats(chats: readonly StoredChat[]): Promise<void> {
    const archived = chats.filter((chat) => chat.archived !== null);
    const live = chats.filter((chat) => chat.archived === null);
    const events = live.flatMap((chat) =>
      (JSON.parse(chat.live ?? '[]') as readonly StoredEvent[]).map((stored) => ({
        chat_id: storable(chat.id),
        seq: stored.seq,
        event: JSON.stringify(stored),
      })),
    );
    await this.#insert('events', ['chat_id', 'seq', 'event'], events);
    const logs = archived.map((chat) => ({ chat_id: storable(chat.id), events: chat.archived }));
    await this.#insert('archive', ['chat_id', 'events'], logs);
    const words = archived.map((chat) => ({
      id: storable(chat.id),
      words: searchedWords(searchedText(JSON.parse(chat.archived ?? '[]') as readonly StoredEvent[])),
    }));
    await this.#client.query(
      `UPDATE chats SET words = found.words
       FROM json_to_recordset($1::json) AS found (id text, words text[]) WHERE chats.id = found.id`,
      [JSON.stringify(words)],
    );
  }

  async contents(): Promise<StoredContents> {
    await this.#client.query(
      `UPDATE contacts SET found_by = (SELECT all_words(words ORDER BY merged_into IS NOT NULL, number)
         FROM contacts AS part WHERE part.id = contacts.id OR part.merged_into = contacts.id)
       WHERE merged_into IS NULL`,
    );
    const { rows } = await this.#client.query<{ name: string }>(
      "SELECT attrelid::regclass::text AS name FROM pg_attribute WHERE attname = 'number' AND attidentity <> '' " +
        'AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = ' +
        '(SELECT oid FROM pg_namespace WHERE nspname = current_schema()))',
    );
    for (const { name } of rows)
      await this.#client.query(
        `SELECT setval(pg_get_serial_sequence($1, 'number'), coalesce(max(number), 0) + 1, false) FROM ${name}`,
        [name],
      );
    return new PostgresContents(this.name, this.#client, this.tables);
  }

  async publish(): Promise<void> {
    await this.#client.query('COMMIT');
    await this.#client.query('ANALYZE');
  }

  /** Without `publish` the transaction ends with the connection, and nothing of it is there. */
  close(): Promise<void> {
    return this.#client.end();
  }

  async #insert(table: string, columns: readonly string[], rows: readonly unknown[]): Promise<void> {
    if (rows.length === 0) return;
    const list = columns.map((column) => `"${column}"`).join(', ');
    await this.#client.query(
      `INSERT INTO "${table}" (${list}) SELECT ${list} FROM json_populate_recordset(NULL::"${table}", $1::json)`,
      [JSON.stringify(rows)],
    );
  }
}

function encoded(row: StoredRow): StoredRow {
  return Object.fromEntries(
    Object.entries(row).map(([column, cell]) => [column, typeof cell === 'string' ? storable(cell) : cell]),
  );
}

/** The casts are the types of the columns. */
function detailsOf(row: StoredRow): Parameters<typeof contactVector>[0] {
  return {
    firstName: row['first_name'] as string | null,
    lastName: row['last_name'] as string | null,
    emailAddress: row['email_address'] as string | null,
    phoneNumber: row['phone_number'] as string | null,
  };
}

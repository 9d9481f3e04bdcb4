import type pg from 'pg';
import { JournalError } from '../journal-error.ts';
import type { Cell, StoredChat, StoredContents, StoredRow, StoredTable } from '../stored-contents.ts';
import { foldedWords } from '../words.ts';
import { chatRow } from './chat-search.ts';
import { connectAtStart, connectionConfig, cut, explained } from './connect.ts';
import { databaseAddress } from './database-address.ts';
import { defaultPostgresLimits } from './limits.ts';
import { newestSchema, schemaVersion } from './migrate.ts';
import type { Row } from './reads.ts';
import { restored } from './stored-text.ts';
import { supervisorMark } from './table-statements.ts';

/** The logs and what only this store has: everything else is copied as it is. */
const notCopied = ['parley_schema', 'last_commit', 'events', 'archive'];
/** What this store makes of other columns for searching. */
const derivedColumns = ['chats.words', 'contacts.words', 'contacts.found_by'];

/** Chats and rows that are in memory at a time. */
const chatsAtOnce = 50;
const rowsAtOnce = 1_000;

/**
 * Opens a database to be read as it is now; a server may go on with it. Throws `JournalError` when it cannot be used, is
 * another program's, or its schema is not this program's.
 */
export async function openPostgresContents(url: string): Promise<StoredContents> {
  const limits = defaultPostgresLimits;
  const client = await connectAtStart(connectionConfig(url, 'parley reads all', limits), limits);
  const address = databaseAddress(url);
  try {
    await client.query(
      'SET jit = off; SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
    const version = await schemaVersion(client, address);
    if (version === 0) throw new JournalError('unusable', `The database ${address} is empty.`);
    if (version !== newestSchema())
      throw new JournalError(
        'unusable',
        `The database ${address} has the schema ${version} and this Parley the schema ${newestSchema()}; start this Parley on it once, or take the one that wrote it.`,
      );
    return new PostgresContents(address, client, await tablesOf(client));
  } catch (error) {
    cut(client);
    throw explained(url, error);
  }
}

/** Reads everything in the transaction that is open on the connection. */
export class PostgresContents implements StoredContents {
  readonly name: string;
  readonly tables: readonly StoredTable[];
  readonly #client: pg.Client;
  #cursors = 0;

  constructor(name: string, client: pg.Client, tables: readonly StoredTable[]) {
    this.name = name;
    this.#client = client;
    this.tables = tables;
  }

  /** PostgreSQL has checksums of its own, of every page, and refuses to read one that is damaged (docs/adr/0016). */
  damage(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async *chats(): AsyncGenerator<StoredChat> {
    const sql = `
      SELECT ids.id AS chat_id, archive.events AS archived, live.events AS live, chats.*, joined.agent_ids AS joined
      FROM (SELECT chat_id AS id FROM archive UNION SELECT chat_id FROM events UNION SELECT id FROM chats) AS ids
      LEFT JOIN archive ON archive.chat_id = ids.id
      LEFT JOIN chats ON chats.id = ids.id
      LEFT JOIN LATERAL (SELECT '[' || string_agg(event, ',' ORDER BY seq) || ']' AS events
        FROM events WHERE events.chat_id = ids.id) AS live ON true
      LEFT JOIN LATERAL (SELECT array_agg(agent_id) AS agent_ids
        FROM chat_agents WHERE chat_agents.number = chats.number) AS joined ON true
      ORDER BY ids.id`;
    for await (const row of this.#read<ChatCells>(sql, chatsAtOnce)) yield storedChat(row);
  }

  async *rows({ name, columns, key }: StoredTable): AsyncGenerator<StoredRow> {
    const sql = `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(name)} ORDER BY ${key.map(quoted).join(', ')}`;
    for await (const row of this.#read<StoredRow>(sql, rowsAtOnce)) yield decoded(row);
  }

  async ask(sql: string): Promise<readonly StoredRow[]> {
    return (await this.#client.query<StoredRow>(sql)).rows.map(decoded);
  }

  async unfindableContacts(): Promise<readonly string[]> {
    const rows = await this.ask('SELECT id FROM contacts WHERE merged_into IS NULL AND found_by IS NULL');
    return rows.map(({ id }) => String(id));
  }

  async close(): Promise<void> {
    await this.#client.end();
  }

  async *#read<Cells extends pg.QueryResultRow>(sql: string, atOnce: number): AsyncGenerator<Cells> {
    const cursor = `c${(this.#cursors += 1)}`;
    await this.#client.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`);
    for (;;) {
      const { rows } = await this.#client.query<Cells>(`FETCH ${atOnce} FROM ${cursor}`);
      yield* rows;
      if (rows.length < atOnce) break;
    }
    await this.#client.query(`CLOSE ${cursor}`);
  }
}

interface ChatCells extends Record<string, unknown> {
  readonly chat_id: string;
  readonly archived: string | null;
  readonly live: string | null;
  readonly id: string | null;
  readonly words: readonly string[] | null;
  readonly joined: readonly string[] | null;
}

function storedChat(cells: ChatCells): StoredChat {
  const known = new Set(cells.words ?? []);
  return {
    id: restored(cells.chat_id),
    archived: cells.archived,
    live: cells.live,
    // The other columns are those of `chats`.
    row: cells.id === null ? null : chatRow(cells as unknown as Row),
    agentIds: (cells.joined ?? []).map(restored),
    finds: (words, seesSupervisors) =>
      words
        .flatMap(foldedWords)
        .every((word) => known.has(word) || (seesSupervisors && known.has(supervisorMark + word))),
  };
}

function decoded(row: StoredRow): StoredRow {
  const decode = (cell: Cell): Cell => (typeof cell === 'string' ? restored(cell) : cell);
  return Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, decode(cell)]));
}

function quoted(name: string): string {
  return `"${name}"`;
}

/** The tables beside the logs. */
export async function tablesOf(client: pg.Client): Promise<readonly StoredTable[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; key: string[] }>(
    `SELECT relname::text AS name,
       (SELECT array_agg(attname::text ORDER BY attname::text COLLATE "C") FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
           AND NOT relname || '.' || attname = ANY ($2::text[])) AS columns,
       (SELECT array_agg(attname::text ORDER BY place) FROM pg_constraint AS k,
          unnest(conkey) WITH ORDINALITY AS part (attnum, place)
          JOIN pg_attribute AS a ON a.attnum = part.attnum
         WHERE conrelid = c.oid AND contype = 'p' AND a.attrelid = c.oid) AS key
     FROM pg_class AS c WHERE relkind = 'r' AND NOT relname::text = ANY ($1::text[])
       AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
     ORDER BY relname::text COLLATE "C"`,
    [notCopied, derivedColumns],
  );
  return rows;
}

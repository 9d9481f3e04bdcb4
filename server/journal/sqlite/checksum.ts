import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { JournalError } from '../journal-error.ts';

/** The tables that hold events, with the columns that say what a row is of; its checksum is of them and of `events`. */
const keys = {
  journal: ['batch_id', 'closed'],
  segments: ['chat_id', 'first_seq', 'last_seq'],
  archive: ['chat_id'],
} as const;

export type LogTable = keyof typeof keys;
export const logTables = Object.keys(keys) as readonly LogTable[];

type Row = Readonly<Record<string, SQLOutputValue>>;

/** CRC-32 of a row, 0 to 2^32 - 1: it finds every flipped bit, and other damage but for one in four thousand million. */
export function checksum(table: LogTable, row: Row): number {
  const key = keys[table].map((column) => row[column] ?? '').join(' ');
  return crc32(String(row['events']), crc32(`${key}\n`));
}

/** The columns of a table that `checkedEvents` needs, for a query. */
export function checkedColumns(table: LogTable): string {
  return [...keys[table], 'events', 'checksum'].join(', ');
}

/** The events of a row. Throws `JournalError` (`damaged`) when it is not as it was written; one without a checksum is believed. */
export function checkedEvents(table: LogTable, row: Row): string {
  if (isDamaged(table, row)) throw damaged(rowProblem(table, row));
  return row['events'] as string;
}

/** What is not as it was written, a sentence without a full stop. */
export function damaged(problem: string): JournalError {
  return new JournalError('damaged', problem);
}

/** Every row of the table that is not as it was written, a sentence without a full stop each. */
export function* rowProblems(db: DatabaseSync, table: LogTable): Generator<string> {
  for (const row of db.prepare(`SELECT ${checkedColumns(table)} FROM ${table}`).iterate())
    if (isDamaged(table, row)) yield rowProblem(table, row);
}

/** What SQLite finds wrong with the pages of the database, or of one table and its indexes. */
export function pageProblems(db: DatabaseSync, table?: LogTable): readonly string[] {
  const found = db.prepare(`PRAGMA integrity_check${table === undefined ? '' : `(${table})`}`).all();
  return found.map((row) => String(row['integrity_check'])).filter((problem) => problem !== 'ok');
}

function isDamaged(table: LogTable, row: Row): boolean {
  const written = row['checksum'];
  return written !== null && written !== checksum(table, row);
}

function rowProblem(table: LogTable, row: Row): string {
  const what = 'is not as it was written (its checksum differs)';
  if (table === 'archive') return `the archived log of chat ${row['chat_id']} ${what}`;
  if (table === 'segments')
    return `the log of chat ${row['chat_id']} from ${row['first_seq']} to ${row['last_seq']} ${what}`;
  return `row ${row['batch_id']} of the journal ${what}; it holds events of ${chatsIn(String(row['events']))}`;
}

/** The chats that a damaged row names, as far as that can be told. */
function chatsIn(events: string): string {
  const ids = [...events.matchAll(/"chatId":"([^"]{1,64})"/g)].map(([, id]) => id);
  return ids.length === 0 ? 'chats that cannot be told' : `chat ${[...new Set(ids)].join(', ')}`;
}

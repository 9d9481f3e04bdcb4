import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ChatId } from '../../domain/ids.ts';
import type { DispatchHead, DispatchPage, DispatchRow } from '../journal.ts';

// The casts below are the types with which `OutboxWriter` filled the columns.

type Row = Record<string, SQLOutputValue>;

const maxRows = 1_000;
const maxOffset = 100_000;

/** All rows without their bodies, oldest first. */
export function dispatchHeads(db: DatabaseSync): readonly DispatchHead[] {
  const sql =
    'SELECT id, receiver, chat_id, queued_at_ms, due_at_ms, attempts, dead_at_ms FROM outbox ORDER BY number';
  return db.prepare(sql).all().map(head);
}

/** One row; null when there is none. */
export function dispatch(db: DatabaseSync, id: string): DispatchRow | null {
  const row = db.prepare('SELECT * FROM outbox WHERE id = ?').get(id);
  return row ? whole(row) : null;
}

/** A page of one receiver's rows, oldest first. */
export function dispatches(db: DatabaseSync, page: DispatchPage): readonly DispatchRow[] {
  const { receiver, state, offset = 0, limit } = page;
  const sql =
    `SELECT * FROM outbox WHERE receiver = ? AND dead_at_ms IS ${state === 'Dead' ? 'NOT NULL' : 'NULL'} ` +
    'ORDER BY number LIMIT ? OFFSET ?';
  const count = Math.max(1, Math.min(Math.trunc(limit), maxRows));
  return db
    .prepare(sql)
    .all(receiver, count, Math.min(Math.trunc(offset), maxOffset))
    .map(whole);
}

function head(row: Row): DispatchHead {
  return {
    id: row['id'] as string,
    receiver: row['receiver'] as string,
    chatId: row['chat_id'] as ChatId,
    queuedAtMs: row['queued_at_ms'] as number,
    dueAtMs: row['due_at_ms'] as number,
    attempts: row['attempts'] as number,
    deadAtMs: row['dead_at_ms'] as number | null,
  };
}

function whole(row: Row): DispatchRow {
  return {
    ...head(row),
    kind: row['kind'] as string,
    body: row['body'] as string,
    lastFailure: row['last_failure'] as string | null,
  };
}

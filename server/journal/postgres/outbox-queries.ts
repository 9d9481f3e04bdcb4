import type { ChatId } from '../../domain/ids.ts';
import type { DispatchHead, DispatchPage, DispatchRow } from '../journal.ts';
import type { Ask, Row } from './reads.ts';
import { restored, storable } from './stored-text.ts';

// The casts below are the types with which `outboxStatement` filled the columns.

const maxRows = 1_000;
const maxOffset = 100_000;

/** All rows without their bodies, oldest first. */
export async function dispatchHeads(ask: Ask): Promise<readonly DispatchHead[]> {
  const sql =
    'SELECT id, receiver, chat_id, queued_at_ms, due_at_ms, attempts, dead_at_ms FROM outbox ORDER BY number';
  return (await ask(sql)).map(head);
}

/** One row; null when there is none. */
export async function dispatch(ask: Ask, id: string): Promise<DispatchRow | null> {
  const [row] = await ask('SELECT * FROM outbox WHERE id = $1', [storable(id)]);
  return row ? whole(row) : null;
}

/** A page of one receiver's rows, oldest first. */
export async function dispatches(ask: Ask, page: DispatchPage): Promise<readonly DispatchRow[]> {
  const { receiver, state, offset = 0, limit } = page;
  const sql =
    `SELECT * FROM outbox WHERE receiver = $1 AND dead_at_ms IS ${state === 'Dead' ? 'NOT NULL' : 'NULL'} ` +
    'ORDER BY number LIMIT $2 OFFSET $3';
  const count = Math.max(1, Math.min(Math.trunc(limit), maxRows));
  const skipped = Math.max(0, Math.min(Math.trunc(offset), maxOffset));
  return (await ask(sql, [storable(receiver), count, skipped])).map(whole);
}

function head(row: Row): DispatchHead {
  return {
    id: restored(row['id'] as string),
    receiver: restored(row['receiver'] as string),
    chatId: restored(row['chat_id'] as string) as ChatId,
    queuedAtMs: row['queued_at_ms'] as number,
    dueAtMs: row['due_at_ms'] as number,
    attempts: row['attempts'] as number,
    deadAtMs: row['dead_at_ms'] as number | null,
  };
}

function whole(row: Row): DispatchRow {
  const lastFailure = row['last_failure'] as string | null;
  return {
    ...head(row),
    kind: restored(row['kind'] as string),
    body: restored(row['body'] as string),
    lastFailure: lastFailure === null ? null : restored(lastFailure),
  };
}

import type { TableWrite } from '../journal.ts';
import { statement, type Statement } from './statement.ts';

type OutboxWrite = Extract<TableWrite, { readonly table: 'outbox' }>;

const insert = statement(
  'add_dispatch',
  `INSERT INTO outbox (id, receiver, chat_id, kind, body, queued_at_ms, due_at_ms, attempts, dead_at_ms, last_failure)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING`,
);
const update = statement(
  'update_dispatch',
  `UPDATE outbox SET queued_at_ms = $2, due_at_ms = $3, attempts = $4, dead_at_ms = $5, last_failure = $6
   WHERE id = $1`,
);
const remove = statement('remove_dispatch', 'DELETE FROM outbox WHERE id = $1');
const removeChat = statement('remove_dispatches', 'DELETE FROM outbox WHERE chat_id = $1');

/** What writes, changes or forgets something that waits to be told outside. */
export function outboxStatement(write: OutboxWrite): Statement {
  if ('delete' in write) return remove(write.delete);
  if ('deleteChat' in write) return removeChat(write.deleteChat);
  if ('update' in write) {
    const { queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure } = write.progress;
    return update(write.update, queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure);
  }
  const { id, receiver, chatId, kind, body } = write.row;
  const { queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure } = write.row;
  return insert(id, receiver, chatId, kind, body, queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure);
}

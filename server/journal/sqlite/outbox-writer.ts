import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { TableWrite } from '../journal.ts';
import { prepareWrite } from './prepare-write.ts';

type OutboxWrite = Extract<TableWrite, { readonly table: 'outbox' }>;

function prepareAll(db: DatabaseSync) {
  return {
    insert: prepareWrite(
      db,
      'INSERT INTO outbox (id, receiver, chat_id, kind, body, queued_at_ms, due_at_ms, attempts, dead_at_ms, ' +
        'last_failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    ),
    update: prepareWrite(
      db,
      'UPDATE outbox SET queued_at_ms = ?, due_at_ms = ?, attempts = ?, dead_at_ms = ?, last_failure = ? WHERE id = ?',
    ),
    remove: prepareWrite(db, 'DELETE FROM outbox WHERE id = ?'),
    removeChat: prepareWrite(db, 'DELETE FROM outbox WHERE chat_id = ?'),
  } satisfies Record<string, StatementSync>;
}

/** Writes what waits to be told outside; part of `BatchWriter`'s transaction. */
export class OutboxWriter {
  readonly #sql: ReturnType<typeof prepareAll>;

  constructor(db: DatabaseSync) {
    this.#sql = prepareAll(db);
  }

  write(write: OutboxWrite): void {
    if ('delete' in write) this.#sql.remove.run(write.delete);
    else if ('deleteChat' in write) this.#sql.removeChat.run(write.deleteChat);
    else if ('update' in write) {
      const { queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure } = write.progress;
      this.#sql.update.run(queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure, write.update);
    } else {
      const { id, receiver, chatId, kind, body } = write.row;
      const { queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure } = write.row;
      const progress = [queuedAtMs, dueAtMs, attempts, deadAtMs, lastFailure];
      this.#sql.insert.run(id, receiver, chatId, kind, body, ...progress);
    }
  }
}

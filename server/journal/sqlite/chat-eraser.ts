import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { ChatId } from '../../domain/ids.ts';
import { searchedText } from '../group-commit.ts';
import { checksum } from './checksum.ts';
import { prepareWrite } from './prepare-write.ts';

function prepareAll(db: DatabaseSync) {
  return {
    closed: db.prepare("SELECT number FROM chats WHERE id = ? AND state = 'Closed'"),
    archived: db.prepare(
      'SELECT c.number, a.events FROM archive AS a JOIN chats AS c ON c.id = a.chat_id WHERE a.chat_id = ?',
    ),
    unindex: prepareWrite(
      db,
      "INSERT INTO archive_text (archive_text, rowid, text, supervisor_text) VALUES ('delete', ?, ?, ?)",
    ),
    empty: prepareWrite(db, "UPDATE archive SET events = '[]', checksum = ? WHERE chat_id = ?"),
    removeAgents: prepareWrite(db, 'DELETE FROM chat_agents WHERE number = ?'),
    remove: prepareWrite(db, 'DELETE FROM chats WHERE number = ?'),
    anonymise: prepareWrite(
      db,
      "UPDATE chats SET contact_id = '', customer_name = '', subject = NULL WHERE number = ?",
    ),
  } satisfies Record<string, StatementSync>;
}

/**
 * Takes closed chats out of the archive; part of `BatchWriter`'s transaction. A log of which nothing is left stays as an
 * empty one while events of the chat may be in the journal, so that compaction knows what to do with them.
 */
export class ChatEraser {
  readonly #sql: ReturnType<typeof prepareAll>;

  constructor(db: DatabaseSync) {
    this.#sql = prepareAll(db);
  }

  delete(chatId: ChatId): void {
    const number = this.#emptied(chatId);
    if (number === null) return;
    this.#sql.removeAgents.run(number);
    this.#sql.remove.run(number);
  }

  anonymise(chatId: ChatId): void {
    const number = this.#emptied(chatId);
    if (number !== null) this.#sql.anonymise.run(number);
  }

  /** The index for words forgets the chat. It does so by the same words, so this goes before the log. */
  unindex(chatId: ChatId): void {
    const row = this.#sql.archived.get(chatId);
    if (!row) return;
    // The archive holds what `BatchWriter` wrote.
    const { text, supervisorText } = searchedText(JSON.parse(row['events'] as string) as StoredEvent[]);
    if (text !== '' || supervisorText !== '')
      this.#sql.unindex.run(row['number'] ?? null, text, supervisorText);
  }

  /** The number of the closed chat, of which no log is left; null when there is none. */
  #emptied(chatId: ChatId): number | null {
    const number = this.#sql.closed.get(chatId)?.['number'];
    if (number === undefined) return null;
    this.unindex(chatId);
    this.#sql.empty.run(checksum('archive', { chat_id: chatId, events: '[]' }), chatId);
    return Number(number);
  }
}

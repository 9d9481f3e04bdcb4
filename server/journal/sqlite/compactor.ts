import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { ChatId } from '../../domain/ids.ts';
import { checkedColumns, checkedEvents, checksum } from './checksum.ts';
import { rollBack } from './disk-room.ts';
import { prepareWrite } from './prepare-write.ts';

type JournalRow = Readonly<Record<string, SQLOutputValue>> & {
  readonly batch_id: number;
  readonly length: number;
};

/**
 * Keeps the journal short. A step takes its oldest rows away: events of archived chats are dropped, for the archive has
 * them; events of live chats go to a segment of their chat. So a start reads a bounded journal and the segments of live
 * chats, however many chats there were and however long one of them lives.
 *
 * Not for use while a transaction is open on the connection.
 */
export class Compactor {
  readonly #db: DatabaseSync;
  readonly #sql;
  #journalLength: number;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#sql = {
      oldest: db.prepare(
        `SELECT ${checkedColumns('journal')}, octet_length(events) AS length FROM journal ORDER BY batch_id`,
      ),
      isArchived: db.prepare('SELECT 1 AS found FROM archive WHERE chat_id = ?'),
      segment: prepareWrite(
        db,
        'INSERT INTO segments (chat_id, first_seq, last_seq, events, checksum) VALUES (?, ?, ?, ?, ?)',
      ),
      forgotten: db.prepare(
        'SELECT EXISTS (SELECT 1 FROM journal WHERE closed IS NOT NULL) OR ' +
          "EXISTS (SELECT 1 FROM archive WHERE events = '[]') AS found",
      ),
      newest: db.prepare('SELECT max(batch_id) AS batch_id FROM journal'),
      removeEmptied: prepareWrite(db, "DELETE FROM archive WHERE events = '[]'"),
      drop: prepareWrite(db, 'DELETE FROM journal WHERE batch_id <= ?'),
    };
    const total = db.prepare('SELECT total(octet_length(events)) AS length FROM journal').get();
    this.#journalLength = Number(total?.['length']);
  }

  /** Bytes of events in the journal, near enough: those added since the opening are counted in characters. */
  get journalLength(): number {
    return this.#journalLength;
  }

  /** Whether there is nothing in the journal up to this row. */
  isGoneTo(batchId: number): boolean {
    const oldest = this.#sql.oldest.get()?.['batch_id'];
    return oldest === undefined || Number(oldest) > batchId;
  }

  /** Whether a chat that is over stands in the journal, or a log of which nothing is left in the archive. */
  get mayHoldForgotten(): boolean {
    return this.#sql.forgotten.get()?.['found'] === 1;
  }

  /** The newest row of the journal; 0 when there is none. */
  get newest(): number {
    return Number(this.#sql.newest.get()?.['batch_id'] ?? 0);
  }

  /** Removes the logs of which nothing is left; nothing of their chats may be in the journal. */
  removeEmptied(): void {
    this.#sql.removeEmptied.run();
  }

  /** Tells that a batch of this length was written. */
  added(length: number): void {
    this.#journalLength += length;
  }

  /**
   * Takes the oldest rows away, one at least and then up to `maxLength` bytes, in one transaction. Throws what SQLite throws;
   * then none are gone.
   */
  step(maxLength: number): void {
    const rows = this.#oldestRows(maxLength);
    const last = rows.at(-1);
    if (!last) {
      this.#journalLength = 0;
      return;
    }
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const [chatId, events] of byChat(rows))
        if (!this.#sql.isArchived.get(chatId)) this.#addSegment(chatId, events);
      this.#sql.drop.run(last.batch_id);
      this.#db.exec('COMMIT');
    } catch (error) {
      rollBack(this.#db);
      throw error;
    }
    this.#journalLength = Math.max(0, this.#journalLength - rows.reduce((sum, row) => sum + row.length, 0));
  }

  #addSegment(chatId: ChatId, events: readonly StoredEvent[]): void {
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last) return;
    const row = { chat_id: chatId, first_seq: first.seq, last_seq: last.seq, events: JSON.stringify(events) };
    this.#sql.segment.run(row.chat_id, row.first_seq, row.last_seq, row.events, checksum('segments', row));
  }

  #oldestRows(maxLength: number): readonly JournalRow[] {
    const rows: JournalRow[] = [];
    let length = 0;
    // The columns are those of the statement.
    for (const row of this.#sql.oldest.iterate() as Iterable<unknown> as Iterable<JournalRow>) {
      if (rows.length > 0 && length + row.length > maxLength) break;
      rows.push(row);
      length += row.length;
    }
    return rows;
  }
}

function byChat(rows: readonly JournalRow[]): ReadonlyMap<ChatId, StoredEvent[]> {
  const chats = new Map<ChatId, StoredEvent[]>();
  for (const row of rows) {
    // Rows hold what `BatchWriter` wrote; one that does not must not come out of here with a new checksum.
    for (const stored of JSON.parse(checkedEvents('journal', row)) as StoredEvent[]) {
      const events = chats.get(stored.chatId);
      if (events) events.push(stored);
      else chats.set(stored.chatId, [stored]);
    }
  }
  return chats;
}

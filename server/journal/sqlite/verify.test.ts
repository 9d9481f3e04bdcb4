import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StoredEvent } from '../../domain/chat-event.ts';
import { verifySuite } from '../verify/verify-suite.ts';
import { openSqliteContents } from './contents.ts';
import { openSqliteJournal } from './open.ts';

verifySuite('the embedded store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-verify-'));
  const path = join(folder, 'parley.db');
  function sql(text: string): readonly Record<string, unknown>[] {
    const db = new DatabaseSync(path);
    try {
      db.exec('DROP TRIGGER IF EXISTS audit_is_not_changed; DROP TRIGGER IF EXISTS audit_is_not_deleted');
      const rows = db.prepare(text).all();
      // What verify looks for here is wrong and was written so: the checksums are not to find it.
      db.exec('UPDATE journal SET checksum = NULL; UPDATE segments SET checksum = NULL');
      db.exec('UPDATE archive SET checksum = NULL');
      return rows;
    } finally {
      db.close();
    }
  }
  return {
    open: () =>
      openSqliteJournal({
        path,
        limits: { maxWalPages: 400 },
        onFatal: (error) => {
          throw error;
        },
      }),
    contents: () => Promise.resolve(openSqliteContents(path)),
    sql: (text) => Promise.resolve(sql(text)),
    showWord: (chatId, word) =>
      `INSERT INTO archive_text (rowid, text) SELECT number, '${word}' FROM chats WHERE id = '${chatId}'`,
    // The index forgets a row by the words that it was given.
    hideWords: (chatId) =>
      'INSERT INTO archive_text (archive_text, rowid, text, supervisor_text) ' +
      `SELECT 'delete', number, 'Mein Drucker brennt', 'Geheimnis' FROM chats WHERE id = '${chatId}'`,
    hideContact: (id) =>
      'INSERT INTO contact_text (contact_text, rowid, name, email, phone) ' +
      "SELECT 'delete', number, 'Anna' || char(0) || '   Müller', 'Anna@example.org mueller@example.org', '49170' " +
      `FROM contacts WHERE id = '${id}'`,
    dropLiveEvent(chatId, seq) {
      // Where it stands depends on what the store has tidied up meanwhile.
      for (const [table, key] of [
        ['journal', 'batch_id'],
        ['segments', 'id'],
      ] as const)
        for (const row of sql(`SELECT ${key} AS key, events FROM ${table}`)) {
          const events = JSON.parse(String(row['events'])) as StoredEvent[];
          const rest = events.filter((stored) => stored.chatId !== chatId || stored.seq !== seq);
          if (rest.length === events.length) continue;
          const text = JSON.stringify(rest).replaceAll("'", "''");
          return Promise.resolve(
            `UPDATE ${table} SET events = '${text}' WHERE ${key} = ${String(row['key'])}`,
          );
        }
      throw new Error('there is no such event');
    },
    remove: () => rm(folder, { recursive: true }),
  };
});

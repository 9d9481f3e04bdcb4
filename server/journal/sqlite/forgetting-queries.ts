import type { DatabaseSync } from 'node:sqlite';
import type { ChatId, ContactId } from '../../domain/ids.ts';
import { emailKey } from '../contact-key.ts';
import type { ContactKey, ExpiredChats, ProfileRow, UnusedContacts, UnusedContactsPage } from '../journal.ts';
import { contactRow } from './contact-queries.ts';

// The casts below are the types with which the writers filled the columns.

const maxPageLength = 1_000;

/** See `Journal.expiredChats`. */
export function expiredChats(db: DatabaseSync, search: ExpiredChats): readonly ChatId[] {
  const { service, endedBeforeMs, limit } = search;
  const sql =
    "SELECT id FROM chats INDEXED BY chats_expiring WHERE service = ? AND state = 'Closed' AND contact_id <> '' " +
    'AND ended_at_ms < ? ORDER BY ended_at_ms LIMIT ?';
  const count = Math.max(1, Math.min(Math.trunc(limit), maxPageLength));
  return db
    .prepare(sql)
    .all(service, Math.trunc(endedBeforeMs), count)
    .map((row) => row['id'] as ChatId);
}

/** See `Journal.profilesOf`. */
export function profilesOf(db: DatabaseSync, key: ContactKey): readonly ProfileRow[] {
  const { id = null, emailAddress, phoneNumber = null } = key;
  const sql =
    'WITH person AS (SELECT coalesce(merged_into, id) AS root FROM contacts WHERE id = ?1 OR email_key = ?2 ' +
    'OR phone_number = ?3) SELECT * FROM contacts WHERE id IN (SELECT root FROM person) ' +
    'OR merged_into IN (SELECT root FROM person) ORDER BY number';
  const rows = db
    .prepare(sql)
    .all(id, emailAddress === undefined ? null : emailKey(emailAddress), phoneNumber);
  return rows.map((row) => ({ ...contactRow(row), mergedInto: row['merged_into'] as ContactId | null }));
}

/** See `Journal.unusedContacts`. */
export function unusedContacts(db: DatabaseSync, page: UnusedContactsPage): UnusedContacts {
  const { createdBeforeMs, after } = page;
  // A chat of a merged contact belongs to the one it was merged into.
  const sql =
    'SELECT number, id, merged_into IS NULL AND created_at_ms < ? AND NOT EXISTS ' +
    '(SELECT 1 FROM chats INDEXED BY chats_by_contact WHERE contact_id = contacts.id) AS unused ' +
    'FROM contacts WHERE number > ? ORDER BY number LIMIT ?';
  const rows = db.prepare(sql).all(Math.trunc(createdBeforeMs), after, maxPageLength);
  return {
    contactIds: rows.flatMap((row) => (row['unused'] === 1 ? [row['id'] as ContactId] : [])),
    next: rows.length < maxPageLength ? null : Number(rows.at(-1)?.['number']),
  };
}

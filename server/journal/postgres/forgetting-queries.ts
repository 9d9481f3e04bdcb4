import type { ChatId, ContactId } from '../../domain/ids.ts';
import { emailKey } from '../contact-key.ts';
import type { ContactKey, ExpiredChats, ProfileRow, UnusedContacts, UnusedContactsPage } from '../journal.ts';
import { contactColumns, contactRow } from './contact-queries.ts';
import type { Ask } from './reads.ts';
import { restored, storable } from './stored-text.ts';

const maxPageLength = 1_000;

/** See `Journal.expiredChats`. */
export async function expiredChats(ask: Ask, search: ExpiredChats): Promise<readonly ChatId[]> {
  const { service, endedBeforeMs, limit } = search;
  const rows = await ask(
    `SELECT id FROM chats WHERE left(service, 200) = left($1, 200) AND service = $1 AND state = 'Closed'
       AND contact_id <> '' AND ended_at_ms < $2 ORDER BY ended_at_ms LIMIT $3`,
    [storable(service), Math.trunc(endedBeforeMs), Math.max(1, Math.min(Math.trunc(limit), maxPageLength))],
  );
  return rows.map((row) => restored(row['id'] as string) as ChatId);
}

/** See `Journal.profilesOf`. */
export async function profilesOf(ask: Ask, key: ContactKey): Promise<readonly ProfileRow[]> {
  const { id, emailAddress, phoneNumber } = key;
  const given = (value: string | undefined): string | null => (value === undefined ? null : storable(value));
  const email = emailAddress === undefined ? undefined : emailKey(emailAddress);
  const rows = await ask(
    `WITH person AS (SELECT coalesce(merged_into, id) AS root FROM contacts
       WHERE id = $1 OR email_key = $2 OR phone_number = $3)
     SELECT ${contactColumns} FROM contacts WHERE id IN (SELECT root FROM person)
       OR merged_into IN (SELECT root FROM person) ORDER BY number`,
    [given(id), given(email), given(phoneNumber)],
  );
  return rows.map((row) => {
    const mergedInto = row['merged_into'] as string | null;
    return {
      ...contactRow(row),
      mergedInto: mergedInto === null ? null : (restored(mergedInto) as ContactId),
    };
  });
}

/** See `Journal.unusedContacts`. */
export async function unusedContacts(ask: Ask, page: UnusedContactsPage): Promise<UnusedContacts> {
  const rows = await ask(
    `SELECT number, id, CASE WHEN merged_into IS NULL AND created_at_ms < $1 AND NOT EXISTS (SELECT 1 FROM chats
       WHERE left(contact_id, 200) = left(contacts.id, 200) AND contact_id = contacts.id) THEN 1 ELSE 0 END AS unused
     FROM contacts WHERE number > $2 ORDER BY number LIMIT $3`,
    [Math.trunc(page.createdBeforeMs), page.after, maxPageLength],
  );
  return {
    contactIds: rows.flatMap((row) =>
      row['unused'] === 1 ? [restored(row['id'] as string) as ContactId] : [],
    ),
    next: rows.length < maxPageLength ? null : Number(rows.at(-1)?.['number']),
  };
}

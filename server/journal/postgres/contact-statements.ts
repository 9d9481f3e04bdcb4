import { emailKey } from '../contact-key.ts';
import type { ContactRow, TableWrite } from '../journal.ts';
import { contactVector } from './contact-words.ts';
import { statement, type Statement } from './statement.ts';

type ContactWrite = Extract<TableWrite, { readonly table: 'contacts' }>;

const store = statement(
  'store_contact',
  `INSERT INTO contacts (id, first_name, last_name, name_key, email_address, email_key, phone_number, created_at_ms,
     last_agent_id, last_agent_at_ms, words)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::tsvector)
   ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
     name_key = excluded.name_key, email_address = excluded.email_address, email_key = excluded.email_key,
     phone_number = excluded.phone_number, created_at_ms = excluded.created_at_ms,
     last_agent_id = excluded.last_agent_id, last_agent_at_ms = excluded.last_agent_at_ms, words = excluded.words`,
);
// The profile itself first, then those that were merged into it.
const index = statement(
  'index_contact',
  `UPDATE contacts SET found_by = (SELECT all_words(words ORDER BY merged_into IS NOT NULL, number)
     FROM contacts AS part WHERE part.id = $1 OR part.merged_into = $1) WHERE id = $1`,
);
const merge = statement(
  'merge_contact',
  'UPDATE contacts SET merged_into = $2, found_by = NULL WHERE id = $1 OR merged_into = $1',
);
const moveChats = statement(
  'move_chats',
  'UPDATE chats SET contact_id = $2 WHERE left(contact_id, 200) = left($1, 200) AND contact_id = $1',
);
const remove = statement('remove_contact', 'DELETE FROM contacts WHERE id = $1 OR merged_into = $1');

/** What writes a profile and what it is found by. */
export function contactStatements(write: ContactWrite): readonly Statement[] {
  if ('delete' in write) return [remove(write.delete)];
  if ('merge' in write)
    return [merge(write.merge, write.into), moveChats(write.merge, write.into), index(write.into)];
  const { row } = write;
  const stored = store(
    ...[row.id, row.firstName, row.lastName, nameKey(row), row.emailAddress],
    row.emailAddress === null ? null : emailKey(row.emailAddress),
    ...[row.phoneNumber, row.createdAtMs, row.lastAgentId, row.lastAgentAtMs, contactVector(row)],
  );
  return [stored, index(row.id)];
}

/** Last name before first, without case, in any script. */
function nameKey({ firstName, lastName }: ContactRow): string {
  return `${lastName ?? ''} ${firstName ?? ''}`.trim().toLowerCase();
}

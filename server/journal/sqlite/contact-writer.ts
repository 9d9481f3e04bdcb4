import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { ContactId } from '../../domain/ids.ts';
import { emailKey } from '../contact-key.ts';
import type { ContactRow, TableWrite } from '../journal.ts';
import { upsertSql } from './upsert-sql.ts';
import { prepareWrite } from './prepare-write.ts';

type ContactWrite = Extract<TableWrite, { readonly table: 'contacts' }>;

function prepareAll(db: DatabaseSync) {
  return {
    contact: prepareWrite(
      db,
      upsertSql('contacts', [
        ...['id', 'first_name', 'last_name', 'name_key', 'email_address', 'email_key', 'phone_number'],
        ...['created_at_ms', 'last_agent_id', 'last_agent_at_ms'],
      ]),
    ),
    merge: prepareWrite(db, 'UPDATE contacts SET merged_into = ?2 WHERE id = ?1 OR merged_into = ?1'),
    moveChats: prepareWrite(db, 'UPDATE chats SET contact_id = ?2 WHERE contact_id = ?1'),
    remove: prepareWrite(db, 'DELETE FROM contacts WHERE id = ?1 OR merged_into = ?1'),
    // The profile itself first, then those that were merged into it.
    details: db.prepare(
      'SELECT number, first_name, last_name, email_address, phone_number FROM contacts ' +
        'WHERE id = ?1 OR merged_into = ?1 ORDER BY merged_into IS NOT NULL, number',
    ),
    text: prepareWrite(
      db,
      'INSERT OR REPLACE INTO contact_text (rowid, name, email, phone) VALUES (?, ?, ?, ?)',
    ),
    removeText: prepareWrite(
      db,
      'DELETE FROM contact_text WHERE rowid = (SELECT number FROM contacts WHERE id = ?)',
    ),
  } satisfies Record<string, StatementSync>;
}

/** Writes profiles and what they are found by; part of `BatchWriter`'s transaction. */
export class ContactWriter {
  readonly #sql: ReturnType<typeof prepareAll>;

  constructor(db: DatabaseSync) {
    this.#sql = prepareAll(db);
  }

  write(write: ContactWrite): void {
    if ('delete' in write) {
      this.#sql.removeText.run(write.delete);
      this.#sql.remove.run(write.delete);
    } else if ('merge' in write) {
      this.#sql.removeText.run(write.merge);
      this.#sql.merge.run(write.merge, write.into);
      this.#sql.moveChats.run(write.merge, write.into);
      this.#index(write.into);
    } else {
      this.#store(write.row);
      this.#index(write.row.id);
    }
  }

  #store(row: ContactRow): void {
    const { id, firstName, lastName, emailAddress, phoneNumber } = row;
    this.#sql.contact.run(
      id,
      firstName,
      lastName,
      nameKey(row),
      emailAddress,
      emailAddress === null ? null : emailKey(emailAddress),
      phoneNumber,
      row.createdAtMs,
      row.lastAgentId,
      row.lastAgentAtMs,
    );
  }

  /** A profile is found by its own details and by those of all that were merged into it. */
  #index(id: ContactId): void {
    const rows = this.#sql.details.all(id);
    const [own] = rows;
    if (!own) return;
    const all = (...columns: string[]): readonly SQLOutputValue[] =>
      rows.flatMap((row) => columns.map((column) => row[column] ?? ''));
    const phones = all('phone_number').map((phone) => String(phone).replaceAll(/\D/g, ''));
    const text = [all('first_name', 'last_name'), all('email_address'), phones];
    this.#sql.text.run(own['number'] ?? null, ...text.map((values) => values.join(' ').trim()));
  }
}

/** Last name before first, without case, in any script. */
function nameKey({ firstName, lastName }: ContactRow): string {
  return `${lastName ?? ''} ${firstName ?? ''}`.trim().toLowerCase();
}

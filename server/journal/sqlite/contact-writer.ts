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
      'SELECT number, merged_into, first_name, last_name, email_address, phone_number FROM contacts ' +
        'WHERE id = ?1 OR merged_into = ?1 ORDER BY merged_into IS NOT NULL, number',
    ),
    text: prepareWrite(db, 'INSERT INTO contact_text (rowid, name, email, phone) VALUES (?, ?, ?, ?)'),
    removeText: prepareWrite(
      db,
      "INSERT INTO contact_text (contact_text, rowid, name, email, phone) VALUES ('delete', ?, ?, ?, ?)",
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
    // The index forgets a profile by the words that it knows of it: those from before the change.
    if ('delete' in write) {
      this.#unindex(write.delete);
      this.#sql.remove.run(write.delete);
    } else if ('merge' in write) {
      this.#unindex(write.merge);
      this.#unindex(write.into);
      this.#sql.merge.run(write.merge, write.into);
      this.#sql.moveChats.run(write.merge, write.into);
      this.index(write.into);
    } else {
      this.#unindex(write.row.id);
      this.#store(write.row);
      this.index(write.row.id);
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

  /** Lets a profile that no search knows yet be found. */
  index(id: ContactId): void {
    const words = this.#wordsOf(id);
    if (words) this.#sql.text.run(...words);
  }

  #unindex(id: ContactId): void {
    const words = this.#wordsOf(id);
    if (words) this.#sql.removeText.run(...words);
  }

  /**
   * A profile is found by its own details and by those of all that were merged into it: its number and the columns of
   * the index. Null when it is not there, or was merged into another itself.
   */
  #wordsOf(id: ContactId): [SQLOutputValue, ...string[]] | null {
    const rows = this.#sql.details.all(id);
    const [own] = rows;
    if (!own || own['merged_into'] !== null) return null;
    const all = (...columns: string[]): readonly SQLOutputValue[] =>
      rows.flatMap((row) => columns.map((column) => row[column] ?? ''));
    const phones = all('phone_number').map((phone) => String(phone).replaceAll(/\D/g, ''));
    const text = [all('first_name', 'last_name'), all('email_address'), phones];
    return [own['number'] ?? null, ...text.map((values) => values.join(' ').trim())];
  }
}

/** Last name before first, without case, in any script. */
function nameKey({ firstName, lastName }: ContactRow): string {
  return `${lastName ?? ''} ${firstName ?? ''}`.trim().toLowerCase();
}

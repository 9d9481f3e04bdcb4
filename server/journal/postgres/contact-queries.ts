import type { AgentId, ContactId } from '../../domain/ids.ts';
import { emailKey } from '../contact-key.ts';
import type { ContactKey, ContactPage, ContactRow, ContactSearch } from '../journal.ts';
import { contactQuery } from './contact-words.ts';
import type { Ask, Row } from './reads.ts';
import { restored, storable } from './stored-text.ts';

// The casts below are the types with which `contactStatements` filled the columns.

const maxPageLength = 1_000;
/** How many contacts are counted or passed over when everybody is asked for. */
const maxReach = 10_000;
/** How many matches are counted, and sorted for one page. */
const maxMatches = 2_000;

/** What `contactRow` reads. */
export const contactColumns =
  'number, id, first_name, last_name, email_address, phone_number, created_at_ms, last_agent_id, last_agent_at_ms, merged_into';

/** The contact with this id, else this e-mail, else this phone. */
export async function findContact(ask: Ask, key: ContactKey): Promise<ContactRow | null> {
  const attempts: [column: string, value: string | undefined][] = [
    ['id', key.id],
    ['email_key', key.emailAddress === undefined ? undefined : emailKey(key.emailAddress)],
    ['phone_number', key.phoneNumber],
  ];
  for (const [column, value] of attempts) {
    if (value === undefined) continue;
    const sql = `SELECT ${contactColumns} FROM contacts WHERE ${column} = $1 ORDER BY number LIMIT 1`;
    const [row] = await ask(sql, [storable(value)]);
    if (!row) continue;
    if (row['merged_into'] === null) return contactRow(row);
    const [whole] = await ask(`SELECT ${contactColumns} FROM contacts WHERE id = $1`, [row['merged_into']]);
    if (whole) return contactRow(whole);
  }
  return null;
}

function orderBy({ sortBy, descending }: ContactSearch): string {
  const direction = descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST';
  // Profiles are made in the order of their numbers.
  const keys = { name: 'name_key', emailAddress: 'email_key', createdAt: null } as const;
  const key = keys[sortBy];
  const number = `number ${descending ? 'DESC' : 'ASC'}`;
  // The index holds the beginning.
  return key === null ? number : `left(${key}, 200) ${direction}, ${key} ${direction}, ${number}`;
}

/** A page of the profiles that match. */
export async function searchContacts(ask: Ask, search: ContactSearch): Promise<ContactPage> {
  const query = contactQuery(search);
  if (query === null) return { contacts: [], totalCount: 0 };
  const values = query === undefined ? [] : [query];
  const matches =
    query === undefined
      ? 'contacts WHERE merged_into IS NULL'
      : `(SELECT * FROM contacts WHERE found_by @@ $1::tsquery ORDER BY number DESC LIMIT ${maxMatches}) AS matched`;
  const limit = between(search.limit, 1, maxPageLength);
  const offset = between(search.offset ?? 0, 0, maxReach);
  const page = `SELECT ${contactColumns} FROM ${matches} ORDER BY ${orderBy(search)} LIMIT ${limit} OFFSET ${offset}`;
  const [total] = await ask(
    `SELECT count(*) AS total FROM (SELECT 1 FROM ${matches} LIMIT ${maxReach}) AS found`,
    values,
  );
  return { contacts: (await ask(page, values)).map(contactRow), totalCount: total?.['total'] as number };
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(Math.trunc(value), most));
}

/** A row of the table as the seam has it. */
export function contactRow(row: Row): ContactRow {
  const text = (column: string): string | null => {
    const value = row[column] as string | null;
    return value === null ? null : restored(value);
  };
  return {
    id: text('id') as ContactId,
    firstName: text('first_name'),
    lastName: text('last_name'),
    emailAddress: text('email_address'),
    phoneNumber: text('phone_number'),
    createdAtMs: row['created_at_ms'] as number,
    lastAgentId: text('last_agent_id') as AgentId | null,
    lastAgentAtMs: row['last_agent_at_ms'] as number | null,
  };
}

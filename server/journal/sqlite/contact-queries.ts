import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { AgentId, ContactId } from '../../domain/ids.ts';
import { emailKey } from '../contact-key.ts';
import type { ContactKey, ContactPage, ContactRow, ContactSearch } from '../journal.ts';
import { searchBeginnings, searchPhrase } from './search-words.ts';

// The casts below are the types with which `ContactWriter` filled the columns.

const maxPageLength = 1_000;
/** How many contacts are counted or passed over when everybody is asked for. */
const maxReach = 10_000;
/** How many matches are counted, and sorted for one page. */
const maxMatches = 2_000;

/** The contact with this id, else this e-mail, else this phone. */
export function findContact(db: DatabaseSync, key: ContactKey): ContactRow | null {
  const attempts: [column: string, value: string | undefined][] = [
    ['id', key.id],
    ['email_key', key.emailAddress === undefined ? undefined : emailKey(key.emailAddress)],
    ['phone_number', key.phoneNumber],
  ];
  for (const [column, value] of attempts) {
    if (value === undefined) continue;
    const row = db.prepare(`SELECT * FROM contacts WHERE ${column} = ? ORDER BY number LIMIT 1`).get(value);
    if (!row) continue;
    const mergedInto = row['merged_into'];
    if (typeof mergedInto !== 'string') return contactRow(row);
    const whole = db.prepare('SELECT * FROM contacts WHERE id = ?').get(mergedInto);
    if (whole) return contactRow(whole);
  }
  return null;
}

const columns: Record<ContactSearch['sortBy'], string> = {
  name: 'c.name_key',
  emailAddress: 'c.email_key',
  createdAt: 'c.created_at_ms',
};

/** A page of the profiles that match. */
export function searchContacts(db: DatabaseSync, search: ContactSearch): ContactPage {
  const match = matchOf(search);
  if (match === null) return { contacts: [], totalCount: 0 };
  const values = match === undefined ? [] : [match];
  const direction = search.descending ? 'DESC' : 'ASC';
  const matched =
    'SELECT rowid FROM contact_text WHERE contact_text MATCH ? ORDER BY rowid DESC LIMIT ' + maxMatches;
  const from =
    match === undefined
      ? 'contacts AS c'
      : `(${matched}) AS t CROSS JOIN contacts AS c ON c.number = t.rowid`;
  // Profiles are made in the order of their numbers.
  const order = search.sortBy === 'createdAt' ? [] : [`${columns[search.sortBy]} ${direction}`];
  const sql =
    `SELECT c.* FROM ${from} WHERE c.merged_into IS NULL ` +
    `ORDER BY ${[...order, `c.number ${direction}`].join(', ')} LIMIT ? OFFSET ?`;
  const limit = between(search.limit, 1, maxPageLength);
  const offset = between(search.offset ?? 0, 0, maxReach);
  const all =
    match === undefined
      ? `SELECT 1 FROM contacts WHERE merged_into IS NULL LIMIT ${maxReach}`
      : `SELECT 1 FROM contact_text WHERE contact_text MATCH ? LIMIT ${maxMatches}`;
  const total = db.prepare(`SELECT count(*) AS total FROM (${all})`).get(...values);
  return {
    contacts: db
      .prepare(sql)
      .all(...values, limit, offset)
      .map(contactRow),
    totalCount: total?.['total'] as number,
  };
}

/** The full-text query; undefined when everybody is asked for, null when nobody can match. */
function matchOf({ name, emailAddress, phoneNumber, text }: ContactSearch): string | null | undefined {
  const parts: (string | null)[] = [];
  if (name !== undefined) parts.push(inColumn('name', searchBeginnings(name)));
  if (emailAddress !== undefined) parts.push(inColumn('email', searchPhrase(emailAddress)));
  if (phoneNumber !== undefined)
    parts.push(inColumn('phone', searchPhrase(phoneNumber.replaceAll(/\D/g, ''))));
  if (text !== undefined) parts.push(searchBeginnings(text));
  if (parts.length === 0) return undefined;
  return parts.includes(null) ? null : parts.map((part) => `(${part})`).join(' AND ');
}

function inColumn(column: string, query: string | null): string | null {
  return query && `${column} : (${query})`;
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(Math.trunc(value), most));
}

/** A row of the table as the seam has it. */
export function contactRow(row: Record<string, SQLOutputValue>): ContactRow {
  return {
    id: row['id'] as ContactId,
    firstName: row['first_name'] as string | null,
    lastName: row['last_name'] as string | null,
    emailAddress: row['email_address'] as string | null,
    phoneNumber: row['phone_number'] as string | null,
    createdAtMs: row['created_at_ms'] as number,
    lastAgentId: row['last_agent_id'] as AgentId | null,
    lastAgentAtMs: row['last_agent_at_ms'] as number | null,
  };
}

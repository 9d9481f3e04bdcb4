import { auditHash, auditOrigin } from '../audit-hash.ts';
import { auditRow, parsedCell } from '../audit-row.ts';
import { emailKey } from '../contact-key.ts';
import type { StoredContents, StoredRow } from '../stored-contents.ts';

export interface TableCounts {
  auditRows: number;
  contacts: number;
}

/** Checks the tables that do not follow from the log of one chat; tells each problem as a sentence. */
export async function checkTables(
  contents: StoredContents,
  tell: (problem: string) => void,
): Promise<TableCounts> {
  const auditRows = await checkAudit(contents, tell);
  const contacts = await checkContacts(contents, tell);
  await checkJson(contents, tell);
  const lost = await contents.ask(
    'SELECT agent_id, number FROM chat_agents WHERE number NOT IN (SELECT number FROM chats)',
  );
  for (const { agent_id, number } of lost)
    tell(`agent ${agent_id} joined a chat (${number}) that is not there`);
  return { auditRows, contacts };
}

function rowsOf(contents: StoredContents, name: string): AsyncIterable<StoredRow> {
  const table = contents.tables.find((one) => one.name === name);
  if (!table) throw new Error(`the store has no table ${name}`);
  return contents.rows(table);
}

async function checkAudit(contents: StoredContents, tell: (problem: string) => void): Promise<number> {
  let last = { number: 0, hash: auditOrigin };
  let count = 0;
  for await (const cells of rowsOf(contents, 'audit')) {
    const row = auditRow(cells);
    count += 1;
    if (row.number !== last.number + 1) tell(`audit: row ${last.number + 1} is missing`);
    else if (row.previousHash !== last.hash)
      tell(`audit: row ${row.number} does not follow the row before it`);
    if (row.hash !== auditHash(row)) tell(`audit: row ${row.number} was changed`);
    last = { number: row.number, hash: row.hash };
  }
  return count;
}

async function checkContacts(contents: StoredContents, tell: (problem: string) => void): Promise<number> {
  let count = 0;
  for await (const { id, email_address: email, email_key: key } of rowsOf(contents, 'contacts')) {
    count += 1;
    if (key !== (typeof email === 'string' ? emailKey(email) : null))
      tell(`contact ${id}: is not found by its e-mail address`);
  }
  const astray = await contents.ask(
    `SELECT id FROM contacts AS part WHERE merged_into IS NOT NULL AND NOT EXISTS
       (SELECT 1 FROM contacts AS whole WHERE whole.id = part.merged_into AND whole.merged_into IS NULL)`,
  );
  for (const { id } of astray) tell(`contact ${id}: was merged into one that is not there`);
  for (const id of await contents.unfindableContacts()) tell(`contact ${id}: no search finds it`);
  return count;
}

/** The columns that hold JSON, with the key of their rows. */
const jsonColumns = [
  ['agents', 'state', 'agent_id'],
  ['provisioned', 'value', 'id'],
  ['request_keys', 'outcome', 'number'],
] as const;

async function checkJson(contents: StoredContents, tell: (problem: string) => void): Promise<void> {
  for (const [table, column, key] of jsonColumns)
    for await (const row of rowsOf(contents, table)) {
      try {
        parsedCell(row[column]);
      } catch {
        tell(`${table} ${row[key]}: its ${column} is not JSON`);
      }
    }
}

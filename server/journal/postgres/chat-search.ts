import type { AgentId, ChatId, ContactId } from '../../domain/ids.ts';
import type { ChatRow, ChatSearch } from '../journal.ts';
import { foldedWords, wordsOf } from '../words.ts';
import type { Ask, Row } from './reads.ts';
import { restored, storable } from './stored-text.ts';
import { supervisorMark } from './table-statements.ts';

const maxPageLength = 1_000;
const maxOffset = 10_000;

/** Conditions in SQL, whose values are numbered as they come. */
class Where {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];

  /** The place of a value. */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  text(value: string): string {
    return this.value(storable(value));
  }

  and(condition: string): void {
    this.#parts.push(condition);
  }

  /** Equality with what an index holds the beginning of. */
  andIs(column: string, value: string): void {
    const place = this.text(value);
    this.and(`left(${column}, 200) = left(${place}::text, 200) AND ${column} = ${place}`);
  }

  toString(): string {
    return this.#parts.length === 0 ? 'true' : this.#parts.join(' AND ');
  }
}

/** Which condition to follow is left to the database, which knows how many chats each has. */
export async function searchChats(ask: Ask, search: ChatSearch): Promise<readonly ChatRow[]> {
  const isOldestFirst = search.order === 'Oldest';
  const where = new Where();
  if (!(await addConditions(where, search, ask))) return [];
  const limit = Math.max(0, Math.min(Math.trunc(search.limit), maxPageLength));
  const offset = Math.max(0, Math.min(Math.trunc(search.offset ?? 0), maxOffset));
  const condition = String(where);
  const sql =
    `SELECT ${chatColumns} FROM chats WHERE ${condition} ORDER BY number ${isOldestFirst ? 'ASC' : 'DESC'} ` +
    `LIMIT ${where.value(limit)} OFFSET ${where.value(offset)}`;
  return (await ask(sql, where.values)).map(chatRow);
}

/** Everything but the words, which may be long. */
export const chatColumns =
  'number, id, service, queue, contact_id, customer_name, subject, state, requested_at_ms, ended_at_ms, agent_ids, ' +
  'disposition, last_seq';

/** Returns false when nothing can match. */
async function addConditions(where: Where, search: ChatSearch, ask: Ask): Promise<boolean> {
  const { contactId, agentId, text, queue, service, disposition, states, fromMs, toMs, after } = search;
  if (states !== undefined) {
    if (states.length === 0) return false;
    where.and(`state = ANY (${where.value(states)}::text[])`);
    if (!states.includes('Closed')) where.and("state <> 'Closed'");
  }
  if (contactId !== undefined) {
    const [merged] = await ask('SELECT merged_into FROM contacts WHERE id = $1', [storable(contactId)]);
    where.andIs('contact_id', (merged?.['merged_into'] as string | null | undefined) ?? contactId);
  }
  if (text !== undefined && !addWords(where, text, search.seesSupervisors ?? false)) return false;
  if (agentId !== undefined)
    where.and(`number IN (SELECT number FROM chat_agents WHERE agent_id = ${where.text(agentId)})`);
  if (disposition !== undefined) where.andIs('disposition', disposition);
  if (queue !== undefined) where.andIs('queue', queue);
  if (service !== undefined) where.andIs('service', service);
  if (fromMs !== undefined) where.and(`requested_at_ms >= ${where.value(Math.trunc(fromMs))}`);
  if (toMs !== undefined) where.and(`requested_at_ms < ${where.value(Math.trunc(toMs))}`);
  if (after === undefined) return true;
  const [last] = await ask('SELECT number FROM chats WHERE id = $1', [storable(after)]);
  if (!last) return false;
  where.and(`number ${search.order === 'Oldest' ? '>' : '<'} ${where.value(last['number'])}`);
  return true;
}

function addWords(where: Where, text: string, seesSupervisors: boolean): boolean {
  const words = wordsOf(text).flatMap(foldedWords);
  if (words.length === 0) return false;
  if (!seesSupervisors) {
    where.and(`words @> ${where.value(words)}::text[]`);
    return true;
  }
  for (const word of new Set(words))
    where.and(`words && ${where.value([word, supervisorMark + word])}::text[]`);
  return true;
}

/** The casts are the types with which `tableStatements` filled the columns. */
export function chatRow(row: Row): ChatRow {
  const subject = row['subject'] as string | null;
  const disposition = row['disposition'] as string | null;
  return {
    id: restored(row['id'] as string) as ChatId,
    service: restored(row['service'] as string),
    queue: restored(row['queue'] as string),
    contactId: restored(row['contact_id'] as string) as ContactId,
    customerName: restored(row['customer_name'] as string),
    subject: subject === null ? null : restored(subject),
    state: row['state'] as ChatRow['state'],
    requestedAtMs: row['requested_at_ms'] as number,
    endedAtMs: row['ended_at_ms'] as number | null,
    agentIds: JSON.parse(row['agent_ids'] as string) as AgentId[],
    disposition: disposition === null ? null : restored(disposition),
    lastSeq: row['last_seq'] as number,
  };
}

import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { AgentId, ChatId, ContactId } from '../../domain/ids.ts';
import type { ChatRow, ChatSearch } from '../journal.ts';
import { searchWords } from './search-words.ts';

const maxPageLength = 1_000;
const maxOffset = 10_000;
/** Index entries that are looked at to learn which condition narrows most, and where a span of time begins. */
const maxProbed = 1_000;
const maxUnordered = 10_000;

/** One condition of a search. */
interface Condition {
  /** The tables that are read when the search follows this condition, and the column that they come in order of. */
  readonly from: string;
  readonly order: string;
  /** The condition where the search follows it. */
  readonly leading: string;
  /** The condition where the search follows another one, written so that its index is not used. */
  readonly checking: string;
  /** What is counted to learn how much the condition narrows; the leading condition holds of it. */
  readonly probe: string;
  readonly values: readonly SQLInputValue[];
}

/** Reads along the condition that narrows most, in the order of request, and checks the others on the way. */
export function searchChats(db: DatabaseSync, search: ChatSearch): readonly ChatRow[] {
  const conditions = conditionsOf(search);
  if (!conditions) return [];
  const leading = narrowest(db, conditions);
  const order = leading?.order ?? 'c.number';
  const bounds = boundsOf(db, search, order);
  if (!bounds) return [];
  const where = [
    ...(leading ? [leading.leading] : []),
    ...bounds.where,
    ...conditions.filter((one) => one !== leading).map((one) => one.checking),
    ...timeConditions(search).map(({ sql }) => sql),
  ];
  const values = [
    ...(leading?.values ?? []),
    ...bounds.values,
    ...conditions.filter((one) => one !== leading).flatMap((one) => one.values),
    ...timeConditions(search).map(({ value }) => value),
  ];
  const sql =
    `SELECT c.* FROM ${leading?.from ?? 'chats AS c'} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ` +
    `ORDER BY ${order} ${search.order === 'Oldest' ? 'ASC' : 'DESC'} LIMIT ? OFFSET ?`;
  const limit = Math.max(0, Math.min(Math.trunc(search.limit), maxPageLength));
  const offset = Math.max(0, Math.min(Math.trunc(search.offset ?? 0), maxOffset));
  return db
    .prepare(sql)
    .all(...values, limit, offset)
    .map(chatRow);
}

/** The conditions but those of time; null when none can match. */
function conditionsOf(search: ChatSearch): readonly Condition[] | null {
  const { contactId, agentId, text, queue, service, disposition, states } = search;
  if (states?.length === 0) return null;
  const conditions: Condition[] = [];
  if (contactId !== undefined) {
    const whole = 'coalesce((SELECT merged_into FROM contacts WHERE id = ?), ?)';
    conditions.push(indexed('chats_by_contact', `c.contact_id = ${whole}`, [contactId, contactId]));
  }
  if (text !== undefined) {
    const words = searchWords(text);
    if (words === null) return null;
    conditions.push(worded(search.seesSupervisors ? words : `text : (${words})`));
  }
  if (agentId !== undefined) conditions.push(joinedBy(agentId));
  if (disposition !== undefined)
    conditions.push(indexed('chats_by_disposition', 'c.disposition = ?', [disposition]));
  if (queue !== undefined) conditions.push(indexed('chats_by_queue', 'c.queue = ?', [queue]));
  if (service !== undefined) conditions.push(indexed('chats_by_service', 'c.service = ?', [service]));
  if (states !== undefined) {
    const places = `c.state IN (${states.map(() => '?').join(', ')})`;
    conditions.push(
      states.includes('Closed')
        ? { ...indexed('', `+${places}`, states), from: 'chats AS c', probe: 'chats AS c' }
        : indexed('chats_not_closed', `${places} AND c.state <> 'Closed'`, states),
    );
  }
  return conditions;
}

function indexed(index: string, sql: string, values: readonly SQLInputValue[]): Condition {
  const from = `chats AS c INDEXED BY ${index}`;
  return { from, order: 'c.number', leading: sql, checking: sql.replace(/^c\./, '+c.'), probe: from, values };
}

function worded(words: string): Condition {
  return {
    from: 'archive_text AS t CROSS JOIN chats AS c ON c.number = t.rowid',
    order: 't.rowid',
    leading: 'archive_text MATCH ?',
    checking: 'c.number IN (SELECT rowid FROM archive_text WHERE archive_text MATCH ? AND rowid = c.number)',
    probe: 'archive_text',
    values: [words],
  };
}

function joinedBy(agentId: AgentId): Condition {
  return {
    from: 'chat_agents AS a CROSS JOIN chats AS c ON c.number = a.number',
    order: 'a.number',
    leading: 'a.agent_id = ?',
    checking: 'EXISTS (SELECT 1 FROM chat_agents WHERE agent_id = ? AND number = c.number)',
    probe: 'chat_agents AS a',
    values: [agentId],
  };
}

function narrowest(db: DatabaseSync, conditions: readonly Condition[]): Condition | undefined {
  if (conditions.length < 2) return conditions[0];
  const counted = conditions.map((condition) => {
    const { probe, leading, values } = condition;
    const sql = `SELECT count(*) AS found FROM (SELECT 1 FROM ${probe} WHERE ${leading} LIMIT ${maxProbed})`;
    return { condition, found: Number(db.prepare(sql).get(...values)?.['found']) };
  });
  return counted.reduce((best, one) => (one.found < best.found ? one : best)).condition;
}

function timeConditions({ fromMs, toMs }: ChatSearch): readonly { sql: string; value: number }[] {
  return [
    ...(fromMs === undefined ? [] : [{ sql: '+c.requested_at_ms >= ?', value: Math.trunc(fromMs) }]),
    ...(toMs === undefined ? [] : [{ sql: '+c.requested_at_ms < ?', value: Math.trunc(toMs) }]),
  ];
}

interface Bounds {
  readonly where: readonly string[];
  readonly values: readonly SQLInputValue[];
}

/** The row numbers between which the chats of the time and the page lie; null when there are none. */
function boundsOf(db: DatabaseSync, search: ChatSearch, order: string): Bounds | null {
  const { fromMs, toMs, after } = search;
  const found: [sql: string, number: SQLOutputValue | undefined][] = [];
  // Numbers follow the time of request, but for a clock that was set back; a window of entries makes up for that.
  if (fromMs !== undefined)
    found.push([
      `${order} >= ?`,
      db
        .prepare(
          'SELECT min(number) AS bound FROM (SELECT number FROM chats INDEXED BY chats_by_time ' +
            `WHERE requested_at_ms >= ? ORDER BY requested_at_ms LIMIT ${maxUnordered})`,
        )
        .get(Math.trunc(fromMs))?.['bound'],
    ]);
  if (toMs !== undefined)
    found.push([
      `${order} <= ?`,
      db
        .prepare(
          'SELECT max(number) AS bound FROM (SELECT number FROM chats INDEXED BY chats_by_time ' +
            `WHERE requested_at_ms < ? ORDER BY requested_at_ms DESC LIMIT ${maxUnordered})`,
        )
        .get(Math.trunc(toMs))?.['bound'],
    ]);
  if (after !== undefined)
    found.push([
      `${order} ${search.order === 'Oldest' ? '>' : '<'} ?`,
      db.prepare('SELECT number FROM chats WHERE id = ?').get(after)?.['number'],
    ]);
  const values: SQLInputValue[] = [];
  for (const [, number] of found) {
    if (typeof number !== 'number') return null;
    values.push(number);
  }
  return { where: found.map(([sql]) => sql), values };
}

/** The casts are the types with which `BatchWriter` filled the columns. */
export function chatRow(row: Record<string, SQLOutputValue>): ChatRow {
  return {
    id: row['id'] as ChatId,
    service: row['service'] as string,
    queue: row['queue'] as string,
    contactId: row['contact_id'] as ContactId,
    customerName: row['customer_name'] as string,
    subject: row['subject'] as string | null,
    state: row['state'] as ChatRow['state'],
    requestedAtMs: row['requested_at_ms'] as number,
    endedAtMs: row['ended_at_ms'] as number | null,
    agentIds: JSON.parse(row['agent_ids'] as string) as AgentId[],
    disposition: row['disposition'] as string | null,
    lastSeq: row['last_seq'] as number,
  };
}

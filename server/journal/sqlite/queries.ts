import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { AgentId, ChatId, ContactId } from '../../domain/ids.ts';
import { emailKey } from '../contact-key.ts';
import type { AgentRow, ChatRow, ChatSearch, ContactKey, ContactRow, LoginSessionRow } from '../journal.ts';
import { auditRows, lastAudit, provisionedRows, responseUsage } from './provisioning-queries.ts';
import type { Answers, Query, RecoveredText } from './messages.ts';
import { searchWords } from './search-words.ts';

const maxSearchResults = 1_000;

type Row = Record<string, SQLOutputValue>;

/**
 * Answers every kind of query on a connection that only reads. Each answer is taken from one state of the database,
 * so that neither an archiving nor a compaction that runs meanwhile hides or doubles events.
 * The casts below are the types with which `BatchWriter` filled the columns.
 */
export function answer(db: DatabaseSync, query: Query): Answers[Query['type']] {
  db.exec('BEGIN');
  try {
    switch (query.type) {
      case 'recover':
        return recover(db);
      case 'chatEvents':
        return chatEvents(db, query.chatId);
      case 'findContact':
        return findContact(db, query.key);
      case 'searchChats':
        return searchChats(db, query.search);
      case 'auditRows':
        return auditRows(db, query.page);
      case 'responseUsage':
        return responseUsage(db, query.responseId);
    }
  } finally {
    db.exec('COMMIT');
  }
}

function recover(db: DatabaseSync): RecoveredText {
  const segments = db.prepare('SELECT events FROM segments ORDER BY chat_id, first_seq').all();
  const journal = db.prepare('SELECT events, closed FROM journal ORDER BY batch_id').all();
  return {
    segments: segments.map((row) => row['events'] as string),
    journal: journal.map((row) => row['events'] as string),
    closed: journal.flatMap((row) =>
      row['closed'] ? (JSON.parse(row['closed'] as string) as ChatId[]) : [],
    ),
    agents: db.prepare('SELECT * FROM agents ORDER BY agent_id').all().map(agentRow),
    loginSessions: db.prepare('SELECT * FROM login_sessions ORDER BY digest').all().map(loginSessionRow),
    provisioned: provisionedRows(db),
    lastAudit: lastAudit(db),
  };
}

function chatEvents(db: DatabaseSync, chatId: ChatId): readonly string[] {
  const archived = db.prepare('SELECT events FROM archive WHERE chat_id = ?').get(chatId);
  if (archived) return [archived['events'] as string];
  const segments = db.prepare('SELECT events FROM segments WHERE chat_id = ? ORDER BY first_seq').all(chatId);
  // The journal has no index by chat; its length is bounded, and the id alone finds the rows worth parsing.
  const journal = db
    .prepare('SELECT events FROM journal WHERE instr(events, ?) > 0 ORDER BY batch_id')
    .all(chatId);
  const tail = journal.flatMap((row) =>
    (JSON.parse(row['events'] as string) as StoredEvent[]).filter((stored) => stored.chatId === chatId),
  );
  return [
    ...segments.map((row) => row['events'] as string),
    ...(tail.length > 0 ? [JSON.stringify(tail)] : []),
  ];
}

function findContact(db: DatabaseSync, key: ContactKey): ContactRow | null {
  const attempts: [column: string, value: string | undefined][] = [
    ['id', key.id],
    ['email_key', key.emailAddress === undefined ? undefined : emailKey(key.emailAddress)],
    ['phone_number', key.phoneNumber],
  ];
  for (const [column, value] of attempts) {
    if (value === undefined) continue;
    const row = db.prepare(`SELECT * FROM contacts WHERE ${column} = ? ORDER BY number LIMIT 1`).get(value);
    if (row) return contactRow(row);
  }
  return null;
}

/** Reads along the index that narrows most: the contact's chats, else the text, else the agent's chats. */
function searchChats(db: DatabaseSync, search: ChatSearch): readonly ChatRow[] {
  const { contactId, agentId, text } = search;
  const words = text === undefined ? undefined : searchWords(text);
  if (words === null) return [];
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  let from = 'chats AS c';
  let order = 'c.number';
  if (contactId !== undefined) {
    conditions.push('c.contact_id = ?');
    values.push(contactId);
    if (words !== undefined) {
      conditions.push(
        'c.number IN (SELECT rowid FROM archive_text WHERE archive_text MATCH ? AND rowid = c.number)',
      );
      values.push(words);
    }
  } else if (words !== undefined) {
    from = 'archive_text AS t CROSS JOIN chats AS c ON c.number = t.rowid';
    order = 't.rowid';
    conditions.push('archive_text MATCH ?');
    values.push(words);
  } else if (agentId !== undefined) {
    from = 'chat_agents AS a CROSS JOIN chats AS c ON c.number = a.number';
    order = 'a.number';
    conditions.push('a.agent_id = ?');
    values.push(agentId);
  }
  if (agentId !== undefined && (contactId !== undefined || words !== undefined)) {
    conditions.push('EXISTS (SELECT 1 FROM chat_agents WHERE agent_id = ? AND number = c.number)');
    values.push(agentId);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const limit = Math.max(0, Math.min(Math.trunc(search.limit), maxSearchResults));
  const rows = db
    .prepare(`SELECT c.* FROM ${from} ${where} ORDER BY ${order} DESC LIMIT ?`)
    .all(...values, limit);
  return rows.map(chatRow);
}

function contactRow(row: Row): ContactRow {
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

function chatRow(row: Row): ChatRow {
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
    lastSeq: row['last_seq'] as number,
  };
}

function agentRow(row: Row): AgentRow {
  return { agentId: row['agent_id'] as AgentId, state: JSON.parse(row['state'] as string) as unknown };
}

function loginSessionRow(row: Row): LoginSessionRow {
  return {
    digest: row['digest'] as string,
    agentId: row['agent_id'] as AgentId,
    csrfToken: row['csrf_token'] as string,
    createdAtMs: row['created_at_ms'] as number,
    lastSeenAtMs: row['last_seen_at_ms'] as number,
  };
}

import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { StoredEvent } from '../../domain/chat-event.ts';
import type { AgentId, ChatId } from '../../domain/ids.ts';
import type { AgentRow, LoginSessionRow } from '../journal.ts';
import { searchChats } from './chat-search.ts';
import { findContact, searchContacts } from './contact-queries.ts';
import { dispatch, dispatches, dispatchHeads } from './outbox-queries.ts';
import { expiredChats, profilesOf, unusedContacts } from './forgetting-queries.ts';
import { auditRows, lastAudit, provisionedRows, responseUsage } from './provisioning-queries.ts';
import { requestKeyRows } from './request-keys.ts';
import { checkedColumns, checkedEvents, damaged, pageProblems } from './checksum.ts';
import type { Answers, Query, RecoveredText } from './messages.ts';

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
      case 'searchContacts':
        return searchContacts(db, query.search);
      case 'auditRows':
        return auditRows(db, query.page);
      case 'responseUsage':
        return responseUsage(db, query.responseId);
      case 'expiredChats':
        return expiredChats(db, query.search);
      case 'profilesOf':
        return profilesOf(db, query.key);
      case 'unusedContacts':
        return unusedContacts(db, query.page);
      case 'dispatch':
        return dispatch(db, query.id);
      case 'dispatches':
        return dispatches(db, query.page);
    }
  } finally {
    db.exec('COMMIT');
  }
}

function recover(db: DatabaseSync): RecoveredText {
  for (const table of ['journal', 'segments'] as const)
    for (const problem of pageProblems(db, table)) throw damaged(`the table ${table} is broken (${problem})`);
  const segments = db
    .prepare(`SELECT ${checkedColumns('segments')} FROM segments ORDER BY chat_id, first_seq`)
    .all();
  const journal = db.prepare(`SELECT ${checkedColumns('journal')} FROM journal ORDER BY batch_id`).all();
  return {
    segments: segments.map((row) => checkedEvents('segments', row)),
    journal: journal.map((row) => checkedEvents('journal', row)),
    closed: journal.flatMap((row) =>
      row['closed'] ? (JSON.parse(row['closed'] as string) as ChatId[]) : [],
    ),
    agents: db.prepare('SELECT * FROM agents ORDER BY agent_id').all().map(agentRow),
    loginSessions: db.prepare('SELECT * FROM login_sessions ORDER BY digest').all().map(loginSessionRow),
    provisioned: provisionedRows(db),
    lastAudit: lastAudit(db),
    outbox: dispatchHeads(db),
    requestKeys: requestKeyRows(db),
  };
}

function chatEvents(db: DatabaseSync, chatId: ChatId): readonly string[] {
  const archived = db
    .prepare(`SELECT ${checkedColumns('archive')} FROM archive WHERE chat_id = ?`)
    .get(chatId);
  if (archived) {
    if (archived['chat_id'] !== chatId) throw damaged(`the archive gives another log for chat ${chatId}`);
    return [checkedEvents('archive', archived)];
  }
  if (isOver(db, chatId)) throw damaged(`chat ${chatId} is over and has no archived log`);
  const segments = db
    .prepare(`SELECT ${checkedColumns('segments')} FROM segments WHERE chat_id = ? ORDER BY first_seq`)
    .all(chatId);
  // The journal has no index by chat; its length is bounded, and the id alone finds the rows worth parsing.
  const journal = db
    .prepare(`SELECT ${checkedColumns('journal')} FROM journal WHERE instr(events, ?) > 0 ORDER BY batch_id`)
    .all(chatId);
  const tail = journal.flatMap((row) =>
    (JSON.parse(checkedEvents('journal', row)) as StoredEvent[]).filter((stored) => stored.chatId === chatId),
  );
  return [
    ...segments.map((row) => checkedEvents('segments', row)),
    ...(tail.length > 0 ? [JSON.stringify(tail)] : []),
  ];
}

/** Whether the archive must have the chat's log: it is over and was not anonymised. */
function isOver(db: DatabaseSync, chatId: ChatId): boolean {
  const sql = "SELECT 1 FROM chats WHERE id = ? AND state = 'Closed' AND contact_id <> ''";
  return db.prepare(sql).get(chatId) !== undefined;
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

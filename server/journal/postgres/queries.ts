import type { StoredEvent } from '../../domain/chat-event.ts';
import type { AgentId, ChatId } from '../../domain/ids.ts';
import type { AgentRow, LoginSessionRow, Recovered } from '../journal.ts';
import { dispatchHeads } from './outbox-queries.ts';
import { lastAudit, provisionedRows } from './provisioning-queries.ts';
import type { Ask, Row } from './reads.ts';
import { requestKeyRows } from './request-keys.ts';
import { restored, storable } from './stored-text.ts';

// The casts below are the types with which `tableStatements` filled the columns.

/** What a start needs; to be asked on one state of the database. */
export async function recover(ask: Ask): Promise<Recovered> {
  const logs = await ask(
    `SELECT '[' || string_agg(event, ',' ORDER BY seq) || ']' AS events FROM events GROUP BY chat_id ORDER BY chat_id`,
  );
  const agents = await ask('SELECT agent_id, state FROM agents ORDER BY agent_id');
  const loginSessions = await ask('SELECT * FROM login_sessions ORDER BY digest');
  return {
    liveChats: new Map(
      logs.flatMap((row) => {
        const events = JSON.parse(row['events'] as string) as readonly StoredEvent[];
        const [first] = events;
        return first ? [[first.chatId, events] as const] : [];
      }),
    ),
    agents: agents.map(agentRow),
    loginSessions: loginSessions.map(loginSessionRow),
    provisioned: await provisionedRows(ask),
    lastAudit: await lastAudit(ask),
    outbox: await dispatchHeads(ask),
    requestKeys: await requestKeyRows(ask),
  };
}

/** One statement, so that the log is read on one state of the database: a chat that closes meanwhile is not missed. */
export async function chatEvents(ask: Ask, chatId: ChatId): Promise<readonly StoredEvent[]> {
  const [row] = await ask(
    `SELECT coalesce((SELECT events FROM archive WHERE chat_id = $1),
       (SELECT '[' || string_agg(event, ',' ORDER BY seq) || ']' FROM events WHERE chat_id = $1)) AS events`,
    [storable(chatId)],
  );
  const events = row?.['events'];
  return typeof events === 'string' ? (JSON.parse(events) as StoredEvent[]) : [];
}

function agentRow(row: Row): AgentRow {
  return {
    agentId: restored(row['agent_id'] as string) as AgentId,
    state: JSON.parse(row['state'] as string) as unknown,
  };
}

function loginSessionRow(row: Row): LoginSessionRow {
  return {
    digest: restored(row['digest'] as string),
    agentId: restored(row['agent_id'] as string) as AgentId,
    csrfToken: restored(row['csrf_token'] as string),
    createdAtMs: row['created_at_ms'] as number,
    lastSeenAtMs: row['last_seen_at_ms'] as number,
  };
}

import type { ArchivedLog } from '../group-commit.ts';
import type { ChatRow, TableWrite } from '../journal.ts';
import { foldedWords } from '../words.ts';
import { contactStatements } from './contact-statements.ts';
import { outboxStatement } from './outbox-statements.ts';
import { provisioningStatement } from './provisioning-statements.ts';
import { requestKeyStatement } from './request-keys.ts';
import { statement, type Statement } from './statement.ts';

// A chat of a contact that was merged while it went on belongs to the one it was merged into.
const storeChat = statement(
  'store_chat',
  `INSERT INTO chats (id, service, queue, contact_id, customer_name, subject, state, requested_at_ms, ended_at_ms,
     agent_ids, disposition, last_seq)
   VALUES ($1, $2, $3, coalesce((SELECT merged_into FROM contacts WHERE id = $4), $4), $5, $6, $7, $8, $9, $10, $11, $12)
   ON CONFLICT (id) DO UPDATE SET service = excluded.service, queue = excluded.queue,
     contact_id = excluded.contact_id, customer_name = excluded.customer_name, subject = excluded.subject,
     state = excluded.state, requested_at_ms = excluded.requested_at_ms, ended_at_ms = excluded.ended_at_ms,
     agent_ids = excluded.agent_ids, disposition = excluded.disposition, last_seq = excluded.last_seq`,
);
const storeChatAgents = statement(
  'store_chat_agents',
  `INSERT INTO chat_agents (agent_id, number)
   SELECT agent_id, chats.number FROM unnest($1::text[]) AS agent_id, chats WHERE chats.id = $2 ON CONFLICT DO NOTHING`,
);
const storeAgent = statement(
  'store_agent',
  'INSERT INTO agents (agent_id, state) VALUES ($1, $2) ON CONFLICT (agent_id) DO UPDATE SET state = excluded.state',
);
const storeLoginSession = statement(
  'store_login_session',
  `INSERT INTO login_sessions (digest, agent_id, csrf_token, created_at_ms, last_seen_at_ms)
   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO UPDATE SET agent_id = excluded.agent_id,
     csrf_token = excluded.csrf_token, created_at_ms = excluded.created_at_ms, last_seen_at_ms = excluded.last_seen_at_ms`,
);
const removeLoginSession = statement('remove_login_session', 'DELETE FROM login_sessions WHERE digest = $1');
const storeArchive = statement(
  'store_archive',
  `INSERT INTO archive (chat_id, events) VALUES ($1, $2) ON CONFLICT (chat_id) DO UPDATE SET events = excluded.events`,
);
const storeWords = statement('store_words', 'UPDATE chats SET words = $2::text[] WHERE id = $1');
const removeEvents = statement('remove_events', 'DELETE FROM events WHERE chat_id = $1');

const removeArchive = statement(
  'remove_archive',
  `DELETE FROM archive WHERE chat_id = $1 AND EXISTS (SELECT 1 FROM chats WHERE id = $1 AND state = 'Closed')`,
);
const removeAgents = statement(
  'remove_chat_agents',
  `DELETE FROM chat_agents WHERE number = (SELECT number FROM chats WHERE id = $1 AND state = 'Closed')`,
);
const removeChat = statement('remove_chat', `DELETE FROM chats WHERE id = $1 AND state = 'Closed'`);
const anonymiseChat = statement(
  'anonymise_chat',
  `UPDATE chats SET contact_id = '', customer_name = '', subject = NULL, words = NULL
   WHERE id = $1 AND state = 'Closed'`,
);

/** The statements of one table write; archives are for `archiveStatements`. */
export function tableStatements(write: TableWrite): readonly Statement[] {
  switch (write.table) {
    case 'contacts':
      return contactStatements(write);
    case 'chats':
      if ('delete' in write)
        return [removeArchive(write.delete), removeAgents(write.delete), removeChat(write.delete)];
      if ('anonymise' in write) return [removeArchive(write.anonymise), anonymiseChat(write.anonymise)];
      return chatStatements(write.row);
    case 'agents':
      return [storeAgent(write.row.agentId, JSON.stringify(write.row.state))];
    case 'login_sessions': {
      if ('delete' in write) return [removeLoginSession(write.delete)];
      const { digest, agentId, csrfToken, createdAtMs, lastSeenAtMs } = write.row;
      return [storeLoginSession(digest, agentId, csrfToken, createdAtMs, lastSeenAtMs)];
    }
    case 'provisioned':
    case 'audit':
    case 'response_usage':
      return [provisioningStatement(write)];
    case 'outbox':
      return [outboxStatement(write)];
    case 'request_keys':
      return [requestKeyStatement(write)];
    case 'archive':
      throw new Error('archives travel beside the table writes');
  }
}

function chatStatements(row: ChatRow): readonly Statement[] {
  const stored = storeChat(
    ...[row.id, row.service, row.queue, row.contactId, row.customerName, row.subject, row.state],
    ...[row.requestedAtMs, row.endedAtMs, JSON.stringify(row.agentIds), row.disposition, row.lastSeq],
  );
  return row.agentIds.length === 0 ? [stored] : [stored, storeChatAgents(row.agentIds, row.id)];
}

/** The log of a closed chat goes from the events to the archive, and its words to the search. */
export function archiveStatements(log: ArchivedLog): readonly Statement[] {
  const words = searchedWords(log);
  return [storeArchive(log.chatId, log.events), storeWords(log.chatId, words), removeEvents(log.chatId)];
}

/** What stands before a word that only supervisors were to read: no word begins with it. */
export const supervisorMark = '!';

/** Every word of a closed chat once. */
export function searchedWords({
  text,
  supervisorText,
}: Pick<ArchivedLog, 'text' | 'supervisorText'>): string[] {
  const words = new Set(foldedWords(text));
  const hidden = new Set(foldedWords(supervisorText).filter((word) => !words.has(word)));
  return [...words, ...[...hidden].map((word) => supervisorMark + word)];
}

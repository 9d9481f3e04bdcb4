import type { StoredEvent } from '../domain/chat-event.ts';
import { assignmentOf, isClosed, type Chat } from '../domain/chat.ts';
import type { AgentId } from '../domain/ids.ts';
import type { ChatRow, ContactRow, TableWrite } from './journal.ts';

function stateOf(chat: Chat): ChatRow['state'] {
  if (chat.session === 'Ended') return isClosed(chat) ? 'Closed' : 'Ended';
  if (chat.assignments.some((assignment) => assignment.state === 'Chatting')) return 'Chatting';
  return chat.assignments.some((assignment) => assignment.state === 'Invited') ? 'Offered' : 'Waiting';
}

/** Where dispositions stand when nobody says otherwise (gws-agent-api §4.17). */
const usualDispositionKey = 'DispositionCode';

function dispositionOf({ userData, dispositionKey = usualDispositionKey }: Chat): string | null {
  const disposition = Object.hasOwn(userData, dispositionKey) ? userData[dispositionKey] : undefined;
  return typeof disposition === 'string' && disposition !== '' ? disposition : null;
}

/** The agents who joined, but for silent supervisors, of whom agents must not know; those who handled it last. */
function agentsOf(chat: Chat): readonly AgentId[] {
  const seen = chat.parties.filter(({ visibility }) => visibility !== 'Supervisors');
  const ids = [...new Set(seen.flatMap((party) => party.agentId ?? []))];
  const handled = (agentId: AgentId): boolean => assignmentOf(chat, agentId)?.role === 'Handler';
  return [...ids.filter((agentId) => !handled(agentId)), ...ids.filter(handled)];
}

/** The chat as lists and searches show it. */
export function chatRow(chat: Chat): ChatRow {
  return {
    id: chat.id,
    service: chat.service,
    queue: chat.placement.queue,
    contactId: chat.contactId,
    customerName: chat.customer.nickname,
    subject: chat.customer.subject ?? null,
    state: stateOf(chat),
    requestedAtMs: chat.requestedAtMs,
    endedAtMs: chat.endedAtMs,
    agentIds: agentsOf(chat),
    disposition: dispositionOf(chat),
    lastSeq: chat.seq,
  };
}

/** Whether lists and searches see a difference; `lastSeq` alone is none, for it grows with each message. */
function differs(before: Chat, after: Chat): boolean {
  const untouched =
    before.parties === after.parties &&
    before.userData === after.userData &&
    before.assignments === after.assignments &&
    before.session === after.session &&
    before.placement === after.placement;
  // Most steps are messages, which touch none of these: no row is built for them.
  if (untouched) return false;
  return (
    JSON.stringify({ ...chatRow(before), lastSeq: 0 }) !== JSON.stringify({ ...chatRow(after), lastSeq: 0 })
  );
}

/**
 * The derived rows that follow from a chat's step: its row when lists see a difference, and its whole log for the
 * archive when the step closes it. `events` gives all events of the chat, these included; without it nothing is archived.
 */
export function project(
  before: Chat | null,
  after: Chat,
  stored: readonly StoredEvent[],
  events?: () => readonly StoredEvent[],
): readonly TableWrite[] {
  if (stored.length === 0) return [];
  const row: TableWrite[] =
    before === null || differs(before, after) ? [{ table: 'chats', row: chatRow(after) }] : [];
  const closes = isClosed(after) && !(before !== null && isClosed(before));
  return closes && events ? [...row, { table: 'archive', chatId: after.id, events: events() }] : row;
}

/** The contact's profile after `LastAgentSaved`: remembers who served them last (saveLAR, gws-agent-api §7.1). */
export function withLastAgent(row: ContactRow, agentId: AgentId, atMs: number): ContactRow {
  return { ...row, lastAgentId: agentId, lastAgentAtMs: atMs };
}

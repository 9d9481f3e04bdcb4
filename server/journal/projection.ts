import type { StoredEvent } from '../domain/chat-event.ts';
import { isAsleep } from '../domain/lifetime.ts';
import { assignmentOf, isClosed, type Chat } from '../domain/chat.ts';
import type { AgentId } from '../domain/ids.ts';
import type { ChatRow, ContactRow, TableWrite } from './journal.ts';

/** How a chat stands, in one word. */
export function stateOf(chat: Chat): ChatRow['state'] {
  if (chat.session === 'Ended') return isClosed(chat) ? 'Closed' : 'Ended';
  if (chat.assignments.some((assignment) => assignment.state === 'Chatting')) return 'Chatting';
  if (chat.assignments.some((assignment) => assignment.state === 'Invited')) return 'Offered';
  // One that sleeps has been served and waits for nobody.
  return isAsleep(chat) && chat.assignments.length > 0 ? 'Chatting' : 'Waiting';
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

/** The log of a chat that is over as it is kept, and the chat that it makes. */
export interface KeptLog {
  readonly events: readonly StoredEvent[];
  readonly chat: Chat;
  /** Whether words of the live log are masked in it. */
  readonly isMasked: boolean;
}

/**
 * The derived rows that follow from a chat's step: its row when lists see a difference, and its whole log for the
 * archive when the step closes it. `kept` gives what is kept of the whole log; without it nothing is archived.
 */
export function project(
  before: Chat | null,
  after: Chat,
  stored: readonly StoredEvent[],
  kept?: () => KeptLog,
): readonly TableWrite[] {
  if (stored.length === 0) return [];
  const row: TableWrite[] =
    before === null || differs(before, after) ? [{ table: 'chats', row: chatRow(after) }] : [];
  const closes = isClosed(after) && !(before !== null && isClosed(before));
  if (!closes || !kept) return row;
  const { events, chat, isMasked } = kept();
  const archive = {
    table: 'archive',
    chatId: after.id,
    events,
    ...(isMasked ? ({ isMasked } as const) : {}),
  } as const;
  return [...(isMasked ? [{ table: 'chats', row: chatRow(chat) } as const] : row), archive];
}

/** The contact's profile after `LastAgentSaved`: remembers who served them last (saveLAR, gws-agent-api §7.1). */
export function withLastAgent(row: ContactRow, agentId: AgentId, atMs: number): ContactRow {
  return { ...row, lastAgentId: agentId, lastAgentAtMs: atMs };
}

import type {
  Chat as ChatView,
  ChatMessage,
  Participant as ParticipantView,
} from '@parley/contract/gws/chat.ts';
import { capabilitiesOf } from '../domain/capabilities.ts';
import { assignmentOf, type Chat, type Presence } from '../domain/chat.ts';
import type { ChatEvent, Participant, StoredEvent, Visibility } from '../domain/chat-event.ts';
import type { AgentId, ParticipantId } from '../domain/ids.ts';
import type { WireFormat } from './wire-format.ts';

/** Which visibilities a viewer is shown: the one place where that is decided. */
export type Sight = 'customer' | 'agent' | 'supervisor';

const seen: Record<Sight, readonly Visibility[]> = {
  customer: ['All'],
  agent: ['All', 'Agents'],
  supervisor: ['All', 'Agents', 'Supervisors'],
};

export function maySee(sight: Sight, visibility: Visibility): boolean {
  return seen[sight].includes(visibility);
}

/** A participant on the agent API (gws-agent-api §5.4); `uri` and `path` name the user and exist for agents only. */
export function participantView(participant: Participant, wire: WireFormat): ParticipantView {
  const { type, nickname, participantId, visibility, agentId } = participant;
  const path = agentId && `/users/${agentId}`;
  const user = path ? { uri: wire.uri(path), path } : {};
  return { type, nickname, participantId, id: participantId, visibility, ...user };
}

/** The participants who are in the conversation, as an agent sees them: agents first, as on the founding page. */
export function participantViews(chat: Chat, wire: WireFormat): ParticipantView[] {
  const visible = chat.parties.filter((party) => party.present && maySee('agent', party.visibility));
  const agents = visible.filter((party) => party.type === 'Agent');
  const customers = visible.filter((party) => party.type === 'Customer');
  return [...agents, ...customers].map((party) => participantView(party, wire));
}

/** A chat as one agent sees it (gws-agent-api §5.1). Throws for an agent who has nothing to do with it. */
export function chatView(chat: Chat, agentId: AgentId, wire: WireFormat): ChatView {
  const assignment = assignmentOf(chat, agentId);
  if (!assignment) throw new Error(`agent ${agentId} has no part in chat ${chat.id}`);
  const path = `/chats/${chat.id}`;
  return {
    state: assignment.state,
    capabilities: [...capabilitiesOf(chat, agentId)],
    id: chat.id,
    uri: wire.uri(path),
    path,
    participants: participantViews(chat, wire),
    userData: { ...chat.userData },
    chatType: 'Inbound',
    receivedDate: wire.timestamp(chat.requestedAtMs),
  };
}

type LoggedEvent = Extract<
  ChatEvent,
  { readonly type: 'ParticipantJoined' | 'ParticipantLeft' | 'TextSent' | 'TypingStarted' | 'TypingStopped' }
>;

function isLoggedEvent(event: ChatEvent): event is LoggedEvent {
  return event.type === 'ParticipantJoined' || ('participantId' in event && event.type !== 'OfferAccepted');
}

/** Who speaks in an entry of the message log, and who may see it. */
function speakerOf(event: LoggedEvent, parties: ReadonlyMap<ParticipantId, Participant>): Participant {
  const id = event.type === 'ParticipantJoined' ? event.participant.participantId : event.participantId;
  const speaker = parties.get(id);
  if (!speaker) throw new Error(`participant ${id} never joined`);
  return speaker;
}

/** An entry of the message log with its speaker: what both APIs make their messages of. */
export interface LogEntry {
  readonly index: number;
  readonly atMs: number;
  readonly event: LoggedEvent;
  readonly from: Participant;
  readonly visibility: Visibility;
}

/** The entries of the stored events that the viewer may see, in order. */
export function visibleEntries(
  stored: readonly StoredEvent[],
  parties: readonly Presence[],
  sight: Sight,
): LogEntry[] {
  const byId = new Map(parties.map((party) => [party.participantId, party]));
  const entries: LogEntry[] = [];
  for (const { index, atMs, event } of stored) {
    if (index === undefined || !isLoggedEvent(event)) continue;
    const from = speakerOf(event, byId);
    const visibility = 'visibility' in event ? event.visibility : from.visibility;
    if (maySee(sight, visibility)) entries.push({ index, atMs, event, from, visibility });
  }
  return entries;
}

/** An entry on the agent API (gws-agent-api §5.5). `timestampSeconds` holds milliseconds, as there. */
export function messageView(entry: LogEntry, wire: WireFormat): ChatMessage {
  const { index, atMs, event, from, visibility } = entry;
  const said = event.type === 'TextSent' ? saidView(event) : previewView(event);
  return {
    index,
    type: event.type === 'TextSent' ? 'Text' : event.type,
    from: participantView(from, wire),
    ...said,
    visibility,
    timestamp: wire.timestamp(atMs),
    timestampSeconds: atMs,
  };
}

function saidView(event: Extract<LoggedEvent, { type: 'TextSent' }>): Partial<ChatMessage> {
  const { text, messageType, treatAs } = event;
  return { text, ...(messageType ? { messageType } : {}), ...(treatAs ? { treatAs } : {}) };
}

function previewView(event: LoggedEvent): Partial<ChatMessage> {
  return event.type === 'TypingStarted' && event.text ? { text: event.text } : {};
}

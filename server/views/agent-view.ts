import type {
  Chat as ChatView,
  ChatMessage,
  Participant as ParticipantView,
} from '@parley/contract/gws/chat.ts';
import { capabilitiesOf } from '../domain/capabilities.ts';
import { assignmentOf, type Chat, type Presence } from '../domain/chat.ts';
import {
  isLogged,
  type LoggedEvent,
  type Participant,
  type StoredEvent,
  type Visibility,
} from '../domain/chat-event.ts';
import type { AgentId, ParticipantId } from '../domain/ids.ts';
import { maySee, sightOf, type Sight } from '../domain/visibility.ts';
import { fileView } from './file-view.ts';
import type { WireFormat } from './wire-format.ts';

/** A participant on the agent API (gws-agent-api §5.4); `uri` and `path` name the user and exist for agents only. */
export function participantView(participant: Participant, wire: WireFormat): ParticipantView {
  const { type, nickname, participantId, visibility, agentId } = participant;
  const path = agentId && `/users/${agentId}`;
  const user = path ? { uri: wire.uri(path), path } : {};
  return { type, nickname, participantId, id: participantId, visibility, ...user };
}

/** The participants who are in the conversation, as the viewer sees them: agents first, as on the founding page. */
export function participantViews(chat: Chat, sight: Sight, wire: WireFormat): ParticipantView[] {
  const visible = visibleParties(chat, sight);
  const agents = visible.filter((party) => party.type === 'Agent');
  const customers = visible.filter((party) => party.type === 'Customer');
  return [...agents, ...customers].map((party) => participantView(party, wire));
}

/** Who is in the conversation, as far as the viewer may know. */
export function visibleParties(chat: Chat, sight: Sight): readonly Presence[] {
  return chat.parties.filter((party) => party.present && maySee(sight, party.visibility));
}

/** A chat as one agent sees it (gws-agent-api §5.1). Throws for an agent who has nothing to do with it. */
export function chatView(chat: Chat, agentId: AgentId, wire: WireFormat): ChatView {
  const assignment = assignmentOf(chat, agentId);
  if (!assignment) throw new Error(`agent ${agentId} has no part in chat ${chat.id}`);
  const { state, role } = assignment;
  return {
    state,
    role,
    capabilities: [...capabilitiesOf(chat, agentId)],
    ...caseView(chat, sightOf(chat, agentId), wire),
  };
}

/** A chat of the agent as a supervisor sees it who is not in it: what they would see inside, and nothing to do. */
export function watchedChatView(chat: Chat, agentId: AgentId, wire: WireFormat): ChatView {
  const assignment = assignmentOf(chat, agentId);
  if (!assignment) throw new Error(`agent ${agentId} has no part in chat ${chat.id}`);
  const { state, role } = assignment;
  return { state, role, capabilities: [], ...caseView(chat, 'supervisor', wire) };
}

function caseView(
  chat: Chat,
  sight: Sight,
  wire: WireFormat,
): Omit<ChatView, 'state' | 'role' | 'capabilities'> {
  const path = `/chats/${chat.id}`;
  return {
    id: chat.id,
    uri: wire.uri(path),
    path,
    participants: participantViews(chat, sight, wire),
    userData: { ...chat.userData },
    ...(chat.alarms.length > 0 ? { alarms: [...chat.alarms] } : {}),
    chatType: 'Inbound',
    receivedDate: wire.timestamp(chat.requestedAtMs),
  };
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
    if (index === undefined || !isLogged(event)) continue;
    // Agents hear of a new name by ParticipantsUpdated; desktops know no other word for it, nor for a receipt.
    if (sight !== 'customer' && (event.type === 'NicknameUpdated' || event.type === 'ReadConfirmed'))
      continue;
    const from = speakerOf(event, byId);
    const { visibility = from.visibility } = event.type === 'ParticipantJoined' ? event.participant : event;
    if (maySee(sight, visibility)) entries.push({ index, atMs, event, from, visibility });
  }
  return entries;
}

/** An entry on the agent API (gws-agent-api §5.5). `timestampSeconds` holds milliseconds, as there. */
export function messageView(entry: LogEntry, wire: WireFormat): ChatMessage {
  const { index, atMs, event, from, visibility } = entry;
  return {
    index,
    type: kinds[event.type],
    from: participantView(from, wire),
    ...contentView(event),
    visibility,
    timestamp: wire.timestamp(atMs),
    timestampSeconds: atMs,
  };
}

/** What kind of message an event of the log is on the agent API. */
const kinds: Record<LoggedEvent['type'], ChatMessage['type']> = {
  ParticipantJoined: 'ParticipantJoined',
  ParticipantLeft: 'ParticipantLeft',
  TextSent: 'Text',
  TypingStarted: 'TypingStarted',
  TypingStopped: 'TypingStopped',
  UrlSent: 'PushUrl',
  CustomNoticeSent: 'CustomNotice',
  FileUploaded: 'FileUploaded',
  FileDeleted: 'FileDeleted',
  // Not among an agent's entries (`visibleEntries`).
  NicknameUpdated: 'Notice',
  ReadConfirmed: 'Notice',
};

function contentView(event: LoggedEvent): Partial<ChatMessage> {
  switch (event.type) {
    case 'TextSent': {
      const { text, messageType, treatAs } = event;
      return { text, ...(messageType ? { messageType } : {}), ...(treatAs ? { treatAs } : {}) };
    }
    case 'TypingStarted':
      return event.text ? { text: event.text } : {};
    case 'UrlSent':
      return { url: event.url };
    case 'CustomNoticeSent':
      return { noticeText: event.noticeText };
    case 'FileUploaded':
      return { file: fileView(event) };
    case 'FileDeleted':
      return { fileId: event.fileId };
    default:
      return {};
  }
}

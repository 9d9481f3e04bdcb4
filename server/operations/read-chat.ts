import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import { assignmentOf, foldLog, type Chat } from '../domain/chat.ts';
import { logFrom, type StoredEvent } from '../domain/chat-event.ts';
import type { AgentId } from '../domain/ids.ts';
import type { ChatTarget } from './agent-chat.ts';
import type { Operations } from './operations.ts';

/** A chat as far as it is on disk, and its message log from an index on: `most` entries at most, all by default. */
export interface ReadChat {
  readonly chat: Chat;
  readonly messagesFrom: (index: number, most?: number) => readonly StoredEvent[];
}

function readEvents(chat: Chat, events: readonly StoredEvent[]): ReadChat {
  return { chat, messagesFrom: (index, most) => logFrom(events, index).slice(0, most) };
}

/** A live chat, at once; null when it is none. */
export function readLiveChat({ chats }: Operations, chatId: Chat['id']): ReadChat | null {
  const live = chats.durable(chatId);
  return live ? { chat: live, messagesFrom: (index, most) => chats.messageLog(chatId, index, most) } : null;
}

/** Any chat, live or archived; null when there is none of this id. */
export async function readChat(operations: Operations, chatId: Chat['id']): Promise<ReadChat | null> {
  const live = readLiveChat(operations, chatId);
  if (live) return live;
  const events = await operations.journal.chatEvents(chatId);
  const chat = foldLog(events);
  return chat && readEvents(chat, events);
}

/** The same as it stood after its event `seq`, live or archived; null when there is none of this id. */
export async function readChatAt(
  { chats, journal }: Operations,
  chatId: Chat['id'],
  seq: number,
): Promise<ReadChat | null> {
  const live = chats.eventsUpTo(chatId, seq);
  const events = live.length > 0 ? live : (await journal.chatEvents(chatId)).slice(0, seq);
  const chat = foldLog(events);
  return chat && readEvents(chat, events);
}

/** What was read, without what has happened after this earlier state of the chat. */
export function asOf({ chat: now, messagesFrom }: ReadChat, chat: Chat): ReadChat {
  if (now.seq === chat.seq) return { chat, messagesFrom };
  return {
    chat,
    messagesFrom: (index, most) => messagesFrom(index, most).filter(({ seq }) => seq <= chat.seq),
  };
}

/** A chat that the agent has or had a part in; NotFound for all others alike, so that ids cannot be tried out. */
export async function readAgentChat(operations: Operations, target: ChatTarget): Promise<ReadChat | Refusal> {
  const found = await readChat(operations, target.chatId);
  return found && assignmentOf(found.chat, target.agentId)
    ? found
    : refuse('NotFound', 'There is no such chat.');
}

/**
 * The message log as this agent may read it: nothing before they accepted, everything while they are in the chat, and
 * afterwards what was said until they left.
 */
export function messagesFor(
  found: ReadChat,
  agentId: AgentId,
  fromIndex: number,
): readonly StoredEvent[] | Refusal {
  const seats = found.chat.parties.filter((party) => party.agentId === agentId);
  // After-chat work from a queue comes without a seat: there was nothing left to join.
  const assignment = assignmentOf(found.chat, agentId);
  const isAfterWork = assignment?.state === 'LeftChat' && assignment.participantId === undefined;
  if (isAfterWork) return found.messagesFrom(fromIndex);
  if (seats.length === 0) return refuse('NotAllowedInState', 'Accept the chat to read its messages.');
  const messages = found.messagesFrom(fromIndex);
  if (seats.some((seat) => seat.present)) return messages;
  const own = new Set(seats.map((seat) => seat.participantId));
  const left = messages.findLastIndex(
    ({ event }) => event.type === 'ParticipantLeft' && own.has(event.participantId),
  );
  return messages.slice(0, left + 1);
}

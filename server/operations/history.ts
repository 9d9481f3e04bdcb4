import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { assignmentOf, isClosed, type Chat } from '../domain/chat.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { sightOf, type Sight } from '../domain/visibility.ts';
import type { ChatRow, ChatSearch } from '../journal/journal.ts';
import { JournalError } from '../journal/journal-error.ts';
import { chatRow } from '../journal/projection.ts';
import { readContact } from './contacts.ts';
import type { Operations } from './operations.ts';
import type { ConfiguredAgent } from './people.ts';
import { messagesFor, readChat, type ReadChat } from './read-chat.ts';

/** Who reads the history, and whether they are shown what only supervisors were to read. */
export interface HistoryReader {
  readonly agentId: AgentId;
  readonly seesSupervisors: boolean;
}

export function historyReader({ agentId, roles }: ConfiguredAgent): HistoryReader {
  return { agentId, seesSupervisors: roles.includes('supervisor') };
}

/** What a search of the history asks for; see the journal's. */
export type HistorySearch = Omit<ChatSearch, 'seesSupervisors'>;

/** The chats that match, live and closed, without their messages. */
export function searchHistory(
  { journal }: Operations,
  search: HistorySearch,
  { seesSupervisors }: HistoryReader,
): Promise<readonly ChatRow[]> {
  return journal.searchChats({ ...search, seesSupervisors });
}

/** Refuses Unavailable when the store cannot answer: for what is told by notification, after the reply. */
export async function fromStore<Found>(work: () => Promise<Found>): Promise<Found | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof JournalError) return refuse('Unavailable', 'UCS request failed');
    throw error;
  }
}

/** A chat of the history with its row, and the part of its message log that the reader may see. */
export interface HistoryChat {
  readonly row: ChatRow;
  readonly chat: Chat;
  readonly stored: readonly StoredEvent[];
  readonly sight: Sight;
}

/** Any chat without its messages; NotFound when there is none. */
export async function readHistoryRow(
  operations: Operations,
  chatId: ChatId,
): Promise<Pick<HistoryChat, 'row' | 'chat'> | Refusal> {
  const found = await readChat(operations, chatId);
  return found
    ? { row: await currentRow(operations, found.chat), chat: found.chat }
    : refuse('NotFound', 'There is no such chat.');
}

/**
 * A chat with its messages. What is over can be read by every agent, for the history of a contact is everybody's;
 * a chat that goes on only by those who have a part in it, as far as they may, and by supervisors. NotFound when there
 * is none, NoPermission when the reader must wait for its end.
 */
export async function readHistoryChat(
  operations: Operations,
  chatId: ChatId,
  reader: HistoryReader,
): Promise<HistoryChat | Refusal> {
  const found = await readChat(operations, chatId);
  if (!found) return refuse('NotFound', 'There is no such chat.');
  const part = visiblePart(found, reader);
  if (isRefusal(part)) return part;
  return { row: await currentRow(operations, found.chat), chat: found.chat, ...part };
}

function visiblePart(
  found: ReadChat,
  { agentId, seesSupervisors }: HistoryReader,
): Pick<HistoryChat, 'stored' | 'sight'> | Refusal {
  const { chat } = found;
  if (!isClosed(chat) && assignmentOf(chat, agentId)) {
    const stored = messagesFor(found, agentId, 1);
    return isRefusal(stored) ? stored : { stored, sight: sightOf(chat, agentId) };
  }
  if (!isClosed(chat) && !seesSupervisors)
    return refuse(
      'NoPermission',
      'The chat goes on: until it is over, only those who are in it may read it.',
    );
  return { stored: found.messagesFrom(1), sight: seesSupervisors ? 'supervisor' : 'agent' };
}

/** The row as searches would show it: a merged contact's chat belongs to the one it became a part of. */
async function currentRow(operations: Operations, chat: Chat): Promise<ChatRow> {
  const contact = await readContact(operations, chat.contactId);
  const row = chatRow(chat);
  return isRefusal(contact) ? row : { ...row, contactId: contact.id };
}

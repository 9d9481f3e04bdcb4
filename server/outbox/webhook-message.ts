import type { WebhookMessage } from '@parley/contract/webhooks.ts';
import { assignmentOf, partyOf, type Chat } from '../domain/chat.ts';
import type { ChatEvent, StoredEvent } from '../domain/chat-event.ts';
import type { AgentId, ParticipantId } from '../domain/ids.ts';

type MessageOf<Name extends WebhookMessage['type']> = Extract<WebhookMessage, { type: Name }>;
type Data = {
  [Name in WebhookMessage['type']]: { type: Name; data: Omit<MessageOf<Name>['data'], keyof ChatPart> };
}[WebhookMessage['type']];
type ChatPart = Pick<MessageOf<'ChatOpened'>['data'], 'chatId' | 'service' | 'queue' | 'contactId' | 'seq'>;

/**
 * What an event means to a webhook; null when it is told nothing of it. `chat` is the chat after the event.
 * Told is what everybody in the chat sees: nothing that agents or supervisors said among themselves.
 */
export function webhookMessageOf(
  stored: StoredEvent,
  chat: Chat,
  { includeText }: { readonly includeText: boolean },
): WebhookMessage | null {
  const told = dataOf(stored, chat, includeText);
  if (!told) return null;
  const { id: chatId, service, contactId } = chat;
  const about: ChatPart = { chatId, service, queue: chat.placement.queue, contactId, seq: stored.seq };
  const timestamp = new Date(stored.atMs).toISOString();
  // The data belongs to the type, which TypeScript cannot follow through the spread.
  return { type: told.type, timestamp, data: { ...about, ...told.data } } as WebhookMessage;
}

function dataOf({ event, index = 0, atMs }: StoredEvent, chat: Chat, includeText: boolean): Data | null {
  switch (event.type) {
    case 'ChatRequested': {
      const { nickname, subject } = event.customer;
      const told = includeText && subject !== undefined ? { subject } : {};
      return { type: 'ChatOpened', data: { customer: { nickname }, ...told } };
    }
    case 'OfferAccepted':
    case 'RoleChanged':
      return becameHandler(chat, event) ? { type: 'ChatAssigned', data: agentPart(chat, event) } : null;
    case 'TextSent': {
      if (event.visibility !== 'All') return null;
      const { messageType, text } = event;
      const told = {
        ...(messageType === undefined ? {} : { messageType }),
        ...(includeText ? { text } : {}),
      };
      return { type: 'MessageSent', data: { index, from: fromPart(chat, event.participantId), ...told } };
    }
    case 'FileUploaded': {
      const { fileId: id, size, mediaType: contentType, name, participantId } = event;
      const file = { id, size, contentType, ...(includeText ? { name } : {}) };
      return { type: 'FileUploaded', data: { index, from: fromPart(chat, participantId), file } };
    }
    case 'SessionEnded': {
      const durationMs = atMs - chat.requestedAtMs;
      return {
        type: 'ChatEnded',
        data: { reason: event.reason, durationMs, disposition: dispositionOf(chat) },
      };
    }
    default:
      return null;
  }
}

/** Whether the chat is this agent's from now on. */
function becameHandler(
  chat: Chat,
  event: Extract<ChatEvent, { readonly type: 'OfferAccepted' | 'RoleChanged' }>,
): boolean {
  if (event.type === 'RoleChanged') return event.role === 'Handler';
  return assignmentOf(chat, event.agentId)?.role === 'Handler';
}

function agentPart(
  chat: Chat,
  { agentId, participantId }: { readonly agentId: AgentId; readonly participantId: ParticipantId },
) {
  return { agent: { id: agentId, nickname: partyOf(chat, participantId)?.nickname ?? '' } };
}

function fromPart(chat: Chat, participantId: ParticipantId) {
  const party = partyOf(chat, participantId);
  return {
    type: party?.type ?? ('External' as const),
    nickname: party?.nickname ?? '',
    participantId,
    ...(party?.agentId === undefined ? {} : { agentId: party.agentId }),
  };
}

function dispositionOf({ userData, dispositionKey }: Chat): string | null {
  const value = dispositionKey === undefined ? undefined : userData[dispositionKey];
  return typeof value === 'string' ? value : null;
}

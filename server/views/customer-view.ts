import type { CustomerEvent, CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { refusals, type Refusal } from '@parley/contract/refusals.ts';
import { customerOf, type Chat } from '../domain/chat.ts';
import type { StoredEvent } from '../domain/chat-event.ts';
import { deliveredQuitReason } from '../domain/quit-reason.ts';
import { endedForCustomer } from '../operations/customer-chat.ts';
import type { ReadChat } from '../operations/read-chat.ts';
import { visibleEntries, type LogEntry } from './agent-view.ts';
import { fileData } from './file-view.ts';

/** The one Chat Server that serves all chats here; customers echo it (gms-customer-api §3). */
const alias = '1';

/** An entry of the message log on the customer API (gms-customer-api §4). */
function eventView(entry: LogEntry): CustomerEvent {
  const { index, atMs, event, from } = entry;
  const text = textOf(event);
  const messageType =
    event.type === 'TextSent' && event.messageType ? { messageType: event.messageType } : {};
  return {
    index,
    type: kinds[event.type],
    from: {
      nickname: from.nickname,
      participantId: from.ordinal,
      type: from.type === 'Customer' ? 'Client' : from.type,
    },
    ...(text === undefined ? {} : { text }),
    ...messageType,
    utcTime: atMs,
    userData: event.type === 'FileUploaded' ? fileData(event) : {},
    eventAttributes: attributesOf(event),
  };
}

/** Why somebody is out of the conversation, where customers are told (gms-customer-api §4.1). */
function attributesOf(event: LogEntry['event']): CustomerEvent['eventAttributes'] {
  const code = event.type === 'ParticipantLeft' ? deliveredQuitReason(event.reason) : undefined;
  return code === undefined ? {} : { GCTI_SYSTEM: { 'quit-reason-code': code } };
}

/** What kind of event of the customer API an event of the log is (gms-customer-api §4). */
const kinds: Record<LogEntry['event']['type'], CustomerEvent['type']> = {
  ParticipantJoined: 'ParticipantJoined',
  ParticipantLeft: 'ParticipantLeft',
  TextSent: 'Message',
  TypingStarted: 'TypingStarted',
  TypingStopped: 'TypingStopped',
  UrlSent: 'PushUrl',
  CustomNoticeSent: 'CustomNotice',
  NicknameUpdated: 'NicknameUpdated',
  ReadConfirmed: 'Notice',
  FileUploaded: 'FileUploaded',
  FileDeleted: 'FileDeleted',
};

function textOf(event: LogEntry['event']): string | undefined {
  switch (event.type) {
    case 'UrlSent':
      return event.url;
    case 'CustomNoticeSent':
      return event.noticeText;
    case 'NicknameUpdated':
      return event.nickname;
    case 'ReadConfirmed':
      return 'read-confirm';
    case 'FileUploaded':
    case 'FileDeleted':
      return event.fileId;
    default:
      return 'text' in event ? event.text : undefined;
  }
}

/** A part of the transcript as a reply, and where the next part begins. */
export interface ReplyPart {
  readonly reply: CustomerReply;
  readonly next: number;
  readonly isLast: boolean;
}

/** So many entries are read from the log at a time: those that the part has no room for are read in vain. */
const entriesAtOnce = 128;

/**
 * The answer to a customer who asks for everything from `position` on, as far as `maxBytes` of JSON go, but one event at
 * least. `nextPosition` is where the next part begins; only the last says that the chat is over, for clients leave then.
 */
export function customerReplyPart(
  view: ReadChat,
  secureKey: string,
  { position, maxBytes }: { readonly position: number; readonly maxBytes: number },
): ReplyPart {
  const reply = customerReply(view, secureKey);
  const { chat } = view;
  const messages: CustomerEvent[] = [];
  let bytes = 0;
  let stored = view.messagesFrom(position, entriesAtOnce);
  while (stored.length > 0) {
    for (const event of customerEvents(chat, stored)) {
      bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
      if (bytes > maxBytes && messages.length > 0) {
        const { index: next } = event;
        return {
          reply: { ...reply, chatEnded: false, nextPosition: next, messages },
          next,
          isLast: false,
        };
      }
      messages.push(event);
    }
    const last = stored.at(-1)?.index;
    stored = last === undefined ? [] : view.messagesFrom(last + 1, entriesAtOnce);
  }
  const { nextIndex: next } = chat;
  return { reply: { ...reply, nextPosition: next, messages }, next, isLast: true };
}

/** The events a customer may see, from `transcriptPosition` on; 0 asks for none (gms-customer-api §4). */
function transcript({ chat, messagesFrom }: ReadChat, position: number): CustomerEvent[] {
  return position === 0 ? [] : customerEvents(chat, messagesFrom(position));
}

/** What a customer may see of these stored events. */
export function customerEvents(chat: Chat, stored: readonly StoredEvent[]): CustomerEvent[] {
  return visibleEntries(stored, chat.parties, 'customer').map(eventView);
}

/**
 * A refused request as customers' clients need it: `statusCode` 1 or 2 and `errors`, over HTTP with status 200
 * (gms-customer-api §3, rule 7; §5).
 */
export function customerFailure(refusal: Refusal, chatId: string): CustomerFailure {
  const { customerStatus, customerCode, sentence } = refusals[refusal.refused];
  const errors = [{ code: customerCode, advice: refusal.detail ?? sentence }];
  return {
    statusCode: customerStatus,
    chatEnded: refusal.refused === 'ChatEnded',
    chatId,
    messages: [],
    errors,
  };
}

/**
 * The answer to a customer (gms-customer-api §3). Without `position` it carries no events, and then no `nextPosition`
 * either: a client that stored one would skip what it has not read yet.
 */
export function customerReply(view: ReadChat, secureKey: string, position?: number): CustomerReply {
  const { chat } = view;
  const read = position === undefined ? {} : { nextPosition: chat.nextIndex };
  return {
    statusCode: 0,
    chatEnded: endedForCustomer(chat),
    chatId: chat.id,
    alias,
    userId: customerOf(chat).participantId,
    secureKey,
    ...read,
    messages: position === undefined ? [] : transcript(view, position),
    userData: {},
    // Whoever listens unseen stays unseen: telling of them here would tell the customer (gws-agent-api §4.10, §9).
    monitored: false,
  };
}

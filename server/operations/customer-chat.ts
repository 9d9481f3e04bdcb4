import { timingSafeEqual } from 'node:crypto';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { customerOf, evolve, type Chat } from '../domain/chat.ts';
import { logFrom, type StoredEvent } from '../domain/chat-event.ts';
import type { CustomerCommand } from '../domain/decide.ts';
import type { ChatId } from '../domain/ids.ts';
import type { Operations } from './operations.ts';
import { digestOf } from './request-chat.ts';

/** How a customer names their chat and proves their right to it (gms-customer-api §2). */
export interface CustomerKey {
  readonly service: string;
  readonly chatId: ChatId;
  readonly secureKey: string;
}

/** A chat as far as it is on disk: all that a customer's answer is made of. */
export interface CustomerView {
  readonly chat: Chat;
  /** The message-log entries from this index on, oldest first. */
  readonly messagesFrom: (index: number) => readonly StoredEvent[];
}

function mayRead(chat: Chat, key: CustomerKey): boolean {
  const given = Buffer.from(digestOf(key.secureKey));
  const stored = Buffer.from(chat.secureKeyDigest);
  const matches = given.length === stored.length && timingSafeEqual(given, stored);
  return matches && chat.service === key.service;
}

/**
 * The customer's chat, live or ended. NotFound for an unknown chat, a wrong key and another service alike, so that
 * nobody learns which chats there are.
 */
export async function readCustomerChat(
  operations: Operations,
  key: CustomerKey,
): Promise<CustomerView | Refusal> {
  const { chats, journal } = operations;
  const live = chats.durable(key.chatId);
  if (live) {
    if (!mayRead(live, key)) return notFound();
    return { chat: live, messagesFrom: (index) => chats.messageLog(key.chatId, index) };
  }
  const events = await journal.chatEvents(key.chatId);
  let chat: Chat | null = null;
  for (const stored of events) chat = evolve(chat, stored);
  if (!chat || !mayRead(chat, key)) return notFound();
  return { chat, messagesFrom: (index) => logFrom(events, index) };
}

function notFound(): Refusal {
  return refuse('NotFound', 'There is no such chat, or the secure key does not open it.');
}

/** Carries out what the customer asks and returns the chat after it; MessageTooLong beyond `limits.messageLength`. */
export async function operateCustomerChat(
  operations: Operations,
  key: CustomerKey,
  command: CustomerCommand,
): Promise<CustomerView | Refusal> {
  const view = await readCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  const text = command.type === 'CustomerSend' ? command.message.text : '';
  if (text.length > operations.config.limits.messageLength) return refuse('MessageTooLong');
  const done = await operations.chats.submit(key.chatId, command);
  if (isRefusal(done))
    return done.refused === 'NotFound' ? refuse('NotAllowedInState', 'The chat has ended.') : done;
  return readCustomerChat(operations, key);
}

/** Whether the conversation is over for the customer: it ended, or they left it. */
export function endedForCustomer(chat: Chat): boolean {
  return chat.session === 'Ended' || !customerOf(chat).present;
}

import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { customerOf, type Chat } from '../domain/chat.ts';
import type { ChatKey } from '../domain/chat-key.ts';
import type { CustomerCommand } from '../domain/commands.ts';
import type { ChatId } from '../domain/ids.ts';
import { beyondLimits } from './customer-commands.ts';
import { speaksOf } from './keyed-request.ts';
import { asVerified } from './identified-request.ts';
import type { Operations } from './operations.ts';
import { asOf, readChat, readLiveChat, type ReadChat } from './read-chat.ts';

/** How a customer names their chat and proves their right to it (gms-customer-api §2). */
export interface CustomerKey extends ChatKey {
  readonly service: string;
}

function mayRead({ secureKeys }: Operations, chat: Chat, key: CustomerKey): boolean {
  return secureKeys.opens(chat, key.secureKey) && chat.service === key.service;
}

/**
 * The customer's chat, live or ended. NotFound for an unknown chat, a wrong key and another service alike, so that
 * nobody learns which chats there are. A sign of the customer, but no request that counts against limits.
 */
export async function findCustomerChat(
  operations: Operations,
  key: CustomerKey,
): Promise<ReadChat | Refusal> {
  const found = readLiveChat(operations, key.chatId) ?? (await readChat(operations, key.chatId));
  if (!found || !mayRead(operations, found.chat, key)) return noSuchChat();
  if (found.chat.session === 'Open') operations.customerPresence.requested(key.chatId);
  operations.customerHeard(key.chatId);
  return found;
}

/** The same as a request of its own: TooManyRequests when the chat has had too many. */
export async function readCustomerChat(
  operations: Operations,
  key: CustomerKey,
): Promise<ReadChat | Refusal> {
  const found = await findCustomerChat(operations, key);
  if (isRefusal(found)) return found;
  return operations.limits.chatRequest(key.chatId) ?? found;
}

/** What may be sent any number of times without anybody having more to read. */
const unspoken = new Set<CustomerCommand['type']>(['CustomerTyping', 'CustomerReadReceipt']);

/** Why this is too much for the server now, or for the chat; null when it is not. Leaving is never too much. */
function tooMany(
  { limits, overload }: Operations,
  chatId: ChatId,
  { type }: CustomerCommand,
): Refusal | null {
  if (type === 'CustomerLeave') return null;
  const busy = overload.message();
  if (busy) return busy;
  return limits.chatRequest(chatId) ?? (unspoken.has(type) ? null : limits.chatMessage(chatId));
}

export function noSuchChat(): Refusal {
  return refuse('NotFound', 'There is no such chat, or the secure key does not open it.');
}

/** The key with the service that the chat was opened with, for who does not say; NotFound when there is no such chat. */
export async function withServiceOf(
  operations: Operations,
  key: ChatKey | null,
): Promise<CustomerKey | Refusal> {
  const found = key && (await readChat(operations, key.chatId));
  return found ? { ...key, service: found.chat.service } : noSuchChat();
}

/** Carries out what the customer asks and returns the chat right after it; refused what is beyond the limits. */
export async function operateCustomerChat(
  operations: Operations,
  key: CustomerKey,
  asked: CustomerCommand,
): Promise<ReadChat | Refusal> {
  const view = await findCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  const command = asVerified(view.chat, asked);
  if (isRefusal(command)) return command;
  const refused = tooMany(operations, key.chatId, command) ?? beyondLimits(operations, key.chatId, command);
  if (refused) return refused;
  const done = await operations.chats.submit(key.chatId, command);
  // A chat that was found and is no longer live is closed.
  if (isRefusal(done)) return done.refused === 'NotFound' ? refuse('ChatEnded') : done;
  // The key was proven above: this is only the chat after what was done.
  if (done.stored.length === 0) speaksOf(done.after);
  const found = readLiveChat(operations, key.chatId) ?? (await readChat(operations, key.chatId));
  return found ? asOf(found, done.after) : noSuchChat();
}

/** Whether the conversation is over for the customer: it ended, or they left it. */
export function endedForCustomer(chat: Chat): boolean {
  return chat.session === 'Ended' || !customerOf(chat).present;
}

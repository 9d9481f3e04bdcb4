import { timingSafeEqual } from 'node:crypto';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { customerOf, type Chat } from '../domain/chat.ts';
import type { CustomerCommand } from '../domain/commands.ts';
import type { ChatId } from '../domain/ids.ts';
import { beyondLimits } from './customer-commands.ts';
import type { Operations } from './operations.ts';
import { readChat, type ReadChat } from './read-chat.ts';
import { digestOf } from './request-chat.ts';

/** How a customer names their chat and proves their right to it (gms-customer-api §2). */
export interface CustomerKey {
  readonly service: string;
  readonly chatId: ChatId;
  readonly secureKey: string;
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
): Promise<ReadChat | Refusal> {
  const found = await readChat(operations, key.chatId);
  return found && mayRead(found.chat, key) ? found : notFound();
}

function notFound(): Refusal {
  return refuse('NotFound', 'There is no such chat, or the secure key does not open it.');
}

/** Carries out what the customer asks and returns the chat after it; refused what is beyond the limits. */
export async function operateCustomerChat(
  operations: Operations,
  key: CustomerKey,
  command: CustomerCommand,
): Promise<ReadChat | Refusal> {
  const view = await readCustomerChat(operations, key);
  if (isRefusal(view)) return view;
  const refused = beyondLimits(operations, key.chatId, command);
  if (refused) return refused;
  const done = await operations.chats.submit(key.chatId, command);
  // A chat that was found and is no longer live is closed.
  if (isRefusal(done)) return done.refused === 'NotFound' ? refuse('ChatEnded') : done;
  // The key was proven above: this is only the chat after what was done.
  return (await readChat(operations, key.chatId)) ?? notFound();
}

/** Whether the conversation is over for the customer: it ended, or they left it. */
export function endedForCustomer(chat: Chat): boolean {
  return chat.session === 'Ended' || !customerOf(chat).present;
}

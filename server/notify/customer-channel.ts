import { prepareEvent } from '@parley/bayeux/protocol/event.ts';
import type { PushSession } from '@parley/bayeux/sessions/push-session.ts';
import {
  customerChannelPrefix,
  customerOperations,
  parseCustomerPublish,
  type CustomerAuth,
  type PublishedOperation,
} from '@parley/contract/gms/push.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { parseBasicHeader, type Claim } from '../auth/basic-header.ts';
import { joinedKey, parseJoinedKey, type ChatKey } from '../domain/chat-key.ts';
import type { ChatId } from '../domain/ids.ts';
import { operateCustomerChat, readCustomerChat, type CustomerKey } from '../operations/customer-chat.ts';
import { chatRequestOf, customerCommandOf } from '../operations/customer-commands.ts';
import type { Operations } from '../operations/operations.ts';
import { readChat } from '../operations/read-chat.ts';
import { requestChat } from '../operations/request-chat.ts';
import type { PushPrincipal } from '../presence/push-principal.ts';
import { customerFailure, customerReply } from '../views/customer-view.ts';
import type { Attachment, CustomerGateway } from './customer-gateway.ts';

type Session = PushSession<PushPrincipal>;
type OperationOf<Name extends PublishedOperation['operation']> = Extract<
  PublishedOperation,
  { operation: Name }
>;
type Command = Exclude<PublishedOperation, { operation: 'requestChat' | 'requestNotifications' }>;

/** Where a publish came from: its session, its channel and the service that the channel names. */
interface Place {
  readonly session: Session;
  readonly channel: string;
  readonly service: string;
}

export interface CustomerChannelOptions {
  readonly operations: Operations;
  readonly gateway: CustomerGateway;
  /** Something unexpected; the customer is told that it was an internal error. */
  readonly onError: (error: unknown) => void;
}

/**
 * The chat API that customers publish to (gms-customer-api §6). A publish is acknowledged when its operation has ended
 * one way or the other; how it ended comes as a push. Who the customer is says the secure key, which over this
 * transport names the chat as well.
 */
export class CustomerChannel {
  readonly #options: CustomerChannelOptions;

  constructor(options: CustomerChannelOptions) {
    this.#options = options;
  }

  /** Carries out what was published on a service's channel. Never rejects. */
  async take(session: Session, channel: string, published: unknown): Promise<void> {
    const place = { session, channel, service: channel.slice(customerChannelPrefix.length) };
    const asked = parseCustomerPublish(published);
    const refused = isRefusal(asked) ? asked : await this.#carryOut(place, asked);
    if (!refused) return;
    const chatId = isRefusal(asked) || asked.operation === 'requestChat' ? '' : (keyIn(asked)?.chatId ?? '');
    session.deliver(prepareEvent(channel, customerFailure(refused, chatId)));
  }

  async #carryOut(
    place: Place,
    asked: PublishedOperation & { readonly auth: CustomerAuth },
  ): Promise<Refusal | null> {
    try {
      if (asked.operation === 'requestChat') return await this.#request(place, asked);
      const key = keyIn(asked);
      if (!key) return refuse('NotFound', 'There is no such chat, or the secure key does not open it.');
      const customerKey = { ...key, service: place.service };
      if (asked.operation !== 'requestNotifications') return await this.#command(place, customerKey, asked);
      // 0 asks for everything here, other than over HTTP (gms-customer-api §4).
      return await this.#attach(place, customerKey, asked.form.transcriptPosition || 1);
    } catch (error) {
      this.#options.onError(error);
      return refuse('Internal');
    }
  }

  async #request(
    place: Place,
    { form, auth }: OperationOf<'requestChat'> & { readonly auth: CustomerAuth },
  ): Promise<Refusal | null> {
    const { operations } = this.#options;
    const refused = await operations.serviceCredentials.check(place.service, claimsIn(auth));
    const request = refused ?? chatRequestOf(operations, place.service, form);
    if (isRefusal(request)) return request;
    const requested = await requestChat(operations, request);
    if (isRefusal(requested)) return requested;
    const { commit, secureKey } = requested;
    return this.#attach(place, { chatId: commit.after.id, secureKey, service: place.service }, 1);
  }

  /** Tells the tab everything from the position on, and from then on what happens: no event is missed, none doubled. */
  async #attach(place: Place, key: CustomerKey, position: number): Promise<Refusal | null> {
    const { operations, gateway } = this.#options;
    const read = await readCustomerChat(operations, key);
    if (isRefusal(read)) return read;
    // A live chat is read again, for something may have become durable meanwhile; nothing is waited for from here on.
    const { chats } = operations;
    const live = chats.durable(key.chatId);
    const view = live
      ? { chat: live, messagesFrom: (index: number) => chats.messageLog(key.chatId, index) }
      : ((await readChat(operations, key.chatId)) ?? read);
    const reply = customerReply(view, joinedKey(key), position);
    const attachment = reply.chatEnded
      ? { ...place, chatId: key.chatId, secureKey: key.secureKey, told: 0 }
      : this.#listen(place, key);
    if (isRefusal(attachment)) return attachment;
    gateway.tell(attachment, reply);
    return null;
  }

  #listen({ session, channel }: Place, { chatId, secureKey }: CustomerKey): Attachment | Refusal {
    const attachment = this.#options.gateway.attach({ session, channel, chatId, secureKey });
    return attachment ?? refuse('Unavailable', 'This connection has too many chats.');
  }

  async #command(place: Place, key: CustomerKey, { operation, form }: Command): Promise<Refusal | null> {
    const { operations, gateway } = this.#options;
    const command = customerCommandOf(operations, customerOperations[operation], form);
    if (isRefusal(command)) return command;
    const before = await readCustomerChat(operations, key);
    if (isRefusal(before)) return before;
    const isOver = operations.chats.durable(key.chatId)?.session !== 'Open';
    const attachment = isOver
      ? { ...place, chatId: key.chatId, secureKey: key.secureKey, told: 0 }
      : this.#listen(place, key);
    if (isRefusal(attachment)) return attachment;
    const { told } = attachment;
    const view = await operateCustomerChat(operations, key, command);
    // Leaving twice is no error: the client must learn that the chat is over.
    const left = isRefusal(view) && view.refused === 'ChatEnded' && operation === 'disconnect';
    const after = left ? await readCustomerChat(operations, key) : view;
    if (isRefusal(after)) return after;
    // What made no event for the customer is answered too.
    if (attachment.told === told) gateway.tell(attachment, customerReply(after, joinedKey(key)));
    return null;
  }
}

/** The chat that the key names, or the field `chatId` beside a key from HTTP. */
function keyIn({ form }: Exclude<PublishedOperation, { operation: 'requestChat' }>): ChatKey | null {
  const { secureKey, chatId } = form;
  return parseJoinedKey(secureKey) ?? (chatId === undefined ? null : { chatId: chatId as ChatId, secureKey });
}

function claimsIn({ username, password, encoded }: CustomerAuth): readonly Claim[] {
  if (encoded !== undefined) return parseBasicHeader(`Basic ${encoded}`);
  return username !== undefined && password !== undefined ? [{ userName: username, password }] : [];
}

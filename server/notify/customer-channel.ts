import { prepareEvent } from '@parley/bayeux/protocol/event.ts';
import type { PushSession } from '@parley/bayeux/sessions/push-session.ts';
import {
  customerChannelPrefix,
  customerOperations,
  parseCustomerPublish,
  type CustomerAuth,
  type PublishedOperation,
  type PublishOptions,
} from '@parley/contract/gms/push.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { parseBasicHeader, type Claim } from '../auth/basic-header.ts';
import { chatKeyIn, joinedKey, type ChatKey } from '../domain/chat-key.ts';
import {
  endedForCustomer,
  findCustomerChat,
  noSuchChat,
  operateCustomerChat,
  readCustomerChat,
  type CustomerKey,
} from '../operations/customer-chat.ts';
import { chatRequestOf, customerCommandOf } from '../operations/customer-commands.ts';
import type { Operations } from '../operations/operations.ts';
import { deriveSecureKey } from '../operations/keyed-request.ts';
import { readChatAt, readLiveChat, type ReadChat } from '../operations/read-chat.ts';
import { requestChat } from '../operations/request-chat.ts';
import { refusalOfError } from '../operations/take.ts';
import type { PushPrincipal } from '../presence/push-principal.ts';
import type { RequestsUnderWay } from '../limits/requests-under-way.ts';
import type { Traffic } from '../telemetry/traffic.ts';
import { customerEvents, customerFailure, customerReply } from '../views/customer-view.ts';
import type { CustomerCatchUps, Echo } from './customer-catch-ups.ts';
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
  readonly catchUps: CustomerCatchUps;
  readonly traffic: Traffic;
  readonly underWay: RequestsUnderWay;
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

  /** Carries out what was published on a service's channel; resolves when that is answered. Never rejects. */
  take(session: Session, channel: string, published: unknown): Promise<void> {
    const place = { session, channel, service: channel.slice(customerChannelPrefix.length) };
    const asked = this.#tooMany(session) ?? parseCustomerPublish(published);
    if (isRefusal(asked)) {
      this.#refuse(place, asked, asked);
      return Promise.resolve();
    }
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    let isAnswered = false;
    const request = {
      answerEarly: (refusal: Refusal): void => {
        isAnswered = true;
        this.#refuse(place, asked, refusal);
        resolve();
      },
    };
    const { underWay, onError } = this.#options;
    // Reading waits for no disk that is written to.
    if (asked.operation !== 'requestNotifications') underWay.begun(request);
    this.#carryOut(place, asked, JSON.stringify(published))
      .then((refused) => {
        underWay.ended(request);
        if (refused && !isAnswered) this.#refuse(place, asked, refused);
      })
      .catch(onError)
      .finally(resolve);
    return answered;
  }

  #refuse(
    { session, channel }: Place,
    asked: (PublishedOperation & PublishOptions) | Refusal,
    refused: Refusal,
  ): void {
    this.#options.traffic.refused(refused.refused);
    const chatId =
      isRefusal(asked) || asked.operation === 'requestChat' ? '' : (chatKeyIn(asked.form)?.chatId ?? '');
    const failure = { ...customerFailure(refused, chatId), ...(isRefusal(asked) ? {} : echoOf(asked)) };
    session.deliver(prepareEvent(channel, failure));
  }

  /** Over a WebSocket one upgrade brings any number of publishes: each counts as a request. */
  #tooMany({ principal }: Session): Refusal | null {
    return principal.kind === 'customer'
      ? this.#options.operations.limits.customerRequest(principal.client)
      : null;
  }

  async #carryOut(
    place: Place,
    asked: PublishedOperation & PublishOptions,
    content: string,
  ): Promise<Refusal | null> {
    try {
      if (asked.operation === 'requestChat') return await this.#request(place, asked, content);
      const key = chatKeyIn(asked.form);
      if (!key) return noSuchChat();
      const customerKey = { ...key, service: place.service };
      if (asked.operation !== 'requestNotifications')
        return await this.#command(place, customerKey, { ...asked, content });
      // 0 asks for everything here, other than over HTTP (gms-customer-api §4).
      const from = { position: asked.form.transcriptPosition || 1, echo: echoOf(asked) };
      return await this.#attach(place, customerKey, from);
    } catch (error) {
      return refusalOfError(error, this.#options.onError);
    }
  }

  async #request(
    place: Place,
    asked: OperationOf<'requestChat'> & PublishOptions,
    content: string,
  ): Promise<Refusal | null> {
    const { idempotencyKey: key } = asked;
    const opened =
      key === undefined
        ? await this.#open(place, asked)
        : (
            await this.#options.operations.requestKeys.ask<ChatKey>({
              key,
              scope: ['customer', 'cometd', 'requestChat', place.service],
              content,
              carryOut: () => this.#open(place, asked),
              answerAgain: ({ chat, salt }) =>
                chat && salt !== undefined
                  ? { chatId: chat.id, secureKey: deriveSecureKey(key, salt) }
                  : refuse('NotFound', 'The chat of this request is gone.'),
            })
          ).answer;
    if (isRefusal(opened)) return opened;
    return this.#attach(place, { ...opened, service: place.service }, { position: 1, echo: echoOf(asked) });
  }

  async #open(
    place: Place,
    { form, auth }: OperationOf<'requestChat'> & PublishOptions,
  ): Promise<ChatKey | Refusal> {
    const { operations } = this.#options;
    const refused = await operations.serviceCredentials.check(place.service, claimsIn(auth));
    const request = refused ?? chatRequestOf(operations, place.service, form);
    if (isRefusal(request)) return request;
    const { principal } = place.session;
    const client = principal.kind === 'customer' ? principal.client : null;
    const requested = await requestChat(operations, {
      ...request,
      client,
      identityToken: auth.token ?? request.identityToken,
    });
    if (isRefusal(requested)) return requested;
    const { commit, secureKey } = requested;
    return { chatId: commit.after.id, secureKey };
  }

  /** Tells the tab everything from the position on, and from then on what happens: no event is missed, none doubled. */
  async #attach(
    place: Place,
    key: CustomerKey,
    { position, echo }: { readonly position: number; readonly echo: Echo },
  ): Promise<Refusal | null> {
    const { operations, catchUps } = this.#options;
    const read = await readCustomerChat(operations, key);
    if (isRefusal(read)) return read;
    // A live chat is looked at again, for something may have become durable meanwhile; nothing is waited for from here on.
    const { chat } = readLiveChat(operations, key.chatId) ?? read;
    const attachment = this.#listen(place, key, endedForCustomer(chat));
    if (isRefusal(attachment)) return attachment;
    return catchUps.start(attachment, Math.min(position, chat.nextIndex), echo);
  }

  /** The tab, which from now on hears of the chat, unless that is over. */
  #listen(
    { session, channel }: Place,
    { chatId, secureKey }: CustomerKey,
    isOver: boolean,
  ): Attachment | Refusal {
    const tab = { session, channel, chatId, secureKey };
    if (isOver) return { ...tab, told: 0 };
    return this.#options.gateway.attach(tab) ?? refuse('Unavailable', 'This connection has too many chats.');
  }

  async #command(
    place: Place,
    key: CustomerKey,
    asked: Command & PublishOptions & { readonly content: string },
  ): Promise<Refusal | null> {
    const { operation, form, idempotencyKey } = asked;
    const { operations, gateway } = this.#options;
    const command = customerCommandOf(operations, customerOperations[operation], form);
    if (isRefusal(command)) return command;
    const before = await findCustomerChat(operations, key);
    if (isRefusal(before)) return before;
    const isOver = operations.chats.durable(key.chatId)?.session !== 'Open';
    const attachment = this.#listen(place, key, isOver);
    if (isRefusal(attachment)) return attachment;
    const { told } = attachment;
    const work = async (): Promise<ReadChat | Refusal> => {
      const view = await operateCustomerChat(operations, key, command);
      // Leaving twice is no error: the client must learn that the chat is over.
      const left = isRefusal(view) && view.refused === 'ChatEnded' && operation === 'disconnect';
      return left ? readCustomerChat(operations, key) : view;
    };
    if (idempotencyKey !== undefined)
      return this.#once(attachment, key, { ...asked, key: idempotencyKey, work });
    const after = await work();
    if (isRefusal(after)) return after;
    // What made no event for the customer is answered too.
    if (attachment.told === told) gateway.tell(attachment, customerReply(after, joinedKey(key)));
    return null;
  }

  /** With an idempotency key the tab is always answered, with what the operation has caused, the first time and again. */
  async #once(
    attachment: Attachment,
    customer: CustomerKey,
    { operation, content, key, work }: KeyedCommand,
  ): Promise<Refusal | null> {
    const { operations, gateway } = this.#options;
    const { service, chatId, secureKey } = customer;
    const { answer: view, outcome } = await operations.requestKeys.ask<ReadChat>({
      key,
      scope: ['customer', 'cometd', operation, service, chatId, secureKey],
      content,
      carryOut: work,
      answerAgain: async ({ chat }) =>
        (chat && (await readChatAt(operations, chatId, chat.toSeq))) ??
        readCustomerChat(operations, customer),
    });
    if (isRefusal(view)) return view;
    const { fromSeq = 0, toSeq = -1 } = outcome?.chat ?? {};
    const caused = view
      .messagesFrom(Math.max(1, view.chat.nextIndex - (toSeq - fromSeq + 1)))
      .filter(({ seq }) => seq >= fromSeq && seq <= toSeq);
    const messages = customerEvents(view.chat, caused);
    gateway.tell(attachment, { ...customerReply(view, joinedKey(customer)), messages, idempotencyKey: key });
    return null;
  }
}

interface KeyedCommand extends Pick<Command, 'operation'> {
  readonly content: string;
  readonly key: string;
  readonly work: () => Promise<ReadChat | Refusal>;
}

function echoOf({ idempotencyKey }: PublishOptions): Echo {
  return idempotencyKey === undefined ? {} : { idempotencyKey };
}

function claimsIn({ username, password, encoded }: CustomerAuth): readonly Claim[] {
  if (encoded !== undefined) return parseBasicHeader(`Basic ${encoded}`);
  return username !== undefined && password !== undefined ? [{ userName: username, password }] : [];
}

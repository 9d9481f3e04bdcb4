import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bounds } from '@parley/contract/bounds.ts';
import {
  customerChatOperations,
  CustomerMessagesQuery,
  requestChatOperations,
  type CustomerChatReply,
} from '@parley/contract/gms/chats.ts';
import { openingKeyMinLength } from '@parley/contract/idempotency.ts';
import { parseCustomerForm } from '@parley/contract/gms/requests.ts';
import { parseOperation, type ParsedOperation } from '@parley/contract/gws/operations.ts';
import { parseQuery } from '@parley/contract/gws/queries.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { parseBasicHeader } from '../../auth/basic-header.ts';
import { bearerIn } from '../../auth/customer-identity.ts';
import type { ClientAddresses } from '../../auth/client-addresses.ts';
import { presentAgents, type Chat } from '../../domain/chat.ts';
import { joinedKey, parseJoinedKey } from '../../domain/chat-key.ts';
import type { ChatId } from '../../domain/ids.ts';
import type { CustomerCommand } from '../../domain/commands.ts';
import {
  endedForCustomer,
  operateCustomerChat,
  readCustomerChat,
  withServiceOf,
  type CustomerKey,
} from '../../operations/customer-chat.ts';
import { chatRequestOf } from '../../operations/customer-commands.ts';
import { deriveSecureKey } from '../../operations/keyed-request.ts';
import type { Operations } from '../../operations/operations.ts';
import type { RequestKeys, RequestOutcome } from '../../operations/request-keys.ts';
import { requestChat } from '../../operations/request-chat.ts';
import { messageView, participantViews, visibleEntries } from '../../views/agent-view.ts';
import type { WireFormat } from '../../views/wire-format.ts';
import { idempotencyKeyOf, markReplayed } from '../idempotency.ts';
import { sendFailure } from '../failure.ts';

interface Api {
  readonly operations: Operations;
  readonly wire: WireFormat;
  readonly addresses: ClientAddresses;
}

/** An id that holds the secret: the agents' ids of chats have no dot, so that both sides can share the address. */
const chatPath = String.raw`/api/v2/chats/:id(^[0-9A-Za-z]{16}\.[0-9A-Za-z]{1,128}$)`;

/**
 * The customer's side of `/api/v2/chats` (gws-agent-api §5.7). There is no sign-in: the `id` that RequestChat answers
 * is the secret of the chat (docs/adr/0006). Refusals are those of the agent API.
 */
export function registerCustomerChats(server: FastifyInstance, api: Api): void {
  const answer =
    (handle: (request: FastifyRequest, reply: FastifyReply) => Promise<object>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const { operations, addresses } = api;
      const tooMany = operations.limits.customerRequest(addresses.of(request.raw));
      const outcome = tooMany ?? foreign(request, operations) ?? (await handle(request, reply));
      return isRefusal(outcome) ? sendFailure(reply, outcome) : reply.send(outcome);
    };
  server.post(
    '/api/v2/chats',
    answer((request, reply) =>
      once(request, reply, {
        minLength: openingKeyMinLength,
        requestKeys: api.operations.requestKeys,
        carryOut: () => open(request, api),
        answerAgain: ({ chat, salt = '' }, key) =>
          chat ? opened(chat.id, deriveSecureKey(key, salt)) : refuse('NotFound'),
      }),
    ),
  );
  server.get(
    chatPath,
    answer((request) => show(request, api)),
  );
  server.post(
    chatPath,
    answer((request, reply) =>
      once(request, reply, {
        requestKeys: api.operations.requestKeys,
        carryOut: () => operate(request, api),
        answerAgain: () => ({ statusCode: 0 }),
      }),
    ),
  );
  server.get(
    `${chatPath}/messages`,
    answer((request) => list(request, api)),
  );
}

/** A request that is meant for another contact centre; the header may be left out. */
function foreign({ headers }: FastifyRequest, { config }: Operations): Refusal | null {
  const given = headers['contactcenterid'];
  const plain = (id: string): string => id.replaceAll('-', '').toLowerCase();
  if (given === undefined || given === '') return null;
  const isOurs = typeof given === 'string' && plain(given) === plain(config.contactCenter.id);
  return isOurs ? null : refuse('NotFound', 'There is no such contact centre here.');
}

async function open(request: FastifyRequest, { operations, addresses }: Api): Promise<object> {
  const asked = parseOperation(requestChatOperations, request.body);
  if (isRefusal(asked)) return asked;
  const { endpoint } = asked;
  const [first] = operations.services.keys();
  const service = endpoint === undefined ? first : endpoint.slice(endpoint.lastIndexOf(':') + 1);
  if (service === undefined) return refuse('NotFound', 'There is no service.');
  const form = parseCustomerForm('requestChat', request.body as Readonly<Record<string, unknown>>);
  if (isRefusal(form)) return form;
  const claims = parseBasicHeader(request.headers.authorization ?? '');
  const refused = await operations.serviceCredentials.check(service, claims);
  const chatRequest = refused ?? chatRequestOf(operations, service, form);
  if (isRefusal(chatRequest)) return chatRequest;
  const client = addresses.of(request.raw);
  const requested = await requestChat(operations, {
    ...chatRequest,
    client,
    identityToken: bearerIn(request.headers.authorization) ?? chatRequest.identityToken,
  });
  if (isRefusal(requested)) return requested;
  return opened(requested.commit.after.id, requested.secureKey);
}

function opened(chatId: ChatId, secureKey: string): object {
  const id = joinedKey({ chatId, secureKey });
  return { statusCode: 0, id, path: `/chats/${id}` };
}

/** With an idempotency key once; the path says who asks, for it holds the secret, or nobody yet. */
async function once(
  request: FastifyRequest,
  reply: FastifyReply,
  work: {
    readonly requestKeys: RequestKeys;
    readonly minLength?: number;
    readonly carryOut: () => Promise<object>;
    readonly answerAgain: (outcome: RequestOutcome, key: string) => object;
  },
): Promise<object> {
  const key = idempotencyKeyOf(request.headers, work.minLength);
  if (key === undefined) return work.carryOut();
  if (isRefusal(key)) return key;
  const { answer, isReplayed } = await work.requestKeys.ask<object>({
    key,
    scope: ['customer', 'chats', (request.params as { readonly id?: string }).id ?? ''],
    content: `${request.method} ${request.url}\n${JSON.stringify(request.body)}`,
    carryOut: work.carryOut,
    answerAgain: (outcome) => work.answerAgain(outcome, key),
  });
  if (isReplayed && !isRefusal(answer)) markReplayed(reply);
  return answer;
}

/** The chat that the id in the path names; its service is whichever it was opened with. */
function keyOf(request: FastifyRequest, operations: Operations): Promise<CustomerKey | Refusal> {
  return withServiceOf(operations, parseJoinedKey((request.params as { readonly id: string }).id));
}

async function read(request: FastifyRequest, operations: Operations): ReturnType<typeof readCustomerChat> {
  const key = await keyOf(request, operations);
  return isRefusal(key) ? key : readCustomerChat(operations, key);
}

function stateOf(chat: Chat): CustomerChatReply['chat']['state'] {
  if (endedForCustomer(chat)) return 'Completed';
  return presentAgents(chat).some(({ visibility }) => visibility === 'All') ? 'Chatting' : 'WaitingForAgent';
}

async function show(
  request: FastifyRequest,
  { operations, wire }: Api,
): Promise<CustomerChatReply | Refusal> {
  const found = await read(request, operations);
  if (isRefusal(found)) return found;
  const { id } = request.params as { readonly id: string };
  const { chat } = found;
  const state = stateOf(chat);
  return {
    statusCode: 0,
    chat: {
      id,
      path: `/chats/${id}`,
      state,
      capabilities: state === 'Completed' ? [] : Object.keys(customerChatOperations),
      participants: participantViews(chat, 'customer', wire).map(withoutUser),
      receivedDate: wire.timestamp(chat.requestedAtMs),
    },
  };
}

/** Which user an agent is concerns no customer. */
function withoutUser<View extends { readonly uri?: string; readonly path?: string }>(view: View) {
  const { uri: _uri, path: _path, ...rest } = view;
  return rest;
}

async function list(request: FastifyRequest, { operations, wire }: Api): Promise<object> {
  const query = parseQuery(CustomerMessagesQuery, request.query as Record<string, unknown>);
  if (isRefusal(query)) return query;
  const found = await read(request, operations);
  if (isRefusal(found)) return found;
  const { chat, messagesFrom } = found;
  const entries = visibleEntries(messagesFrom(query.index ?? 1), chat.parties, 'customer');
  const messages = entries.slice(0, bounds.messagesPerPage).map((entry) => {
    const view = messageView(entry, wire);
    return { ...view, from: withoutUser(view.from) };
  });
  return { statusCode: 0, messages };
}

function commandOf(asked: ParsedOperation<typeof customerChatOperations>): CustomerCommand {
  switch (asked.operationName) {
    case 'SendMessage': {
      const { text, messageType } = asked;
      return { type: 'CustomerSend', message: { text, ...(messageType ? { messageType } : {}) } };
    }
    case 'SendStartTypingNotification':
      return { type: 'CustomerTyping', started: true, ...(asked.text ? { text: asked.text } : {}) };
    case 'SendStopTypingNotification':
      return { type: 'CustomerTyping', started: false };
    case 'Complete':
      return { type: 'CustomerLeave' };
  }
}

async function operate(request: FastifyRequest, { operations }: Api): Promise<object> {
  const asked = parseOperation(customerChatOperations, request.body);
  if (isRefusal(asked)) return asked;
  const key = await keyOf(request, operations);
  if (isRefusal(key)) return key;
  if (asked.operationName === 'SendMessage' && asked.text === '')
    return refuse('MissingParameter', 'The text is empty.');
  const done = await operateCustomerChat(operations, key, commandOf(asked));
  const isOver = isRefusal(done) && done.refused === 'ChatEnded' && asked.operationName === 'Complete';
  return isRefusal(done) && !isOver ? done : { statusCode: 0 };
}

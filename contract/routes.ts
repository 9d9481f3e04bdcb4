import Type from 'typebox';
import {
  ChatRequestedReply,
  customerChatOperations,
  CustomerChatReply,
  CustomerMessagesQuery,
  CustomerMessagesReply,
  requestChatOperations,
} from './gms/chats.ts';
import { fileRoutes } from './file-routes.ts';
import { customerForms, type CustomerFormName } from './gms/requests.ts';
import { CustomerReply } from './gms/replies.ts';
import { desktopRoutes } from './gws/desktop-routes.ts';
import { channelOperations, meOperations } from './gws/me-operations.ts';
import { chatOperations } from './gws/chat-operations.ts';
import type { OperationTable } from './gws/operations.ts';
import { historyRoutes } from './gws/history-routes.ts';
import { provisioningRoutes } from './gws/provisioning-routes.ts';
import { CollectionQuery, MeQuery, MessagesQuery } from './gws/queries.ts';
import {
  AgentStatesReply,
  ChannelReply,
  ChannelsReply,
  ChatOperationReply,
  ChatReply,
  ChatsReply,
  ChatUrisReply,
  MeOperationReply,
  MessagesReply,
  OkReply,
  UserReply,
  VersionReply,
} from './gws/replies.ts';
import { routingRoutes } from './gws/routing.ts';
import { userChannelOperations, userChatOperations } from './gws/supervision-operations.ts';
import type { FeatureId } from './gws/user.ts';
import { privacyRoutes } from './gws/privacy-routes.ts';
import { webhookRoutes } from './gws/webhook-routes.ts';

/** One HTTP route: what it takes, what it answers when all goes well, and who may call it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path parameters stand in braces, as in OpenAPI. */
  readonly path: string;
  readonly summary: string;
  readonly tag:
    'me' | 'chats' | 'contacts' | 'supervision' | 'settings' | 'provisioning' | 'customer' | 'operation';
  /**
   * `agent`: HTTP Basic or the session cookie. `customer`: the chat's `secureKey`, or nothing to open a chat.
   * `chatId`: the secret id in the path, or nothing to open a chat.
   */
  readonly auth: 'agent' | 'customer' | 'chatId' | 'none';
  /** The feature the agent must have. */
  readonly feature?: FeatureId;
  readonly query?: Type.TObject;
  /** The operations that can be posted, one of them in a JSON body. */
  readonly operations?: OperationTable;
  /** The fields of a JSON body that is no operation. */
  readonly body?: Type.TObject;
  /** Whether every agent state of the contact centre is an operation too. */
  readonly agentStates?: boolean;
  /** The fields of a customer's form. */
  readonly form?: CustomerFormName;
  /** Whether bytes go through as they come: a form with a part `file`, the bytes of a file as the answer, or both. */
  readonly stream?: 'upload' | 'download' | 'both';
  /** Absent when the answer is not JSON. */
  readonly reply?: Type.TSchema;
}

const agentChat = { auth: 'agent', feature: 'api-multimedia', tag: 'chats' } as const;
const supervision = { auth: 'agent', feature: 'api-supervisor-monitoring', tag: 'supervision' } as const;
const customerChat = { auth: 'chatId', tag: 'customer' } as const;
const customer = { method: 'POST', auth: 'customer', tag: 'customer', reply: CustomerReply } as const;

/**
 * Every HTTP route. The server registers from this table, OpenAPI is generated from it; handlers are checked by
 * `satisfies Record<RouteKey, …>`. A path may be asked for with a slash at its end as well (gws-agent-api §1.1).
 */
export const routes = {
  getMe: {
    method: 'GET',
    path: '/api/v2/me',
    summary: 'The signed-in user, with the fields and subresources asked for.',
    tag: 'me',
    auth: 'agent',
    query: MeQuery,
    reply: UserReply,
  },
  operateMe: {
    method: 'POST',
    path: '/api/v2/me',
    summary: 'Starts or ends work, or changes the agent state on all channels.',
    tag: 'me',
    auth: 'agent',
    operations: meOperations,
    agentStates: true,
    reply: MeOperationReply,
  },
  getMyChannels: {
    method: 'GET',
    path: '/api/v2/me/channels',
    summary: 'The channels of the signed-in agent with their states.',
    tag: 'me',
    auth: 'agent',
    query: CollectionQuery,
    reply: ChannelsReply,
  },
  getMyChannel: {
    method: 'GET',
    path: '/api/v2/me/channels/{channel}',
    summary: 'One channel of the signed-in agent.',
    tag: 'me',
    auth: 'agent',
    reply: ChannelReply,
  },
  operateMyChannel: {
    method: 'POST',
    path: '/api/v2/me/channels/{channel}',
    summary: 'Changes the agent state on one channel.',
    tag: 'me',
    auth: 'agent',
    operations: channelOperations,
    agentStates: true,
    reply: OkReply,
  },
  getMyChats: {
    method: 'GET',
    path: '/api/v2/me/chats',
    summary: 'The chats of the signed-in agent that are not finished.',
    ...agentChat,
    query: CollectionQuery,
    reply: Type.Union([ChatUrisReply, ChatsReply]),
  },
  getMyChat: {
    method: 'GET',
    path: '/api/v2/me/chats/{id}',
    summary: 'One chat of the signed-in agent.',
    ...agentChat,
    reply: ChatReply,
  },
  operateMyChat: {
    method: 'POST',
    path: '/api/v2/me/chats/{id}',
    summary: 'Carries out an operation on a chat; its effects are notified on `/v2/me/chats`.',
    ...agentChat,
    operations: chatOperations,
    reply: ChatOperationReply,
  },
  getMyChatMessages: {
    method: 'GET',
    path: '/api/v2/me/chats/{id}/messages',
    summary: 'The message log of a chat, or a part of it.',
    ...agentChat,
    query: MessagesQuery,
    reply: MessagesReply,
  },
  getChat: {
    method: 'GET',
    path: '/api/v2/chats/{id}',
    summary:
      'One chat, by the address that notifications carry; with the secret id of `requestCustomerChat`, as the customer sees ' +
      'it and without sign-in.',
    ...agentChat,
    reply: Type.Union([ChatReply, CustomerChatReply]),
  },
  requestCustomerChat: {
    ...customerChat,
    method: 'POST',
    path: '/api/v2/chats',
    summary: 'A customer opens a chat; the `id` in the answer is its secret.',
    operations: requestChatOperations,
    reply: ChatRequestedReply,
  },
  operateCustomerChat: {
    ...customerChat,
    method: 'POST',
    path: '/api/v2/chats/{id}',
    summary: 'The customer does something in their chat, by its secret id.',
    operations: customerChatOperations,
    reply: OkReply,
  },
  getCustomerChatMessages: {
    ...customerChat,
    method: 'GET',
    path: '/api/v2/chats/{id}/messages',
    summary: 'What the customer may read of their chat, by its secret id.',
    query: CustomerMessagesQuery,
    reply: CustomerMessagesReply,
  },
  getUserChats: {
    method: 'GET',
    path: '/api/v2/users/{userId}/chats',
    summary: 'The chats that a user is in, for supervisors.',
    ...supervision,
    query: CollectionQuery,
    reply: Type.Union([ChatUrisReply, ChatsReply]),
  },
  operateUserChat: {
    method: 'POST',
    path: '/api/v2/users/{userId}/chats/{chatId}',
    summary: 'A supervisor comes into a chat that a user is in.',
    ...supervision,
    operations: userChatOperations,
    reply: OkReply,
  },
  operateUserChannel: {
    method: 'POST',
    path: '/api/v2/users/{userId}/channels/{channel}',
    summary:
      'A supervisor watches the chats of a user (feature `api-supervisor-monitoring`) or changes their agent state ' +
      '(feature `api-supervisor-agent-control`).',
    tag: 'supervision',
    auth: 'agent',
    operations: userChannelOperations,
    agentStates: true,
    reply: OkReply,
  },
  getAgentStates: {
    method: 'GET',
    path: '/api/v2/settings/agent-states',
    summary: 'The agent states that can be chosen.',
    tag: 'settings',
    auth: 'agent',
    reply: AgentStatesReply,
  },
  getVersion: {
    method: 'GET',
    path: '/api/v2/diagnostics/version',
    summary: 'The version of the server.',
    tag: 'settings',
    auth: 'agent',
    reply: VersionReply,
  },
  ...desktopRoutes,
  ...historyRoutes,
  ...provisioningRoutes,
  ...routingRoutes,
  ...webhookRoutes,
  ...privacyRoutes,
  customerRequestChat: {
    ...customer,
    path: '/genesys/2/chat/{service}',
    summary: 'Opens a chat with a customer-facing service.',
    form: 'requestChat',
  },
  customerSend: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/send',
    summary: 'Says something to the agent.',
    form: 'send',
  },
  customerRefresh: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/refresh',
    summary: 'What happened from `transcriptPosition` on.',
    form: 'refresh',
  },
  customerStartTyping: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/startTyping',
    summary: 'Tells that the customer is typing.',
    form: 'startTyping',
  },
  customerStopTyping: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/stopTyping',
    summary: 'Tells that the customer has stopped typing.',
    form: 'stopTyping',
  },
  customerUpdateNickname: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/updateNickname',
    summary: 'The customer is called otherwise from now on.',
    form: 'updateNickname',
  },
  customerPushUrl: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/pushUrl',
    summary: 'Shows a page to the agent.',
    form: 'pushUrl',
  },
  customerCustomNotice: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/customNotice',
    summary: "Tells the agent's desktop something that it must understand.",
    form: 'customNotice',
  },
  customerUpdateData: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/updateData',
    summary: 'Adds to the user data of the chat, or changes it.',
    form: 'updateData',
  },
  customerReadReceipt: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/readReceipt',
    summary: 'The customer has read everything up to `transcriptPosition`.',
    form: 'readReceipt',
  },
  customerDisconnect: {
    ...customer,
    path: '/genesys/2/chat/{service}/{chatId}/disconnect',
    summary: 'The customer leaves.',
    form: 'disconnect',
  },
  ...fileRoutes,
  getHealth: {
    method: 'GET',
    path: '/health',
    summary:
      'Whether the server takes requests; answers 503 while it drains. `full`: it reads, and refuses changes until there is room on the disk.',
    tag: 'operation',
    auth: 'none',
    reply: Type.Object(
      { status: Type.Enum(['up', 'full', 'draining']), version: Type.String() },
      { title: 'Health' },
    ),
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics in the Prometheus text format.',
    tag: 'operation',
    auth: 'none',
  },
} as const satisfies Record<string, Route>;

export type RouteKey = keyof typeof routes;

type NamesIn<RoutePath extends string> = RoutePath extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** The path parameters of a route: strings, decoded, not checked further. */
export type PathParameters<Key extends RouteKey> = Readonly<
  Record<NamesIn<(typeof routes)[Key]['path']>, string>
>;

/** The body that a route answers with when all goes well. */
export type RouteReply<Key extends RouteKey> = (typeof routes)[Key] extends { readonly reply: infer Schema }
  ? Schema extends Type.TSchema
    ? Type.Static<Schema>
    : never
  : string;

/** The query of a route as the program reads it; empty when it declares none. */
export type RouteQuery<Key extends RouteKey> = (typeof routes)[Key] extends { readonly query: infer Schema }
  ? Schema extends Type.TSchema
    ? Type.StaticDecode<Schema>
    : never
  : Record<never, never>;

/** The JSON body of a route as the program reads it. */
export type RouteBody<Key extends RouteKey> = (typeof routes)[Key] extends { readonly body: infer Schema }
  ? Schema extends Type.TSchema
    ? Type.StaticDecode<Schema>
    : never
  : unknown;

/** The path with `:name` for `{name}`, as routers in the manner of Express and Fastify write it. */
export function colonPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** The schema of a customer route's form, by which its body is documented. */
export function formOf(route: Route): Type.TObject | undefined {
  return route.form && customerForms[route.form];
}

import type Type from 'typebox';
import { customerOperations, publishSchema, type CustomerOperationName } from './gms/push.ts';
import { CustomerFailure, CustomerReply } from './gms/replies.ts';
import {
  ConnectReply,
  ConnectRequest,
  DisconnectReply,
  DisconnectRequest,
  HandshakeReply,
  HandshakeRequest,
  SubscribeReply,
  SubscribeRequest,
} from './bayeux/messages.ts';
import {
  ChannelStateChangeMessageV2,
  ChatErrorMessage,
  ChatStateChangeMessage,
  MessageLogUpdated,
} from './gws/notifications.ts';
import {
  GetInteractionContentMessage,
  GetInteractionsHistoryMessage,
  UcsOperationResponse,
} from './gws/history.ts';
import {
  ServiceStateMessage,
  WorkbinStateChangeMessage,
  WorkbinSubscriptionStateChangeMessage,
} from './gws/desktop-notifications.ts';

/** Where the Bayeux endpoint is mounted; sub-paths and a slash at the end are accepted (gws-agent-api §3.1). */
export const bayeuxMounts = ['/api/v2/notifications', '/genesys/cometd'] as const;

/** One Bayeux channel: what the server sends on it and what clients send. */
export interface PushChannel {
  readonly summary: string;
  /** What the server sends; for a topic the payload in `data`, for a meta channel the whole message. */
  readonly sent: readonly Type.TSchema[];
  /** What clients send; whole messages. */
  readonly received: readonly Type.TSchema[];
}

/** The channels that agents subscribe to (gws-agent-api §3.2). Only the signed-in agent's own news come on them. */
export const topics = {
  '/v2/me/chats': {
    summary: 'The chats of the signed-in agent: their state and their message log.',
    sent: [ChatStateChangeMessage, MessageLogUpdated, ChatErrorMessage],
    received: [],
  },
  '/v2/me/channels': {
    summary: 'The media channels of the signed-in agent and the agent state on them.',
    sent: [ChannelStateChangeMessageV2],
    received: [],
  },
  '/v2/me/workbins': {
    summary: 'The workbins of the signed-in agent: subscriptions, chats that were parked or taken back.',
    sent: [WorkbinSubscriptionStateChangeMessage, WorkbinStateChangeMessage],
    received: [],
  },
  '/v2/ucs/interactions': {
    summary: 'What the history calls of the signed-in agent have found.',
    sent: [GetInteractionsHistoryMessage, GetInteractionContentMessage, UcsOperationResponse],
    received: [],
  },
  '/notifications/services': {
    summary: 'The parts of the contact centre that stop or work again.',
    sent: [ServiceStateMessage],
    received: [],
  },
} as const satisfies Record<string, PushChannel>;

export type Topic = keyof typeof topics;

/** The payloads that a topic carries. */
export type TopicPayload<Name extends Topic> = Type.Static<(typeof topics)[Name]['sent'][number]>;

/**
 * The channels that customers publish on; the answers and what happens in the chat come back on them, subscribed or not
 * (gms-customer-api §6).
 */
export const customerChannels = {
  '/service/chatV2/{service}': {
    summary:
      "The customer's side of a chat: operations are published, what comes of them and what happens is pushed.",
    sent: [CustomerReply, CustomerFailure],
    received: (Object.keys(customerOperations) as CustomerOperationName[]).map(publishSchema),
  },
} as const satisfies Record<string, PushChannel>;

/** The channels by which a client and the server run the Bayeux session (Bayeux 1.0). */
export const metaChannels = {
  '/meta/handshake': {
    summary: 'Opens a Bayeux session.',
    sent: [HandshakeReply],
    received: [HandshakeRequest],
  },
  '/meta/connect': {
    summary: 'Asks for deliveries; held until there are some.',
    sent: [ConnectReply],
    received: [ConnectRequest],
  },
  '/meta/subscribe': {
    summary: 'Subscribes to topics; wildcards are accepted.',
    sent: [SubscribeReply],
    received: [SubscribeRequest],
  },
  '/meta/unsubscribe': {
    summary: 'Ends subscriptions.',
    sent: [SubscribeReply],
    received: [SubscribeRequest],
  },
  '/meta/disconnect': {
    summary: 'Ends the Bayeux session.',
    sent: [DisconnectReply],
    received: [DisconnectRequest],
  },
} as const satisfies Record<string, PushChannel>;

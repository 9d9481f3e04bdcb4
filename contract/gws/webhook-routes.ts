import Type from 'typebox';
import { CountParameter } from '../parameters.ts';
import type { OperationTable } from './operations.ts';
import { Timestamp } from './primitives.ts';
import { OkReply } from './replies.ts';

const ok = Type.Literal(0);

/** A receiver outside and how it does (ours). The numbers count since the server's start, but for what is kept. */
export const ReceiverStatus = Type.Object(
  {
    name: Type.String(),
    url: Type.String({ description: 'Without its query, which may hold a secret.' }),
    events: Type.Array(Type.String()),
    waiting: Type.Integer({ description: 'Messages that have not been confirmed.' }),
    dead: Type.Integer({ description: 'Dead letters.' }),
    confirmed: Type.Integer(),
    failed: Type.Integer({ description: 'Attempts that failed.' }),
    lastConfirmedAt: Type.Union([Timestamp, Type.Null()]),
    lastFailure: Type.Union([Type.Object({ at: Timestamp, failure: Type.String() }), Type.Null()]),
  },
  { title: 'ReceiverStatus' },
);

/** A message that its receiver has not confirmed (ours), without its body. */
export const UnconfirmedMessage = Type.Object(
  {
    id: Type.String({ description: 'The `webhook-id`.' }),
    type: Type.String(),
    chatId: Type.String(),
    queuedAt: Timestamp,
    dueAt: Type.Union([Timestamp], { description: 'The next attempt.' }),
    attempts: Type.Integer({ description: 'Attempts that failed.' }),
    deadAt: Type.Union([Timestamp, Type.Null()]),
    lastFailure: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'UnconfirmedMessage' },
);

/** What administrators can do with all dead letters of a receiver. */
export const receiverOperations = {
  RedeliverAll: { summary: 'Sends all dead letters again.', parameters: Type.Object({}) },
  DiscardAll: { summary: 'Forgets all dead letters.', parameters: Type.Object({}) },
} as const satisfies OperationTable;

/** What administrators can do with one message. */
export const receiverMessageOperations = {
  Redeliver: { summary: 'Sends a dead letter again, behind what waits.', parameters: Type.Object({}) },
  Discard: { summary: 'Forgets a message, waiting or dead.', parameters: Type.Object({}) },
} as const satisfies OperationTable;

const read = { auth: 'agent', tag: 'provisioning', feature: 'api-provisioning-read', method: 'GET' } as const;
const write = {
  auth: 'agent',
  tag: 'provisioning',
  feature: 'api-provisioning-write',
  method: 'POST',
} as const;

/** Receivers outside, for administrators (docs/webhooks.md). Each change is audited. */
export const webhookRoutes = {
  getWebhooks: {
    ...read,
    path: '/api/v2/webhooks',
    summary: 'The receivers outside, what waits for each and what was given up.',
    reply: Type.Object({ statusCode: ok, webhooks: Type.Array(ReceiverStatus) }),
  },
  operateWebhook: {
    ...write,
    path: '/api/v2/webhooks/{name}',
    summary: 'Sends all dead letters of a receiver again, or forgets them.',
    operations: receiverOperations,
    reply: OkReply,
  },
  getWebhookMessages: {
    ...read,
    path: '/api/v2/webhooks/{name}/messages',
    summary: 'What a receiver has not confirmed, oldest first; at most 1,000 at once.',
    query: Type.Object({
      state: Type.Optional(Type.Enum(['Waiting', 'Dead'], { description: 'Default: `Dead`.' })),
      offset: Type.Optional(CountParameter),
      limit: Type.Optional(CountParameter),
    }),
    reply: Type.Object({ statusCode: ok, messages: Type.Array(UnconfirmedMessage) }),
  },
  operateWebhookMessage: {
    ...write,
    path: '/api/v2/webhooks/{name}/messages/{id}',
    summary: 'Sends a dead letter again, or forgets a message.',
    operations: receiverMessageOperations,
    reply: OkReply,
  },
} as const;

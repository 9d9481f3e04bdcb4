import Type from 'typebox';

/** What webhooks can be told (docs/webhooks.md). */
export const webhookEvents = [
  'ChatOpened',
  'ChatAssigned',
  'MessageSent',
  'ChatEnded',
  'FileUploaded',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

const Instant = Type.String({ format: 'date-time', description: 'UTC, as in ISO 8601.' });

const chat = {
  chatId: Type.String(),
  service: Type.String(),
  queue: Type.String({ description: 'The queue in which the chat stands or last stood.' }),
  contactId: Type.String(),
  seq: Type.Integer({
    minimum: 1,
    description: 'The position of the event in its chat: it grows, and other events lie between.',
  }),
} as const;

const From = Type.Object(
  {
    type: Type.Enum(['Customer', 'Agent', 'External'], {
      description: '`External`: the contact centre itself.',
    }),
    nickname: Type.String(),
    participantId: Type.String(),
    agentId: Type.Optional(Type.String()),
  },
  { title: 'WebhookParticipant' },
);

function message<Name extends WebhookEvent, Data extends Type.TProperties>(type: Name, data: Data) {
  return Type.Object(
    {
      type: Type.Literal(type),
      timestamp: Type.Union([Instant], { description: 'When it happened.' }),
      data: Type.Object({ ...chat, ...data }),
    },
    { title: type },
  );
}

/** The body of each webhook. Keys may be added; a receiver ignores those it does not know. */
export const webhookMessages = {
  ChatOpened: message('ChatOpened', {
    customer: Type.Object({ nickname: Type.String() }),
    subject: Type.Optional(Type.String({ description: 'With `includeText` only.' })),
  }),
  ChatAssigned: message('ChatAssigned', {
    agent: Type.Object({ id: Type.String(), nickname: Type.String() }),
  }),
  MessageSent: message('MessageSent', {
    index: Type.Integer({ description: 'The position in the message log.' }),
    from: From,
    messageType: Type.Optional(Type.String()),
    text: Type.Optional(Type.String({ description: 'With `includeText` only.' })),
  }),
  ChatEnded: message('ChatEnded', {
    reason: Type.String({ description: '`customer-left`, `agent-left`, `not-served` and others.' }),
    durationMs: Type.Integer({ description: 'Since the chat was opened.' }),
    disposition: Type.Union([Type.String(), Type.Null()], {
      description:
        'Null when no agent has set one yet; that may come later, at `GET /api/v2/interactions/{id}`.',
    }),
  }),
  FileUploaded: message('FileUploaded', {
    index: Type.Integer({ description: 'The position in the message log.' }),
    from: From,
    file: Type.Object({
      id: Type.String(),
      size: Type.Integer({ description: 'Bytes.' }),
      contentType: Type.String(),
      name: Type.Optional(Type.String({ description: 'With `includeText` only.' })),
    }),
  }),
} as const satisfies Record<WebhookEvent, Type.TObject>;

/** What a webhook is told; `switch` on `type`. */
export type WebhookMessage = {
  [Name in WebhookEvent]: Type.Static<(typeof webhookMessages)[Name]>;
}[WebhookEvent];

import Type from 'typebox';

const StringMap = Type.Record(Type.String(), Type.String());

/** Ours, in pushes only. */
const pushedKey = Type.String({
  description:
    'That of the publish which this push answers, if it had one. Of several pushes the first has it.',
});

/** Who an event comes from; `participantId` counts the joins from 1 (gms-customer-api §4). */
export const CustomerEventSource = Type.Object(
  {
    nickname: Type.String(),
    participantId: Type.Integer({ minimum: 1 }),
    type: Type.Enum(['Client', 'Agent', 'Supervisor', 'External']),
  },
  { title: 'CustomerEventSource' },
);
export type CustomerEventSource = Type.Static<typeof CustomerEventSource>;

/** One event of the transcript as the customer sees it (gms-customer-api §4). `index` grows from 1, with gaps. */
export const CustomerEvent = Type.Object(
  {
    index: Type.Integer({ minimum: 1 }),
    type: Type.Enum([
      'ParticipantJoined',
      'ParticipantLeft',
      'Message',
      'TypingStarted',
      'TypingStopped',
      'PushUrl',
      'NicknameUpdated',
      'CustomNotice',
      'FileUploaded',
      'FileDeleted',
      'Notice',
    ]),
    from: CustomerEventSource,
    text: Type.Optional(
      Type.String({
        description:
          'Of `Message` and `CustomNotice`; of `PushUrl` the URL; of typing events a preview; of `NicknameUpdated` the name; ' +
          'of `FileUploaded` and `FileDeleted` the file id; of `Notice` which one it is: `read-confirm`, `file-client-cfg-get`.',
      }),
    ),
    messageType: Type.Optional(Type.String({ description: 'Echoes what the sender gave.' })),
    utcTime: Type.Integer({ description: 'Milliseconds since the epoch.' }),
    userData: StringMap,
    eventAttributes: Type.Record(Type.String(), StringMap, {
      description:
        'Of `ParticipantLeft`, when somebody did not leave by themself: `GCTI_SYSTEM` with `quit-reason-code`: 4 removed by ' +
        'another participant, 5 by the server, 7 because nobody was active.',
    }),
  },
  { title: 'CustomerEvent' },
);
export type CustomerEvent = Type.Static<typeof CustomerEvent>;

/**
 * The one answer of the customer API when all went well (gms-customer-api §3). There is no `errors` key, for clients
 * take even an empty one for a failure. `nextPosition` is what to ask for next.
 */
export const CustomerReply = Type.Object(
  {
    statusCode: Type.Literal(0),
    chatEnded: Type.Boolean({
      description: 'Of a transcript that is pushed in parts only the last says so.',
    }),
    chatId: Type.String(),
    alias: Type.String({ description: 'To be sent back with the next request; may change.' }),
    userId: Type.String(),
    secureKey: Type.String({ description: 'The secret of this chat.' }),
    nextPosition: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'Only with a transcript: what was not read must not be skipped. A long one is pushed in parts; each says where the next begins.',
      }),
    ),
    messages: Type.Array(CustomerEvent),
    userData: StringMap,
    monitored: Type.Boolean(),
    idempotencyKey: Type.Optional(pushedKey),
  },
  { title: 'CustomerReply' },
);
export type CustomerReply = Type.Static<typeof CustomerReply>;

/**
 * The answer to a customer's request that was refused, with HTTP 200 as known clients need it (gms-customer-api §3,
 * rule 7; §5). 1: try again; 2: it is no use. `chatId` echoes the request, or is empty.
 */
export const CustomerFailure = Type.Object(
  {
    statusCode: Type.Enum([1, 2]),
    chatEnded: Type.Boolean(),
    chatId: Type.String(),
    messages: Type.Array(CustomerEvent, { maxItems: 0 }),
    errors: Type.Array(Type.Object({ code: Type.Integer(), advice: Type.String() }), { minItems: 1 }),
    idempotencyKey: Type.Optional(pushedKey),
  },
  { title: 'CustomerFailure' },
);
export type CustomerFailure = Type.Static<typeof CustomerFailure>;

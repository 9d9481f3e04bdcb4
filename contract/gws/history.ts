import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { CountParameter, refusalHint } from '../parameters.ts';
import { ChatMessage } from './chat.ts';
import type { OperationTable } from './operations.ts';
import { Id, Path, ReferenceId, Timestamp, Uri, UserData } from './primitives.ts';
import { CollectionQuery } from './queries.ts';

/** The state of an interaction: waiting or offered, with an agent, over (gws-agent-api §7.2). */
export const InteractionState = Type.Enum(['New', 'InProcess', 'Stopped', 'Pending'], {
  title: 'InteractionState',
});
export type InteractionState = Type.Static<typeof InteractionState>;

/** The agent whom an interaction belongs to: of several who handled it the one who came last. */
const OwnerInformation = Type.Object({
  id: Id,
  userName: Type.String(),
  firstName: Type.String(),
  lastName: Type.String(),
});

/**
 * A chat as the history tells of it (gws-agent-api §7.2). `customAttributes` holds `QueueName`, `ServiceType` and, once
 * set, `DispositionCode`; `userData` comes with a single interaction only.
 */
export const Interaction = Type.Object(
  {
    id: Id,
    uri: Uri,
    path: Path,
    mediaType: Type.Literal('chat'),
    typeId: Type.Literal('Inbound'),
    state: InteractionState,
    startDate: Timestamp,
    endDate: Type.Optional(Timestamp),
    subject: Type.Optional(Type.String()),
    customerName: Type.String(),
    contactId: Id,
    ownerInformation: Type.Optional(OwnerInformation),
    customAttributes: Type.Record(Type.String(), Type.String()),
    userData: Type.Optional(UserData),
  },
  { title: 'Interaction' },
);
export type Interaction = Type.Static<typeof Interaction>;

const word = Type.Optional(Type.String({ maxLength: bounds.nameLength }));
const date = (description: string) =>
  Type.Optional(
    Type.String({
      maxLength: 40,
      pattern: String.raw`^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$`,
      description,
      ...refusalHint({ expectation: 'must be a date such as 2026-01-31 or 2026-01-31T14:30:00Z.' }),
    }),
  );
const fromDate = date('The first day, or the moment from which on; in the time zone of the contact centre.');
const toDate = date('The last day, or the moment up to which.');

const custom = ['DispositionCode', 'QueueName', 'ServiceType', 'Text'] as const;

/** What the history calls take (gws-agent-api §7.2). The archive is the main store here. */
const history = {
  fromDate,
  toDate,
  mediaType: word,
  sort: Type.Optional(Type.Enum(['asc', 'desc'])),
  source: Type.Optional(Type.Enum(['main', 'archive'])),
  maxSize: Type.Optional(CountParameter),
  customAttributes: Type.Optional(
    Type.Array(Type.String({ maxLength: bounds.nameLength }), {
      maxItems: 32,
      description: 'The names of the custom attributes to be told; all of them without.',
    }),
  ),
  searchCustomAttributes: Type.Optional(
    Type.Object(
      Object.fromEntries(custom.map((name) => [name, word])) as Record<(typeof custom)[number], typeof word>,
      {
        description: 'What the custom attributes must be; `Text` (ours): words of the messages.',
        additionalProperties: false,
      },
    ),
  ),
};

/** The operations of `/ucs/contacts/{id}/interactions`. */
export const contactHistoryOperations = {
  RetrieveContactHistory: {
    summary: 'Reads the chats of a contact; they are notified on `/v2/ucs/interactions`.',
    isAsynchronous: true,
    parameters: Type.Object(history),
  },
} as const satisfies OperationTable;

/** The operations of `/ucs/interactions`. */
export const historyOperations = {
  RetrieveInteractionHistory: {
    summary: 'Reads the chats of everybody; they are notified on `/v2/ucs/interactions`.',
    isAsynchronous: true,
    parameters: Type.Object(history),
  },
  RetrieveAgentHistory: {
    summary: 'Reads the chats that an agent was in; they are notified on `/v2/ucs/interactions`.',
    isAsynchronous: true,
    parameters: Type.Object({
      ...history,
      userId: Type.String({ minLength: 1, maxLength: bounds.nameLength }),
    }),
  },
} as const satisfies OperationTable;

/** The operations of `/ucs/interactions/{id}`. */
export const interactionOperations = {
  GetInteractionContent: {
    summary: 'Reads a chat with its messages; they are notified on `/v2/ucs/interactions`.',
    isAsynchronous: true,
    parameters: Type.Object({ source: history.source }),
  },
} as const satisfies OperationTable;

/** The same by a plain GET. `after`: goes on after this chat, so that pages fit together while new chats come. */
export const InteractionsQuery = Type.Object({
  fields: CollectionQuery.properties.fields,
  contactId: word,
  userId: word,
  text: Type.Optional(Type.String({ maxLength: bounds.nameLength, description: 'Words of closed chats.' })),
  queueName: word,
  service: word,
  disposition: word,
  state: Type.Optional(InteractionState),
  fromDate,
  toDate,
  order: Type.Optional(Type.Enum(['Ascending', 'Descending'])),
  limit: Type.Optional(CountParameter),
  offset: Type.Optional(CountParameter),
  after: word,
});

export const TranscriptQuery = Type.Object({
  format: Type.Optional(Type.Enum(['json', 'text', 'xml'])),
});

/** What a history call has found (gws-agent-api §7.2), or `errorMessage`. */
export const GetInteractionsHistoryMessage = Type.Object(
  {
    messageType: Type.Literal('GetInteractionsHistoryMessage'),
    referenceId: ReferenceId,
    interactions: Type.Array(Interaction),
    errorMessage: Type.Optional(Type.String()),
  },
  { title: 'GetInteractionsHistoryMessage' },
);
export type GetInteractionsHistoryMessage = Type.Static<typeof GetInteractionsHistoryMessage>;

/** A chat with the messages that the agent may see, or `errorMessage`. */
export const GetInteractionContentMessage = Type.Object(
  {
    messageType: Type.Literal('GetInteractionContentMessage'),
    referenceId: ReferenceId,
    interaction: Type.Optional(Interaction),
    messages: Type.Array(ChatMessage),
    errorMessage: Type.Optional(Type.String()),
  },
  { title: 'GetInteractionContentMessage' },
);
export type GetInteractionContentMessage = Type.Static<typeof GetInteractionContentMessage>;

/** The outcome of IdentifyUCSContact (gws-agent-api §7.3); `messageType` and `success` are ours. */
export const UcsOperationResponse = Type.Object(
  {
    messageType: Type.Literal('UcsOperationResponse'),
    referenceId: ReferenceId,
    success: Type.Boolean(),
    contactId: Type.Optional(Id),
    errorMessage: Type.Optional(Type.String()),
  },
  { title: 'UcsOperationResponse' },
);
export type UcsOperationResponse = Type.Static<typeof UcsOperationResponse>;

import Type from 'typebox';
import { Id, Path, Timestamp, TreatAs, Uri, UserData, Visibility } from './primitives.ts';

/** Somebody in a chat (gws-agent-api §5.4); the first three keys are those of the founding page. */
export const Participant = Type.Object(
  {
    type: Type.Enum(['Agent', 'Customer', 'External'], {
      description: '`External`: the contact centre itself, in messages only.',
    }),
    nickname: Type.String(),
    participantId: Type.String({ description: 'One stay in the chat: whoever comes back gets another.' }),
    id: Type.String({ description: 'Equals `participantId`.' }),
    visibility: Visibility,
    uri: Type.Optional(Type.String({ description: 'The user; agents only.' })),
    path: Type.Optional(Type.String({ description: 'The user; agents only.' })),
  },
  { title: 'Participant' },
);
export type Participant = Type.Static<typeof Participant>;

/** The state of a chat as the agent who asks sees it (gws-agent-api §5.2). `Completed` and `Revoked` are final. */
export const ChatState = Type.Enum(['Invited', 'Chatting', 'LeftChat', 'Completed', 'Revoked'], {
  title: 'ChatState',
});
export type ChatState = Type.Static<typeof ChatState>;

/**
 * What the agent who asks is in the chat. Ours: the original leaves it to be guessed. The last three are a
 * supervisor's, of whom supervisors, agents, everybody know.
 */
export const ChatRole = Type.Enum(['Handler', 'Member', 'Consultant', 'Monitor', 'Coach', 'BargeIn'], {
  title: 'ChatRole',
});
export type ChatRole = Type.Static<typeof ChatRole>;

/**
 * What takes too long. Ours: `LateReply`, the customer's message has no answer; `Idle`, nobody says anything. A
 * `PropertiesUpdated` goes to everybody in the chat, supervisors too, when one is raised and when it is over.
 */
export const Alarm = Type.Enum(['LateReply', 'Idle'], { title: 'Alarm' });

/** A chat as one agent sees it (gws-agent-api §5.1). The arrays and `userData` are always there and complete. */
export const Chat = Type.Object(
  {
    state: ChatState,
    role: Type.Optional(ChatRole),
    capabilities: Type.Array(Type.String(), { description: 'The operations that would be accepted now.' }),
    id: Id,
    uri: Uri,
    path: Path,
    participants: Type.Array(Participant),
    userData: UserData,
    alarms: Type.Optional(Type.Array(Alarm, { description: 'Those that are not over; absent: none.' })),
    chatType: Type.Literal('Inbound'),
    receivedDate: Timestamp,
  },
  { title: 'Chat' },
);
export type Chat = Type.Static<typeof Chat>;

/** What kind of entry of the message log it is (gws-agent-api §5.5). Clients ignore kinds that they do not know. */
export const MessageKind = Type.Enum([
  'ParticipantJoined',
  'ParticipantLeft',
  'Text',
  'TypingStarted',
  'TypingStopped',
  'PushUrl',
  'Notice',
  'CustomNotice',
  'FileUploaded',
  'FileDeleted',
]);

/**
 * A file of a chat: its bytes are at `/api/v2/me/chats/{chatId}/files/{id}`. Ours: what the original says of files is not
 * known.
 */
export const SentFile = Type.Object(
  {
    id: Id,
    name: Type.String(),
    size: Type.Integer({ description: 'Bytes.' }),
    contentType: Type.String({ description: 'By its content.' }),
    sha256: Type.String({ description: 'Of the bytes, hex.' }),
    description: Type.Optional(Type.String({ description: 'What the sender says of it.' })),
  },
  { title: 'SentFile' },
);
export type SentFile = Type.Static<typeof SentFile>;

/**
 * One entry of the message log. `index` grows from 1 and is never reused; it may skip, for a viewer does not see
 * every entry. `timestampSeconds` holds milliseconds, as in the original (gws-agent-api §5.5).
 */
export const ChatMessage = Type.Object(
  {
    index: Type.Integer({ minimum: 1 }),
    type: MessageKind,
    from: Participant,
    text: Type.Optional(
      Type.String({ description: 'Of `Text`; of `TypingStarted` when the preview is shown.' }),
    ),
    url: Type.Optional(Type.String({ description: 'Of `PushUrl`.' })),
    noticeText: Type.Optional(Type.String({ description: 'Of `CustomNotice`.' })),
    file: Type.Optional(SentFile),
    fileId: Type.Optional(Type.String({ description: 'Of `FileDeleted`.' })),
    visibility: Visibility,
    timestamp: Timestamp,
    timestampSeconds: Type.Integer({ description: 'Milliseconds since the epoch, in spite of the name.' }),
    messageType: Type.Optional(Type.String({ description: 'Free text of the sender.' })),
    treatAs: Type.Optional(TreatAs),
  },
  { title: 'ChatMessage' },
);
export type ChatMessage = Type.Static<typeof ChatMessage>;

import Type from 'typebox';
import { AgentStateDescriptor, MediaChannel } from './agent-state.ts';
import { Chat, ChatMessage, SentFile } from './chat.ts';
import { ReferenceId, Uri } from './primitives.ts';
import { User } from './user.ts';

const ok = Type.Literal(0, { description: '0: done.' });

/** The answer of an operation that was carried out (gws-agent-api §1.2). */
export const OkReply = Type.Object({ statusCode: ok }, { title: 'OkReply' });
export type OkReply = Type.Static<typeof OkReply>;

/**
 * The answer of an operation on a chat. `referenceId` comes with Consult, CancelConsult and Invite: it is in the
 * notification that tells what became of them (gws-agent-api §1.4, §4.10–§4.12).
 */
export const ChatOperationReply = Type.Object(
  { statusCode: ok, referenceId: Type.Optional(ReferenceId) },
  { title: 'ChatOperationReply' },
);
export type ChatOperationReply = Type.Static<typeof ChatOperationReply>;

/** The answer to a request that was refused and changed nothing; docs/status-codes.md lists the codes. */
export const FailureReply = Type.Object(
  {
    statusCode: Type.Integer({ minimum: 1, maximum: 20 }),
    statusMessage: Type.String(),
  },
  { title: 'FailureReply' },
);
export type FailureReply = Type.Static<typeof FailureReply>;

const ChannelSuccess = Type.Object({ statusCode: ok, channel: Type.String() });
const ChannelFailure = Type.Object({
  statusCode: Type.Integer(),
  statusMessage: Type.String(),
  channel: Type.String(),
});

/** The answer when some channels started and some did not (gws-agent-api §1.2). */
export const PartialReply = Type.Object(
  {
    statusCode: Type.Literal(7, { description: '7: partial success.' }),
    failed: Type.Array(ChannelFailure),
    succeeded: Type.Array(ChannelSuccess),
  },
  { title: 'PartialReply' },
);
export type PartialReply = Type.Static<typeof PartialReply>;

/** The answer of an operation on `/me`: all of it done, or a part (gws-agent-api §2.4). */
export const MeOperationReply = Type.Union([OkReply, PartialReply]);
export type MeOperationReply = Type.Static<typeof MeOperationReply>;

/** The answer of `GET /me`. */
export const UserReply = Type.Object({ statusCode: ok, user: User }, { title: 'UserReply' });
export type UserReply = Type.Static<typeof UserReply>;

/** The answer of `GET /me/channels`. */
export const ChannelsReply = Type.Object(
  { statusCode: ok, channels: Type.Array(MediaChannel) },
  { title: 'ChannelsReply' },
);
export type ChannelsReply = Type.Static<typeof ChannelsReply>;

/** The answer of `GET /me/channels/{channel}`. */
export const ChannelReply = Type.Object({ statusCode: ok, channel: MediaChannel }, { title: 'ChannelReply' });
export type ChannelReply = Type.Static<typeof ChannelReply>;

/** The answer of `GET /me/chats` without `fields`: where the chats are (gws-agent-api §1.3). */
export const ChatUrisReply = Type.Object(
  { statusCode: ok, uris: Type.Array(Uri) },
  { title: 'ChatUrisReply' },
);
export type ChatUrisReply = Type.Static<typeof ChatUrisReply>;

/** The answer of `GET /me/chats` with `fields`: the chats, with the fields that were asked for. */
export const ChatsReply = Type.Object(
  { statusCode: ok, chats: Type.Array(Type.Partial(Chat)) },
  { title: 'ChatsReply' },
);
export type ChatsReply = Type.Static<typeof ChatsReply>;

/** The answer of `GET /me/chats/{id}` and `GET /chats/{id}`. */
export const ChatReply = Type.Object({ statusCode: ok, chat: Chat }, { title: 'ChatReply' });
export type ChatReply = Type.Static<typeof ChatReply>;

/** The answer of `GET /me/chats/{id}/files` and `GET /chats/{id}/files`, in the order in which they were sent. */
export const FilesReply = Type.Object(
  { statusCode: ok, files: Type.Array(SentFile) },
  { title: 'FilesReply' },
);
export type FilesReply = Type.Static<typeof FilesReply>;

/** The answer of `POST /me/chats/{id}/files`. */
export const FileReply = Type.Object({ statusCode: ok, file: SentFile }, { title: 'FileReply' });
export type FileReply = Type.Static<typeof FileReply>;

/** The answer of `GET /me/chats/{id}/messages`, in the order of `index` (gws-agent-api §4.21). */
export const MessagesReply = Type.Object(
  { statusCode: ok, messages: Type.Array(ChatMessage) },
  { title: 'MessagesReply' },
);
export type MessagesReply = Type.Static<typeof MessagesReply>;

/** The answer of `GET /settings/agent-states` (gws-agent-api §6.1, §8.4). */
export const AgentStatesReply = Type.Object(
  { statusCode: ok, key: Type.Literal('name'), settings: Type.Array(AgentStateDescriptor) },
  { title: 'AgentStatesReply' },
);
export type AgentStatesReply = Type.Static<typeof AgentStatesReply>;

/** The answer of `GET /diagnostics/version` (gws-agent-api §8.5). */
export const VersionReply = Type.Object(
  { statusCode: ok, version: Type.String() },
  { title: 'VersionReply' },
);
export type VersionReply = Type.Static<typeof VersionReply>;

import Type from 'typebox';
import { MediaChannel } from './agent-state.ts';
import { Chat, ChatMessage } from './chat.ts';
import { ReferenceId } from './primitives.ts';

/**
 * A chat of the agent changed (founding page; gws-agent-api §3.4). `chat` is always complete: clients replace what
 * they hold with it. `referenceId` is there when a request of this agent caused the change.
 */
export const ChatStateChangeMessage = Type.Object(
  {
    messageType: Type.Literal('ChatStateChangeMessage'),
    notificationType: Type.Enum(['StatusChange', 'ParticipantsUpdated', 'PropertiesUpdated']),
    referenceId: Type.Optional(ReferenceId),
    chat: Chat,
  },
  { title: 'ChatStateChangeMessage' },
);
export type ChatStateChangeMessage = Type.Static<typeof ChatStateChangeMessage>;

/**
 * What was asked for by request `referenceId` failed after the reply (gws-agent-api §3.6). It has the `messageType`
 * and the `chat` of a change, for known clients dereference both.
 */
export const ChatErrorMessage = Type.Object(
  {
    messageType: Type.Literal('ChatStateChangeMessage'),
    notificationType: Type.Literal('Error'),
    errorMessage: Type.String(),
    referenceId: Type.Optional(ReferenceId),
    chat: Chat,
  },
  { title: 'ChatErrorMessage' },
);
export type ChatErrorMessage = Type.Static<typeof ChatErrorMessage>;

/**
 * The message log of a chat grew (founding page; gws-agent-api §3.5). The first after joining holds the whole visible
 * history. There is no chat id: clients take the last segment of `chatUri`, or compare `chatPath`.
 */
export const MessageLogUpdated = Type.Object(
  {
    messageType: Type.Literal('MessageLogUpdated'),
    notificationType: Type.Literal('NewMessages'),
    messages: Type.Array(ChatMessage),
    chatUri: Type.String(),
    chatPath: Type.String(),
    referenceId: Type.Optional(ReferenceId),
  },
  { title: 'MessageLogUpdated' },
);
export type MessageLogUpdated = Type.Static<typeof MessageLogUpdated>;

/** The agent's channels after a change: all of them, each once (gws-agent-api §3.7). */
export const ChannelStateChangeMessageV2 = Type.Object(
  {
    messageType: Type.Literal('ChannelStateChangeMessageV2'),
    channels: Type.Array(MediaChannel),
    referenceId: Type.Optional(ReferenceId),
  },
  { title: 'ChannelStateChangeMessageV2' },
);
export type ChannelStateChangeMessageV2 = Type.Static<typeof ChannelStateChangeMessageV2>;

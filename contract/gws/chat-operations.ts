import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { BooleanParameter, refusalHint } from '../parameters.ts';
import type { OperationTable } from './operations.ts';
import { Nickname, TreatAs } from './primitives.ts';

const Text = Type.String({
  minLength: 1,
  maxLength: bounds.textLength,
  ...refusalHint({ tooLong: 'MessageTooLong' }),
});
const MessageType = Type.String({
  maxLength: bounds.messageTypeLength,
  description: 'Free text, default `Text`.',
});
const Name = Type.String({ minLength: 1, maxLength: bounds.nameLength });
const Url = Type.String({ minLength: 1, maxLength: bounds.uriLength });

const SaveLar = Type.Optional(BooleanParameter);

/** A message that goes along with an operation; the last two mean nothing without `text` (gws-agent-api §4). */
const farewell = {
  text: Type.Optional(Text),
  messageType: Type.Optional(MessageType),
  treatAs: Type.Optional(TreatAs),
};

/**
 * What an agent can ask of a chat: `POST /api/v2/me/chats/{id}` (founding page; gws-agent-api §4). `InFocus` is the
 * older name of `SetInFocus` (§10, row 5).
 */
export const chatOperations = {
  Accept: {
    summary: 'Accepts the offered chat and joins it.',
    parameters: Type.Object({ nickname: Nickname, saveLAR: SaveLar }),
  },
  Reject: { summary: 'Declines the offered chat.', parameters: Type.Object({}) },
  SendMessage: {
    summary: 'Says something to everybody in the chat.',
    parameters: Type.Object({
      text: Text,
      messageType: Type.Optional(MessageType),
      treatAs: Type.Optional(TreatAs),
    }),
  },
  SendStartTypingNotification: { summary: 'Tells that the agent is typing.', parameters: Type.Object({}) },
  SendStopTypingNotification: {
    summary: 'Tells that the agent has stopped typing.',
    parameters: Type.Object({}),
  },
  InFocus: { summary: 'Tells that the agent is looking at this chat.', parameters: Type.Object({}) },
  SetInFocus: { summary: 'Tells that the agent is looking at this chat.', parameters: Type.Object({}) },
  Leave: {
    summary: 'Leaves the conversation; the last agent to leave ends it.',
    parameters: Type.Object(farewell),
  },
  Complete: {
    summary: 'Finishes the chat for this agent, ending the conversation if nobody else is left.',
    parameters: Type.Object({ queueName: Type.Optional(Name), saveLAR: SaveLar, ...farewell }),
  },
  Transfer: {
    summary: 'Hands the chat to another agent or to a queue.',
    parameters: Type.Object({
      targetUri: Type.Optional(Url),
      targetPath: Type.Optional(Url),
      queueName: Type.Optional(Name),
      ...farewell,
    }),
    exactlyOneOf: ['targetUri', 'targetPath', 'queueName'],
  },
} as const satisfies OperationTable;

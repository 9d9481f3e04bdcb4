import Type from 'typebox';
import { bounds } from '../bounds.ts';
import { CountParameter } from '../parameters.ts';
import { ChatMessage, Participant } from '../gws/chat.ts';
import { Id, Path, Timestamp } from '../gws/primitives.ts';
import { customerForms } from './requests.ts';

// The customer's side of a chat as the agent API words it (gws-agent-api §5.7): `/api/v2/chats`.

const { nickname, firstName, lastName, subject, emailAddress, userData } =
  customerForms.requestChat.properties;
const { message, messageType } = customerForms.send.properties;

/** `POST /api/v2/chats`. */
export const requestChatOperations = {
  RequestChat: {
    summary: 'Opens a chat with a customer-facing service: that of the `endpoint`, or the first.',
    parameters: Type.Object({
      nickname,
      firstName,
      lastName,
      subject,
      emailAddress,
      userData,
      endpoint: Type.Optional(
        Type.String({
          maxLength: bounds.nameLength,
          description: 'The name of a service, with or without `tenant:` before it.',
        }),
      ),
    }),
  },
} as const;

/** `POST /api/v2/chats/{id}`. */
export const customerChatOperations = {
  SendMessage: {
    summary: 'Says something to the agent.',
    parameters: Type.Object({ text: message, messageType }),
  },
  SendStartTypingNotification: {
    summary: 'Tells that the customer is typing.',
    parameters: Type.Object({ text: Type.Optional(message) }),
  },
  SendStopTypingNotification: {
    summary: 'Tells that the customer has stopped typing.',
    parameters: Type.Object({}),
  },
  Complete: { summary: 'The customer leaves; leaving twice is no error.', parameters: Type.Object({}) },
} as const;

/** The messages from `index` on; 1, the first, when absent. */
export const CustomerMessagesQuery = Type.Object({ index: Type.Optional(CountParameter) });

const ok = Type.Literal(0);

/** `id` is the chat's secret: nobody but the customer has it, agents know the chat by another. */
export const ChatRequestedReply = Type.Object(
  { statusCode: ok, id: Id, path: Path },
  { title: 'ChatRequestedReply' },
);

/** A chat as its customer sees it. Ours: the original's fields are not known. */
export const CustomerChatReply = Type.Object(
  {
    statusCode: ok,
    chat: Type.Object(
      {
        id: Id,
        path: Path,
        state: Type.Enum(['WaitingForAgent', 'Chatting', 'Completed']),
        capabilities: Type.Array(Type.String()),
        participants: Type.Array(Participant),
        receivedDate: Timestamp,
      },
      { title: 'CustomerChat' },
    ),
  },
  { title: 'CustomerChatReply' },
);
export type CustomerChatReply = Type.Static<typeof CustomerChatReply>;

export const CustomerMessagesReply = Type.Object(
  { statusCode: ok, messages: Type.Array(ChatMessage) },
  { title: 'CustomerMessagesReply' },
);

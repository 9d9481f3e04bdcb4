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

const message = { text: Text, messageType: Type.Optional(MessageType), treatAs: Type.Optional(TreatAs) };
const NoticeText = Type.String({
  minLength: 1,
  maxLength: bounds.textLength,
  ...refusalHint({ tooLong: 'MessageTooLong' }),
});

/** Pages that are pushed open in the customer's browser: only what a link may be. */
const PushedUrl = Type.String({
  minLength: 1,
  maxLength: bounds.uriLength,
  pattern: String.raw`^https?://[^\s]+$`,
  ...refusalHint({ expectation: 'must be an http or https URL.' }),
});

/** The uri or the path of a user; a queue's as well where that is said. */
const target = {
  targetUri: Type.Optional(Url),
  targetPath: Type.Optional(Url),
};
const userUri = { userUri: Type.Optional(Url) };

const UserDataParameter = Type.Record(
  Type.String({ minLength: 1, maxLength: bounds.userDataKeyLength }),
  Type.Unknown(),
  { description: 'Values are strings, numbers, booleans, nulls or objects.' },
);
const Keys = Type.Array(Type.String({ maxLength: bounds.userDataKeyLength }), {
  minItems: 1,
  maxItems: bounds.userDataEntries,
});
const nothing = Type.Object({});

/**
 * What an agent can ask of a chat: `POST /api/v2/me/chats/{id}` (founding page; gws-agent-api §4). `InFocus` is the
 * older name of `SetInFocus` (§10, row 5).
 */
export const chatOperations = {
  Accept: {
    summary: 'Accepts the offered chat and joins it.',
    parameters: Type.Object({ nickname: Nickname, saveLAR: SaveLar }),
  },
  Reject: { summary: 'Declines the offered chat.', parameters: nothing },
  SendMessage: {
    summary: 'Says something to everybody in the chat; from a consultant or coach only agents hear it.',
    parameters: Type.Object(message),
  },
  SendStartTypingNotification: { summary: 'Tells that the agent is typing.', parameters: nothing },
  SendStopTypingNotification: { summary: 'Tells that the agent has stopped typing.', parameters: nothing },
  SendUrl: { summary: 'Pushes a page to everybody.', parameters: Type.Object({ url: PushedUrl }) },
  SendCustomNotice: {
    summary: 'Sends a notice that programs understand to everybody.',
    parameters: Type.Object({ noticeText: NoticeText }),
  },
  SendToAgents: {
    summary: 'Says something that the customer does not see.',
    parameters: Type.Object(message),
  },
  SendStartTypingToAgentsNotification: {
    summary: 'Tells the other agents that the agent is typing.',
    parameters: nothing,
  },
  SendStopTypingToAgentsNotification: {
    summary: 'Tells the other agents that the agent has stopped typing.',
    parameters: nothing,
  },
  SendCustomNoticeToAgents: {
    summary: 'Sends a notice that programs understand to the agents.',
    parameters: Type.Object({ noticeText: NoticeText }),
  },
  InFocus: { summary: 'Tells that the agent is looking at this chat.', parameters: nothing },
  SetInFocus: { summary: 'Tells that the agent is looking at this chat.', parameters: nothing },
  Leave: {
    summary: 'Leaves the conversation; the last agent to leave ends it.',
    parameters: Type.Object(farewell),
  },
  Complete: {
    summary:
      'Finishes the chat for this agent, ending the conversation if nobody else is left; with `queueName` it is ' +
      'put into that queue for after-chat work.',
    parameters: Type.Object({ queueName: Type.Optional(Name), saveLAR: SaveLar, ...farewell }),
  },
  LeaveAndComplete: {
    summary: 'Leaves the conversation and finishes the chat for this agent.',
    parameters: Type.Object({ saveLAR: SaveLar, ...farewell }),
  },
  Transfer: {
    summary: 'Hands the chat to another agent or to a queue.',
    parameters: Type.Object({ ...target, ...userUri, queueName: Type.Optional(Name), ...farewell }),
    exactlyOneOf: ['targetUri', 'targetPath', 'queueName', 'userUri'],
  },
  Consult: {
    summary: 'Asks an agent, or one of those who serve a queue, for advice that the customer does not see.',
    parameters: Type.Object({ ...target, ...userUri, queueName: Type.Optional(Name) }),
    exactlyOneOf: ['targetUri', 'targetPath', 'queueName', 'userUri'],
    isAsynchronous: true,
  },
  CancelConsult: {
    summary: 'Takes back the consultations of this agent that are not answered.',
    parameters: nothing,
    isAsynchronous: true,
  },
  Invite: {
    summary: 'Asks an agent to talk with the customer as well.',
    parameters: Type.Object({ ...target, ...userUri }),
    exactlyOneOf: ['targetUri', 'targetPath', 'userUri'],
    isAsynchronous: true,
  },
  RemoveParticipantFromConference: {
    summary: 'Removes an agent who was invited.',
    parameters: Type.Object({ ...target, ...userUri, ...farewell }),
    exactlyOneOf: ['targetUri', 'targetPath', 'userUri'],
  },
  AttachUserData: {
    summary: 'Adds to the user data.',
    parameters: Type.Object({ userData: UserDataParameter }),
  },
  UpdateUserData: {
    summary: 'Overwrites the keys of the user data that are listed.',
    parameters: Type.Object({ userData: UserDataParameter }),
  },
  DeleteUserData: {
    summary: 'Removes keys from the user data.',
    parameters: Type.Object({ keys: Keys }),
  },
  SetDisposition: {
    summary: 'Says how the chat turned out; it stands in the user data under `dispositionKey`.',
    parameters: Type.Object({
      disposition: Name,
      dispositionKey: Type.Optional(Type.String({ minLength: 1, maxLength: bounds.userDataKeyLength })),
    }),
  },
  DeleteFile: {
    summary: 'Deletes a file of the chat.',
    parameters: Type.Object({ fileId: Type.String({ minLength: 1, maxLength: bounds.credentialLength }) }),
  },
  SwitchToMonitor: {
    summary: 'As a supervisor: from now on seen by supervisors only.',
    parameters: nothing,
  },
  SwitchToCoach: { summary: 'As a supervisor: from now on seen by agents only.', parameters: nothing },
  SwitchToBargeIn: {
    summary: 'As a supervisor: from now on seen by everybody.',
    parameters: nothing,
  },
} as const satisfies OperationTable;

/** Other names under which clients ask for the same (gws-agent-api §4.13; §10, row 6). */
export const chatOperationAliases: Readonly<Record<string, keyof typeof chatOperations>> = {
  SwitchBargeIn: 'SwitchToBargeIn',
  RemoveFromConference: 'RemoveParticipantFromConference',
};

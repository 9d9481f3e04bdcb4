import Type from 'typebox';
import { refusalHint } from '../parameters.ts';
import { channelOperations } from './me-operations.ts';
import type { OperationTable } from './operations.ts';
import { Nickname } from './primitives.ts';

const watching = Type.Object({
  supervisorMonitoringMode: Type.Optional(Type.Enum(['NextChat', 'AllChats'])),
  nickname: Type.Optional(Nickname),
});

/**
 * What a supervisor can ask of a user's channel: `POST /api/v2/users/{userId}/channels/{channel}` (gws-agent-api
 * §9). The agent states are operations here too (§6.1).
 */
export const userChannelOperations = {
  Monitor: {
    summary: 'Comes along unseen when the user accepts their next chat, or each of them (the default).',
    parameters: watching,
  },
  Coach: {
    summary: 'The same, seen and heard by agents only.',
    parameters: watching,
  },
  BargeIn: { summary: 'The same, seen and heard by everybody.', parameters: watching },
  CancelSupervisorMonitoring: {
    summary: 'Comes along no more. Chats that are being watched go on: see Leave.',
    parameters: Type.Object({}),
  },
  ...channelOperations,
} as const satisfies OperationTable;

/** What a supervisor can ask of a chat of somebody else: `POST /api/v2/users/{userId}/chats/{chatId}` (§9). */
export const userChatOperations = {
  Intrude: {
    summary: 'Asks to be offered the chat: accept it to come in.',
    parameters: Type.Object({
      supervisorVisibilityMode: Type.Enum(
        ['Monitor', 'Coach', 'BargeIn'],
        refusalHint({ expectation: 'must be one of Monitor, Coach, BargeIn.' }),
      ),
    }),
  },
} as const satisfies OperationTable;

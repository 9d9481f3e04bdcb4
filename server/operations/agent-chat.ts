import type { chatOperations } from '@parley/contract/gws/chat-operations.ts';
import type { ParsedOperation } from '@parley/contract/gws/operations.ts';
import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { UserData } from '../domain/chat-event.ts';
import type { AgentCommand, Text, TransferTarget } from '../domain/commands.ts';
import { newParticipantId, type AgentId, type ChatId, type FileId } from '../domain/ids.ts';
import { deleteAgentFile } from './agent-files.ts';
import { agentOfQueue, findTarget, findUser, unavailable } from './chat-targets.ts';
import { foretell } from './keyed-request.ts';
import type { Operations } from './operations.ts';
import {
  declinedUntilMs,
  dispositionKeyOf,
  mandatoryDisposition,
  offerEndsAtMs,
  placementOf,
} from './queues.ts';
import { consumeMonitoring, supervisorsOf } from './supervision.ts';
import { changesIdentity } from './identified-request.ts';
import { checkUserData } from './user-data.ts';

/** An agent's request on one of their chats: `operationName` and its parameters, already checked for shape. */
export type AgentChatRequest = ParsedOperation<typeof chatOperations>;
type RequestOf<Name extends AgentChatRequest['operationName']> = Extract<
  AgentChatRequest,
  { readonly operationName: Name }
>;
type AskingRequest = RequestOf<'Consult' | 'Invite' | 'CancelConsult'>;

/** The optional text trio (gws-agent-api §4). */
interface TextParameters {
  readonly text?: string | undefined;
  readonly messageType?: string | undefined;
  readonly treatAs?: 'Normal' | 'System' | undefined;
}

export interface ChatTarget {
  readonly agentId: AgentId;
  readonly chatId: ChatId;
}

/** What the reply tells: a `referenceId` for the operations that go on after it. */
export interface ChatOperationDone {
  readonly referenceId?: number;
}

/**
 * Carries out an agent's operation on a chat; resolves when it is durable. The refusals are those of `decide`, and:
 * MessageTooLong for a text beyond `limits.messageLength`; MissingParameter, NotFound or InvalidParameter for the
 * target; Unavailable for what is said while there is too much to do; InvalidParameter for user data beyond the limits; NotAllowedInState for a Transfer to an agent who is not
 * ready or has no capacity left. What is wrong with the target of Consult and Invite at this moment, and a
 * CancelConsult that comes too late, is told by an Error notification after the reply (gws-agent-api §4.11).
 */
export async function operateChat(
  operations: Operations,
  request: AgentChatRequest,
  target: ChatTarget,
): Promise<ChatOperationDone | Refusal> {
  const { agentId, chatId } = target;
  const refused = tooLong(operations, request) ?? tooBusy(operations, request);
  if (refused) return refused;
  if (request.operationName === 'DeleteFile')
    return deleteAgentFile(operations, target, request.fileId as FileId);
  if (isAsking(request)) return operateAsking(operations, request, target);
  const command = commandOf(operations, request, target);
  if (isRefusal(command)) return command;
  const done = operations.chats.submit(chatId, command, {
    agentId,
    referenceId: operations.nextReferenceId(),
  });
  if (command.type === 'Accept') consumeMonitoring(operations, command, chatId);
  const outcome = await done;
  return isRefusal(outcome) ? outcome : {};
}

function tooLong({ config }: Operations, request: AgentChatRequest): Refusal | null {
  const text = 'text' in request ? request.text : 'noticeText' in request ? request.noticeText : undefined;
  return text !== undefined && text.length > config.limits.messageLength ? refuse('MessageTooLong') : null;
}

/** What agents say waits while the server has too much to do; taking chats, leaving and completing them does not. */
function tooBusy({ overload }: Operations, { operationName }: AgentChatRequest): Refusal | null {
  return operationName.startsWith('Send') || operationName.endsWith('UserData') ? overload.message() : null;
}

function isAsking(request: AgentChatRequest): request is AskingRequest {
  const { operationName } = request;
  return operationName === 'Consult' || operationName === 'Invite' || operationName === 'CancelConsult';
}

/** Consult, Invite, CancelConsult: the reply has a `referenceId`, what goes wrong is told with it. */
async function operateAsking(
  operations: Operations,
  request: AskingRequest,
  target: ChatTarget,
): Promise<ChatOperationDone | Refusal> {
  const { agentId, chatId } = target;
  const impossible = operations.chats.cannot(chatId, agentId, request.operationName);
  if (impossible) return impossible;
  const referenceId = operations.nextReferenceId();
  const command = askingCommand(operations, request, { ...target, referenceId });
  if (isRefusal(command)) return command;
  foretell({ statusCode: 0, referenceId });
  const outcome =
    'later' in command
      ? command.later
      : await operations.chats.submit(chatId, command, { agentId, referenceId });
  if (isRefusal(outcome))
    operations.tellFailure({
      agentId,
      chatId,
      referenceId,
      errorMessage: outcome.detail ?? 'Request failed',
    });
  return { referenceId };
}

function askingCommand(
  operations: Operations,
  request: AskingRequest,
  target: ChatTarget & { readonly referenceId: number },
): AgentCommand | Refusal | { readonly later: Refusal } {
  const { agentId, chatId, referenceId } = target;
  if (request.operationName === 'CancelConsult') return { type: 'CancelConsult', agentId };
  const found = findTarget(operations, request);
  if (isRefusal(found)) return found;
  if ('queue' in found && request.operationName === 'Invite')
    return refuse('InvalidParameter', 'The target must be a user.');
  const chosen = 'agent' in found ? found.agent.agentId : agentOfQueue(operations, found.queue, chatId);
  if (isRefusal(chosen)) return { later: chosen };
  const busy = 'agent' in found ? unavailable(operations, found.agent, chatId) : null;
  if (busy) return { later: busy };
  const asked = {
    agentId: chosen,
    expiresAtMs: offerEndsAtMs(operations, chatId),
    participantId: newParticipantId(operations.random),
    referenceId,
  };
  return { type: request.operationName, agentId, asked };
}

function commandOf(
  operations: Operations,
  request: Exclude<AgentChatRequest, AskingRequest | RequestOf<'DeleteFile'>>,
  target: ChatTarget,
): AgentCommand | Refusal {
  const { agentId, chatId } = target;
  switch (request.operationName) {
    case 'Accept': {
      const participantId = newParticipantId(operations.random);
      const { nickname, saveLAR: saveLar = false } = request;
      const supervisors = supervisorsOf(operations, agentId);
      return { type: 'Accept', agentId, nickname, participantId, saveLar, supervisors };
    }
    case 'Reject':
      return { type: 'Reject', agentId, notBeforeMs: declinedUntilMs(operations, chatId) };
    case 'SendMessage':
    case 'SendToAgents':
      return { type: request.operationName, agentId, message: textOf(request) ?? { text: request.text } };
    case 'SendUrl':
      return { type: 'SendUrl', agentId, url: request.url };
    case 'SendCustomNotice':
    case 'SendCustomNoticeToAgents':
      return { type: request.operationName, agentId, noticeText: request.noticeText };
    case 'Leave':
      return { type: 'Leave', agentId, ...withText(request) };
    case 'Complete':
    case 'LeaveAndComplete':
      return completion(operations, request, target);
    case 'Transfer': {
      const to = transferTarget(operations, request, chatId);
      return isRefusal(to) ? to : { type: 'Transfer', agentId, to, ...withText(request) };
    }
    case 'RemoveParticipantFromConference': {
      const user = findUser(operations, request);
      if (isRefusal(user)) return user;
      return { type: request.operationName, agentId, target: user.agentId, ...withText(request) };
    }
    case 'SwitchToMonitor':
    case 'SwitchToCoach':
    case 'SwitchToBargeIn':
      return { type: request.operationName, agentId, participantId: newParticipantId(operations.random) };
    default:
      return annotation(operations, request, target);
  }
}

function annotation(
  operations: Operations,
  request: Extract<
    AgentChatRequest,
    {
      readonly operationName:
        | 'AttachUserData'
        | 'UpdateUserData'
        | 'DeleteUserData'
        | 'SetDisposition'
        | 'InFocus'
        | 'SetInFocus'
        | `SendSt${string}`;
    }
  >,
  { agentId, chatId }: ChatTarget,
): AgentCommand | Refusal {
  const { config, chats } = operations;
  const before = { userData: chats.head(chatId)?.userData ?? {} };
  const refusedToSet = (set: UserData): Refusal | null =>
    checkUserData(config.limits, before.userData, set) ?? changesIdentity(before, { set });
  switch (request.operationName) {
    case 'AttachUserData':
    case 'UpdateUserData': {
      const { userData } = request;
      return refusedToSet(userData) ?? { type: request.operationName, agentId, userData };
    }
    case 'DeleteUserData': {
      const { keys } = request;
      return changesIdentity(before, { removed: keys }) ?? { type: 'DeleteUserData', agentId, keys };
    }
    case 'SetDisposition': {
      const { disposition, dispositionKey: key = dispositionKeyOf(operations) } = request;
      return refusedToSet({ [key]: disposition }) ?? { type: 'SetDisposition', agentId, key, disposition };
    }
    default:
      return { type: request.operationName, agentId };
  }
}

function completion(
  operations: Operations,
  request: RequestOf<'Complete' | 'LeaveAndComplete'>,
  { agentId, chatId }: ChatTarget,
): AgentCommand | Refusal {
  const dispositionKey = mandatoryDisposition(operations, chatId);
  const rest = {
    agentId,
    saveLar: request.saveLAR ?? false,
    ...(dispositionKey === null ? {} : { dispositionKey }),
    ...withText(request),
  };
  if (request.operationName === 'LeaveAndComplete' || request.queueName === undefined)
    return { type: request.operationName, ...rest };
  const target = findTarget(operations, { queueName: request.queueName });
  if (isRefusal(target)) return target;
  return { type: 'Complete', ...rest, placement: placementOf(operations, request.queueName) };
}

function textOf(request: TextParameters): Text | undefined {
  const { text, messageType, treatAs } = request;
  if (text === undefined || text === '') return undefined;
  return { text, ...(messageType ? { messageType } : {}), ...(treatAs ? { treatAs } : {}) };
}

function withText(request: TextParameters): { readonly message?: Text } {
  const message = textOf(request);
  return message ? { message } : {};
}

function transferTarget(
  operations: Operations,
  request: RequestOf<'Transfer'>,
  chatId: ChatId,
): TransferTarget | Refusal {
  const target = findTarget(operations, request);
  if (isRefusal(target)) return target;
  if ('queue' in target) return { placement: placementOf(operations, target.queue) };
  const { agent } = target;
  const busy = unavailable(operations, agent, chatId);
  if (busy) return busy;
  return {
    agentId: agent.agentId,
    expiresAtMs: offerEndsAtMs(operations, chatId),
    participantId: newParticipantId(operations.random),
  };
}

import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { readyForChatSince } from '../domain/agent.ts';
import type { AgentCommand, Text, TransferTarget } from '../domain/decide.ts';
import { newParticipantId, type AgentId, type ChatId } from '../domain/ids.ts';
import type { Commit } from './chat-book.ts';
import type { Operations } from './operations.ts';
import { declinedUntilMs, placementOf, queueOf } from './queues.ts';

/** The optional text trio (gws-agent-api §4). */
export interface TextParameters {
  readonly text?: string | undefined;
  readonly messageType?: string | undefined;
  readonly treatAs?: 'Normal' | 'System' | undefined;
}

/** An agent's request on one of their chats: `operationName` and its parameters, already checked for shape. */
export type AgentChatRequest =
  | { readonly operationName: 'Accept'; readonly nickname: string; readonly saveLAR?: boolean | undefined }
  | {
      readonly operationName:
        'Reject' | 'SendStartTypingNotification' | 'SendStopTypingNotification' | 'InFocus' | 'SetInFocus';
    }
  | ({ readonly operationName: 'SendMessage'; readonly text: string } & Omit<TextParameters, 'text'>)
  | ({ readonly operationName: 'Leave' } & TextParameters)
  | ({ readonly operationName: 'Complete'; readonly saveLAR?: boolean | undefined } & TextParameters)
  | ({
      readonly operationName: 'Transfer';
      readonly targetUri?: string | undefined;
      readonly targetPath?: string | undefined;
      readonly queueName?: string | undefined;
    } & TextParameters);

type TransferRequest = Extract<AgentChatRequest, { operationName: 'Transfer' }>;

export interface ChatTarget {
  readonly agentId: AgentId;
  readonly chatId: ChatId;
}

/**
 * Carries out an agent's operation on a chat. The refusals are those of `decide`, and: MessageTooLong for a text
 * beyond `limits.messageLength`; for Transfer MissingParameter without a target, NotFound for an unknown one,
 * NotAllowedInState for an agent who is not signed in or has no capacity left.
 */
export async function operateChat(
  operations: Operations,
  request: AgentChatRequest,
  target: ChatTarget,
): Promise<Commit | Refusal> {
  const { agentId, chatId } = target;
  const text = 'text' in request ? request.text : undefined;
  if (text !== undefined && text.length > operations.config.limits.messageLength)
    return refuse('MessageTooLong');
  const command = commandOf(operations, request, target);
  if (isRefusal(command)) return command;
  return operations.chats.submit(chatId, command, { agentId, referenceId: operations.nextReferenceId() });
}

function commandOf(
  operations: Operations,
  request: AgentChatRequest,
  target: ChatTarget,
): AgentCommand | Refusal {
  const { agentId, chatId } = target;
  switch (request.operationName) {
    case 'Accept': {
      const participantId = newParticipantId(operations.random);
      const { nickname, saveLAR = false } = request;
      return { type: 'Accept', agentId, nickname, participantId, saveLar: saveLAR };
    }
    case 'Reject':
      return { type: 'Reject', agentId, notBeforeMs: declinedUntilMs(operations, chatId) };
    case 'SendMessage':
      return { type: 'SendMessage', agentId, message: textOf(request) ?? { text: request.text } };
    case 'Leave':
      return { type: 'Leave', agentId, ...withText(request) };
    case 'Complete':
      return { type: 'Complete', agentId, saveLar: request.saveLAR ?? false, ...withText(request) };
    case 'Transfer': {
      const to = transferTarget(operations, request, chatId);
      return isRefusal(to) ? to : { type: 'Transfer', agentId, to, ...withText(request) };
    }
    default:
      return { type: request.operationName, agentId };
  }
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
  request: TransferRequest,
  chatId: ChatId,
): TransferTarget | Refusal {
  const { queueName } = request;
  const uri = request.targetUri ?? request.targetPath;
  if (queueName !== undefined) {
    if (!operations.queues.has(queueName))
      return refuse('NotFound', `There is no queue named "${queueName}".`);
    return { placement: placementOf(operations, queueName) };
  }
  if (uri === undefined) return refuse('MissingParameter', 'Transfer needs targetUri or queueName.');
  // Clients send the uri or the path of a user; the id is its last segment (gws-agent-api §1.3).
  const agentId = uri.slice(uri.lastIndexOf('/') + 1) as AgentId;
  const agent = operations.people.get(agentId);
  if (!agent) return refuse('NotFound', `There is no user "${uri}".`);
  if (readyForChatSince(operations.roster.stateOf(agentId)) === null)
    return refuse('NotAllowedInState', `${agent.userName} is not ready for chats.`);
  if (operations.chats.loadOf(agentId) >= agent.chatCapacity)
    return refuse('NotAllowedInState', `${agent.userName} has no capacity left.`);
  return { agentId, expiresAtMs: operations.clock.now() + queueOf(operations, chatId).offerTimeoutMs };
}

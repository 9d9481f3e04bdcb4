import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { readyForChatSince } from '../domain/agent.ts';
import { assignmentOf } from '../domain/chat.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import { route } from '../routing/route.ts';
import type { Operations } from './operations.ts';
import type { ConfiguredAgent } from './people.ts';
import { placementOf } from './queues.ts';
import { routingSnapshot } from './router.ts';

/** The names of a target that clients use: the uri or path of a user or a queue, or a queue's name (§4.9–§4.13). */
export interface TargetParameters {
  readonly targetUri?: string | undefined;
  readonly targetPath?: string | undefined;
  readonly userUri?: string | undefined;
  readonly queueName?: string | undefined;
}

/** Who or what is meant. */
export type Target = { readonly agent: ConfiguredAgent } | { readonly queue: string };

/** The last segment of a uri or path is the id (gws-agent-api §1.3). */
function lastSegment(uri: string): string {
  const [path = ''] = uri.split(/[?#]/, 1);
  const segment = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Reads the target. MissingParameter without one, NotFound for a user or queue that there is not. */
export function findTarget(operations: Operations, parameters: TargetParameters): Target | Refusal {
  const { queueName } = parameters;
  if (queueName !== undefined) return findQueue(operations, queueName, queueName);
  const uri = parameters.targetUri ?? parameters.targetPath ?? parameters.userUri;
  if (uri === undefined) return refuse('MissingParameter', 'The operation needs a target.');
  const id = lastSegment(uri);
  if (/\/queues\/[^/]+$/.test(uri)) return findQueue(operations, id, uri);
  const agent = operations.people.get(id as AgentId);
  return agent ? { agent } : refuse('NotFound', `There is no user "${uri}".`);
}

function findQueue(operations: Operations, name: string, given: string): Target | Refusal {
  return operations.queues.has(name)
    ? { queue: name }
    : refuse('NotFound', `There is no queue named "${given}".`);
}

/** The user that is meant; InvalidParameter when it is a queue. */
export function findUser(operations: Operations, parameters: TargetParameters): ConfiguredAgent | Refusal {
  const target = findTarget(operations, parameters);
  if (isRefusal(target)) return target;
  return 'agent' in target ? target.agent : refuse('InvalidParameter', 'The target must be a user.');
}

/** Why the agent cannot be asked into the chat now; null when they can, or are in it already. */
export function unavailable(operations: Operations, agent: ConfiguredAgent, chatId: ChatId): Refusal | null {
  const { agentId, userName, chatCapacity } = agent;
  const chat = operations.chats.head(chatId);
  const there = chat && assignmentOf(chat, agentId);
  if (there?.state === 'Chatting' || there?.state === 'Invited') return null;
  if (readyForChatSince(operations.roster.stateOf(agentId)) === null)
    return refuse('NotAllowedInState', `${userName} is not ready for chats.`);
  if (!operations.presence.isThere(agentId))
    return refuse('NotAllowedInState', `${userName} is not connected.`);
  return operations.chats.loadOf(agentId) >= chatCapacity
    ? refuse('NotAllowedInState', `${userName} has no capacity left.`)
    : null;
}

/**
 * The agent whom the router would choose now for a chat of this queue, leaving out those who are in the chat. A
 * consultation does not wait: ours, for the customer's agent is waiting at the other end.
 */
export function agentOfQueue(operations: Operations, queue: string, chatId: ChatId): AgentId | Refusal {
  const chat = operations.chats.head(chatId);
  const there = new Set(chat?.assignments.map(({ agentId }) => agentId));
  const { nowMs, agents } = routingSnapshot(operations);
  const waiting = {
    chatId,
    ...placementOf(operations, queue),
    waitingSinceMs: nowMs,
    lastAgentId: null,
    exclusions: [],
  };
  const { assignments } = route({
    nowMs,
    waiting: [waiting],
    agents: agents.filter(({ agentId }) => !there.has(agentId)),
  });
  const [first] = assignments;
  return first?.agentId ?? refuse('NotAllowedInState', `Nobody who serves the queue "${queue}" is free.`);
}

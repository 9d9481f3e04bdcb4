import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Chat } from '../domain/chat.ts';
import type { QueuePlacement } from '../domain/chat-event.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import type { Operations } from './operations.ts';
import { offerEndsAtMs } from './queues.ts';

const prefix = 'workbin:';

/**
 * Where a parked chat waits: a queue of the agent's own, which asks for a skill that nobody has, so that the router
 * leaves it alone.
 */
export function workbinPlacement(agentId: AgentId): QueuePlacement {
  const name = `${prefix}${agentId}`;
  return { queue: name, priority: 0, ageingPerMinute: 0, skills: [{ skill: name, level: 10 }] };
}

/** Whose parked chat this is; null for a chat that is not parked. */
export function parkedBy(chat: Chat | null): AgentId | null {
  if (!chat?.waiting || !chat.placement.queue.startsWith(prefix)) return null;
  return chat.placement.queue.slice(prefix.length) as AgentId;
}

/** The chats in the agent's workbin, counting what is decided and not yet on disk; oldest first. */
export function parkedChats({ chats }: Operations, agentId: AgentId): readonly Chat[] {
  return chats.waiting().filter((chat) => parkedBy(chat) === agentId);
}

interface WorkbinRequest {
  readonly agentId: AgentId;
  readonly chatId: ChatId;
  readonly referenceId: number;
}

/** AddChat (gws-agent-api §8.6): the agent leaves the chat, which waits for them alone. The refusals are Transfer's. */
export async function parkChat(operations: Operations, request: WorkbinRequest): Promise<Refusal | null> {
  const { agentId, chatId, referenceId } = request;
  const done = await operations.chats.submit(
    chatId,
    { type: 'Transfer', agentId, to: { placement: workbinPlacement(agentId) } },
    { agentId, referenceId },
  );
  return isRefusal(done) ? done : null;
}

/** TakeChat (ours): offers the parked chat to its agent, who accepts it like any other. NotFound when it is not there. */
export async function takeParkedChat(
  operations: Operations,
  { agentId, chatId, referenceId }: WorkbinRequest,
): Promise<Refusal | null> {
  const chat = parkedChats(operations, agentId).find(({ id }) => id === chatId);
  if (!chat) return refuse('NotFound', 'There is no such chat in the workbin.');
  const reason = {
    rule: 'transfer',
    waitedMs: operations.clock.now() - (chat.waitingSinceMs ?? operations.clock.now()),
    effectivePriority: 0,
    eligibleAgents: 1,
  } as const;
  const expiresAtMs = offerEndsAtMs(operations, chatId);
  const done = await operations.chats.submit(
    chatId,
    { type: 'Offer', agentId, expiresAtMs, reason },
    { agentId, referenceId },
  );
  return isRefusal(done) ? done : null;
}

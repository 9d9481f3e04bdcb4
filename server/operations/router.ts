import { readyForChatSince } from '../domain/agent.ts';
import type { Chat } from '../domain/chat.ts';
import type { ReadyAgent, RoutingAssignment, RoutingSnapshot, WaitingChat } from '../routing/snapshot.ts';
import type { Operations } from './operations.ts';
import { queueOf } from './queues.ts';

function waitingChat(chat: Chat): WaitingChat {
  const { queue, skills, priority, ageingPerMinute } = chat.placement;
  const { id: chatId, waitingSinceMs, lastAgentId, exclusions } = chat;
  return { chatId, queue, skills, priority, ageingPerMinute, waitingSinceMs, lastAgentId, exclusions };
}

/** What the router decides on: the chats that wait and the agents who are ready, with all decided events counted. */
export function routingSnapshot(operations: Operations): RoutingSnapshot {
  const { clock, chats, roster, people } = operations;
  const agents: ReadyAgent[] = [];
  for (const { state, freeSinceMs } of roster.heads()) {
    const readySinceMs = readyForChatSince(state);
    const person = people.get(state.agentId);
    if (readySinceMs === null || !person) continue;
    agents.push({
      agentId: state.agentId,
      skills: person.skills,
      queues: person.queues,
      capacity: person.chatCapacity,
      load: chats.loadOf(state.agentId),
      readySinceMs: Math.max(readySinceMs, freeSinceMs),
    });
  }
  return { nowMs: clock.now(), waiting: chats.waiting().map(waitingChat), agents };
}

/** Offers a chat as the router decided. The router decides on the newest state, so a refusal is a programming error. */
export function applyAssignment(operations: Operations, assignment: RoutingAssignment): void {
  const { chatId, agentId, reason } = assignment;
  const expiresAtMs = operations.clock.now() + queueOf(operations, chatId).offerTimeoutMs;
  operations.roster.restartTurn(agentId);
  void operations.chats.submit(chatId, { type: 'Offer', agentId, expiresAtMs, reason });
}

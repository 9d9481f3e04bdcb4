import type { Refusal } from '@parley/contract/refusals.ts';
import { readyForChatSince } from '../domain/agent.ts';
import type { Chat } from '../domain/chat.ts';
import { requirementAfter } from '../routing/relaxation.ts';
import type { ReadyAgent, RoutingAssignment, RoutingSnapshot, WaitingChat } from '../routing/snapshot.ts';
import type { Commit } from './chat-book.ts';
import type { Operations } from './operations.ts';
import { queueOf } from './queues.ts';

/** The chat with what its queue asks for now, by how long it has waited. */
export function waitingChat({ queues, clock }: Operations, chat: Chat): WaitingChat {
  const { queue, priority, ageingPerMinute } = chat.placement;
  const { id: chatId, waitingSinceMs, lastAgentId, exclusions } = chat;
  const steps = queues.get(queue)?.relaxation;
  const waitedMs = clock.now() - waitingSinceMs;
  const { skills, nextAfterMs } = requirementAfter(waitedMs, chat.placement.skills, steps);
  const relaxes = nextAfterMs === null ? {} : { nextRelaxationAtMs: waitingSinceMs + nextAfterMs };
  const placed = { chatId, queue, skills, priority, ageingPerMinute, waitingSinceMs };
  return { ...placed, lastAgentId, exclusions, ...relaxes };
}

/** Everybody who waits, as the router sees them. */
export function waitingChats(operations: Operations): readonly WaitingChat[] {
  return operations.chats.waiting().map((chat) => waitingChat(operations, chat));
}

/** What the router decides on: the chats that wait and the agents who are ready and there, with all decided events counted. */
export function routingSnapshot(operations: Operations): RoutingSnapshot {
  const { clock, chats, roster, people, presence } = operations;
  const agents: ReadyAgent[] = [];
  for (const { state, freeSinceMs } of roster.heads()) {
    const readySinceMs = readyForChatSince(state);
    const person = people.get(state.agentId);
    if (readySinceMs === null || !person || !presence.isThere(state.agentId)) continue;
    agents.push({
      agentId: state.agentId,
      skills: person.skills,
      queues: person.queues,
      capacity: person.chatCapacity,
      load: chats.loadOf(state.agentId),
      readySinceMs: Math.max(readySinceMs, freeSinceMs),
    });
  }
  return { nowMs: clock.now(), waiting: waitingChats(operations), agents };
}

/**
 * Offers a chat as the router decided. The router decides on the newest state, so a refusal is either the store's
 * (Unavailable) or an error of ours.
 */
export function applyAssignment(
  operations: Operations,
  assignment: RoutingAssignment,
): Promise<Commit | Refusal> {
  const { chats, clock, roster } = operations;
  const { chatId, agentId, reason } = assignment;
  const expiresAtMs = clock.now() + queueOf(operations, chatId).offerTimeoutMs;
  const before = chats.head(chatId);
  const offered = chats.submit(chatId, { type: 'Offer', agentId, expiresAtMs, reason });
  // Decided at once: whoever got nothing keeps their turn.
  if (chats.head(chatId) !== before) roster.restartTurn(agentId);
  return offered;
}

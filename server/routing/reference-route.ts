import { excludedUntilMs, mismatchOf } from './eligibility.ts';
import { compareReady, compareWaiting, effectivePriority, waitedMs } from './order.ts';
import type {
  ReadyAgent,
  RoutingAssignment,
  RoutingDecision,
  RoutingSnapshot,
  WaitingChat,
} from './snapshot.ts';

/**
 * The rules of `route` written down with no thought of speed (chats × agents): what the tests compare the real one
 * with, result for result.
 */
export function referenceRoute({ nowMs, waiting, agents }: RoutingSnapshot): RoutingDecision {
  const given = new Map(agents.map((agent) => [agent, 0]));
  const offersTo = (agent: ReadyAgent): number => given.get(agent) ?? 0;
  const hasRoom = (agent: ReadyAgent): boolean => agent.load + offersTo(agent) < agent.capacity;
  const isExcluded = (agent: ReadyAgent, chat: WaitingChat): boolean =>
    excludedUntilMs(chat, agent.agentId, nowMs) !== null;
  const assignments: RoutingAssignment[] = [];
  const left: WaitingChat[] = [];

  for (const chat of [...waiting].sort((one, other) => compareWaiting(one, other, nowMs))) {
    const eligible = agents
      .filter((agent) => mismatchOf(agent, chat) === null && !isExcluded(agent, chat) && hasRoom(agent))
      .sort((one, other) => offersTo(one) - offersTo(other) || compareReady(one, other));
    const last = eligible.find((agent) => agent.agentId === chat.lastAgentId);
    const chosen = last ?? eligible[0];
    if (!chosen) {
      left.push(chat);
      continue;
    }
    given.set(chosen, offersTo(chosen) + 1);
    const reason = {
      rule: last ? 'last-agent' : 'longest-ready',
      waitedMs: waitedMs(chat, nowMs),
      effectivePriority: effectivePriority(chat, nowMs),
      eligibleAgents: eligible.length,
    } as const;
    assignments.push({ chatId: chat.chatId, agentId: chosen.agentId, reason });
  }

  const ends = left.flatMap((chat) =>
    agents
      .filter((agent) => mismatchOf(agent, chat) === null && hasRoom(agent))
      .map((agent) => excludedUntilMs(chat, agent.agentId, nowMs) ?? Infinity),
  );
  const relaxations = agents.some(hasRoom) ? left.map((chat) => chat.nextRelaxationAtMs ?? Infinity) : [];
  const nextMs = Math.min(Infinity, ...ends, ...relaxations);
  return { assignments, nextChangeAtMs: nextMs === Infinity ? null : nextMs };
}

import type { AgentId, ChatId } from '../domain/ids.ts';
import { excludedUntilMs, mismatchOf, type Mismatch } from './eligibility.ts';
import { compareReady, compareWaiting, effectivePriority, waitedMs } from './order.ts';
import { route } from './route.ts';
import type { ReadyAgent, RoutingAssignment, RoutingSnapshot, WaitingChat } from './snapshot.ts';

/** What the router makes of one agent for one chat: the rule that leaves them out, or their place in the order. */
export type Verdict =
  | Mismatch
  | { readonly rule: 'excluded-until'; readonly untilMs: number }
  | {
      readonly rule: 'at-capacity';
      readonly load: number;
      readonly capacity: number;
      /** How many chats served earlier in the same round took the agent's room. */
      readonly offersAhead: number;
    }
  | { readonly rule: 'would-get'; readonly by: RoutingAssignment['reason']['rule'] }
  /** `place` counts from 2, the first being the agent who would get the chat. */
  | { readonly rule: 'behind-in-order'; readonly place: number };

export interface ConsideredAgent {
  readonly agentId: AgentId;
  readonly verdict: Verdict;
}

/** Why a waiting chat goes to whom it goes, or to nobody. */
export interface RoutingExplanation {
  readonly chatId: ChatId;
  readonly queue: string;
  /** From 1: how many chats of the same queue are served before this one, and one. */
  readonly positionInQueue: number;
  readonly waitedMs: number;
  /** Priority with ageing at the snapshot's time. */
  readonly effectivePriority: number;
  /** What a round would decide now; null when the chat stays in its queue. */
  readonly assignment: RoutingAssignment | null;
  /** Each agent of the snapshot: those who can take the chat first and in order, then the others, longest ready first. */
  readonly agents: readonly ConsideredAgent[];
  /** When the queue asks for other skills; null when it never does. */
  readonly nextRelaxationAtMs: number | null;
  /**
   * When the chat may be offered without a change of the snapshot: the end of an exclusion that keeps an agent with
   * room from it, or its relaxation while anybody has room. Null when there is neither, and when it is offered now.
   */
  readonly nextChangeAtMs: number | null;
}

function countOffers(assignments: readonly RoutingAssignment[]): ReadonlyMap<AgentId, number> {
  const offers = new Map<AgentId, number>();
  for (const { agentId } of assignments) offers.set(agentId, (offers.get(agentId) ?? 0) + 1);
  return offers;
}

/** The verdict on an agent who cannot take the chat at its turn, or null when they can. */
function obstacleOf(
  agent: ReadyAgent,
  chat: WaitingChat,
  at: { nowMs: number; offersAhead: number },
): Verdict | null {
  const mismatch = mismatchOf(agent, chat);
  if (mismatch) return mismatch;
  const untilMs = excludedUntilMs(chat, agent.agentId, at.nowMs);
  if (untilMs !== null) return { rule: 'excluded-until', untilMs };
  const { load, capacity } = agent;
  if (load + at.offersAhead < capacity) return null;
  return { rule: 'at-capacity', load, capacity, offersAhead: at.offersAhead };
}

/** The end of the agent's exclusion, when it is all that keeps them from the chat after the round; otherwise Infinity. */
function exclusionEnd(agent: ReadyAgent, chat: WaitingChat, at: { nowMs: number; offers: number }): number {
  if (mismatchOf(agent, chat) || agent.load + at.offers >= agent.capacity) return Infinity;
  return excludedUntilMs(chat, agent.agentId, at.nowMs) ?? Infinity;
}

/** Everything about the round that one chat's explanation needs. */
interface Standing {
  readonly snapshot: RoutingSnapshot;
  readonly chat: WaitingChat;
  readonly assignment: RoutingAssignment | null;
  /** The chats served before this one. */
  readonly before: ReadonlySet<ChatId>;
  /** How many chats each agent was offered before this chat's turn, and in the whole round. */
  readonly offersAhead: ReadonlyMap<AgentId, number>;
  readonly offers: ReadonlyMap<AgentId, number>;
}

function standingOf(snapshot: RoutingSnapshot, chat: WaitingChat): Standing {
  const { assignments } = route(snapshot);
  const ahead = snapshot.waiting.filter((one) => compareWaiting(one, chat, snapshot.nowMs) < 0);
  const before = new Set(ahead.map((one) => one.chatId));
  return {
    snapshot,
    chat,
    assignment: assignments.find((one) => one.chatId === chat.chatId) ?? null,
    before,
    offersAhead: countOffers(assignments.filter((one) => before.has(one.chatId))),
    offers: countOffers(assignments),
  };
}

function considered({ snapshot, chat, assignment, offersAhead }: Standing): readonly ConsideredAgent[] {
  const aheadFor = (agent: ReadyAgent): number => offersAhead.get(agent.agentId) ?? 0;
  const behind: ReadyAgent[] = [];
  const leftOut: ConsideredAgent[] = [];
  for (const agent of [...snapshot.agents].sort(compareReady)) {
    if (agent.agentId === assignment?.agentId) continue;
    const verdict = obstacleOf(agent, chat, { nowMs: snapshot.nowMs, offersAhead: aheadFor(agent) });
    if (verdict) leftOut.push({ agentId: agent.agentId, verdict });
    else behind.push(agent);
  }
  // The sort is stable: those with as many offers stay longest ready first.
  behind.sort((one, other) => aheadFor(one) - aheadFor(other));
  const chosen: readonly ConsideredAgent[] = assignment
    ? [{ agentId: assignment.agentId, verdict: { rule: 'would-get', by: assignment.reason.rule } }]
    : [];
  const inOrder = behind.map(({ agentId }, at): ConsideredAgent => ({
    agentId,
    verdict: { rule: 'behind-in-order', place: at + 2 },
  }));
  return [...chosen, ...inOrder, ...leftOut];
}

function nextChangeOf({ snapshot, chat, assignment, offers }: Standing): number | null {
  if (assignment) return null;
  const isRoom = snapshot.agents.some(
    ({ agentId, load, capacity }) => load + (offers.get(agentId) ?? 0) < capacity,
  );
  let nextMs = (isRoom ? chat.nextRelaxationAtMs : undefined) ?? Infinity;
  for (const agent of snapshot.agents) {
    const at = { nowMs: snapshot.nowMs, offers: offers.get(agent.agentId) ?? 0 };
    nextMs = Math.min(nextMs, exclusionEnd(agent, chat, at));
  }
  return nextMs === Infinity ? null : nextMs;
}

/**
 * Explains what `route` does with one chat of the snapshot: it runs the whole round, since chats served earlier take
 * agents away. Null when no such chat waits. Only agents of the snapshot are spoken of: whoever is not signed in and
 * Ready is not in it.
 */
export function explain(snapshot: RoutingSnapshot, chatId: ChatId): RoutingExplanation | null {
  const { nowMs, waiting } = snapshot;
  const chat = waiting.find((one) => one.chatId === chatId);
  if (!chat) return null;
  const standing = standingOf(snapshot, chat);
  const sameQueueBefore = waiting.filter(
    (one) => one.queue === chat.queue && standing.before.has(one.chatId),
  );
  return {
    chatId,
    queue: chat.queue,
    positionInQueue: 1 + sameQueueBefore.length,
    waitedMs: waitedMs(chat, nowMs),
    effectivePriority: effectivePriority(chat, nowMs),
    assignment: standing.assignment,
    agents: considered(standing),
    nextRelaxationAtMs: chat.nextRelaxationAtMs ?? null,
    nextChangeAtMs: nextChangeOf(standing),
  };
}

import { heapify, popFirst, siftDown, type Before } from './binary-heap.ts';
import { excludedUntilMs } from './eligibility.ts';
import { countWithRoom, excludedRanks, lanesOf, nextReady, type Lane } from './lanes.ts';
import { effectivePriority, placesInOrder, waitedMs } from './order.ts';
import { hasRank } from './rank-set.ts';
import { countOffer, rankAgents, type RankedAgents } from './ranked-agents.ts';
import type { RoutingAssignment, RoutingDecision, RoutingSnapshot, WaitingChat } from './snapshot.ts';

/** One round under way: what was given and what is left. */
interface Round {
  readonly snapshot: RoutingSnapshot;
  readonly ranked: RankedAgents;
  readonly lanes: readonly Lane[];
  /** By place in the snapshot's list: 1 when the chat has been offered in this round. */
  readonly offered: Uint8Array;
}

const nothingToDo: RoutingDecision = { assignments: [], nextChangeAtMs: null };

/** The contact's last agent, when they are eligible for the chat; otherwise null. */
function lastAgentRank(chat: WaitingChat, lane: Lane, ranked: RankedAgents): number | null {
  const rank = chat.lastAgentId === null ? undefined : ranked.rankOf.get(chat.lastAgentId);
  if (rank === undefined || !hasRank(lane.members, rank)) return null;
  return (ranked.room[rank] ?? 0) > 0 ? rank : null;
}

/** Offers the chat to somebody, or returns null when each agent who could take it is excluded. */
function assign(round: Round, lane: Lane, place: number): RoutingAssignment | null {
  const { snapshot, ranked } = round;
  const chat = snapshot.waiting[place];
  if (!chat) throw new Error(`no chat waits at place ${place}`);
  const excluded = excludedRanks(chat, lane, { ranked, nowMs: snapshot.nowMs });
  const eligibleAgents = countWithRoom(lane, ranked) - excluded.length;
  if (eligibleAgents === 0) return null;

  const last = lastAgentRank(chat, lane, ranked);
  const lastFirst = last !== null && !excluded.includes(last);
  const rank = lastFirst ? last : nextReady(lane, ranked, excluded);
  const agent = ranked.agents[rank];
  if (!agent) throw new Error(`no agent has rank ${rank}`);
  countOffer(ranked, rank);
  round.offered[place] = 1;
  const reason = {
    rule: lastFirst ? 'last-agent' : 'longest-ready',
    waitedMs: waitedMs(chat, snapshot.nowMs),
    effectivePriority: effectivePriority(chat, snapshot.nowMs),
    eligibleAgents,
  } as const;
  return { chatId: chat.chatId, agentId: agent.agentId, reason };
}

/** The chats of each lane and the lanes among themselves, each a heap by the order of serving. */
function serveInOrder(round: Round): RoutingAssignment[] {
  const { snapshot, ranked, lanes } = round;
  const chatBefore = placesInOrder(snapshot.waiting, snapshot.nowMs);
  const headOf = (lane: number): number => lanes[lane]?.chats[0] ?? -1;
  const laneBefore: Before = (left, right) => chatBefore(headOf(left), headOf(right));

  for (const lane of lanes) heapify(lane.chats, chatBefore);
  const order = lanes.map((_, place) => place);
  heapify(order, laneBefore);

  const assignments: RoutingAssignment[] = [];
  for (let first = order[0]; first !== undefined; first = order[0]) {
    const lane = lanes[first] as Lane;
    const place = countWithRoom(lane, ranked) > 0 ? lane.chats[0] : undefined;
    // Nobody is left for the lane, or nobody waits in it: the rest of it costs nothing.
    if (place === undefined) {
      popFirst(order, laneBefore);
      continue;
    }
    const assignment = assign(round, lane, place);
    if (assignment) assignments.push(assignment);
    popFirst(lane.chats, chatBefore);
    if (lane.chats.length === 0) popFirst(order, laneBefore);
    else siftDown(order, 0, laneBefore);
  }
  return assignments;
}

/** The earliest relaxation of a chat that stays. While nobody has room it changes nothing: room is a change of its own. */
function nextRelaxation({ snapshot, ranked }: Round, offered: Uint8Array): number {
  let nextMs = Infinity;
  if (ranked.filled.length === ranked.agents.length) return nextMs;
  const { waiting } = snapshot;
  for (let place = 0; place < waiting.length; place++) {
    const atMs = waiting[place]?.nextRelaxationAtMs;
    if (atMs !== undefined && atMs < nextMs && offered[place] === 0) nextMs = atMs;
  }
  return nextMs;
}

/**
 * The earliest end of an exclusion that keeps a chat from an agent who still has room. The end of any other exclusion
 * changes nothing: its chat has been offered, or its agent needs room first, which is a change of its own. Or the
 * earliest relaxation, when that comes first.
 */
function nextChange(round: Round): number | null {
  const { snapshot, ranked, lanes, offered } = round;
  let nextMs = nextRelaxation(round, offered);
  for (const lane of lanes) {
    for (const place of lane.withExclusions) {
      if (offered[place] === 1) continue;
      const chat = snapshot.waiting[place];
      if (!chat) continue;
      for (const rank of excludedRanks(chat, lane, { ranked, nowMs: snapshot.nowMs })) {
        const agent = ranked.agents[rank];
        const untilMs = agent && excludedUntilMs(chat, agent.agentId, snapshot.nowMs);
        nextMs = Math.min(nextMs, untilMs ?? Infinity);
      }
    }
  }
  return nextMs === Infinity ? null : nextMs;
}

/**
 * One round of routing: which waiting chat is offered to which agent now. Pure: the same snapshot, its lists in any
 * order, gives the same decision.
 *
 * Chats are served in the order of `compareWaiting`. An agent can take a chat when they serve its queue, have each
 * skill at its level, are not excluded (an exclusion ends at its `untilMs`) and have fewer chats than their capacity,
 * the offers made earlier in the round included. The contact's last agent comes first; then whoever has had the
 * fewest offers in this round, then the longest ready, then the smaller id. A chat that nobody can take holds up
 * nobody behind it.
 *
 * Cost: linear in chats and agents, with a logarithm for each offer made. Chats that nobody with room can take are
 * looked at once; when nobody has room, or nobody waits, there is nothing more to look at.
 */
export function route(snapshot: RoutingSnapshot): RoutingDecision {
  if (snapshot.waiting.length === 0) return nothingToDo;
  const ranked = rankAgents(snapshot.agents);
  if (ranked.agents.length === 0) return nothingToDo;
  const lanes = lanesOf(snapshot, ranked);
  const round = { snapshot, ranked, lanes, offered: new Uint8Array(snapshot.waiting.length) };
  const assignments = serveInOrder(round);
  return { assignments, nextChangeAtMs: nextChange(round) };
}

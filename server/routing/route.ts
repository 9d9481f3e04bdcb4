import { heapify, popFirst, pushItem, siftDown, type Before } from './binary-heap.ts';
import { excludedUntilMs } from './eligibility.ts';
import { excludedRanks, lanesOf, type Lane } from './lanes.ts';
import { effectivePriority, placesInOrder, waitedMs } from './order.ts';
import { hasRank, listRanks } from './rank-set.ts';
import { rankAgents, type RankedAgents } from './ranked-agents.ts';
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

const smaller: Before = (left, right) => left < right;

/**
 * The member of the lane to whom the chat goes: fewest offers of this round, then longest ready. The heap's keys are
 * given × agents + rank. An offer made in another lane leaves a key too small behind; it is put right when it comes
 * to the top, so that an offer costs nothing in the lanes it does not concern. The caller has made sure that a member
 * with room is not excluded.
 */
function nextReady(lane: Lane, ranked: RankedAgents, excluded: readonly number[]): number {
  const count = ranked.agents.length;
  const heap = (lane.agentHeap ??= listRanks(lane.members));
  const aside: number[] = [];
  for (;;) {
    const key = heap[0];
    if (key === undefined) throw new Error('a lane with an eligible agent has none in its heap');
    const rank = key % count;
    const trueKey = (ranked.given[rank] ?? 0) * count + rank;
    if ((ranked.room[rank] ?? 0) <= 0) {
      popFirst(heap, smaller);
    } else if (trueKey !== key) {
      heap[0] = trueKey;
      siftDown(heap, 0, smaller);
    } else if (excluded.includes(rank)) {
      aside.push(key);
      popFirst(heap, smaller);
    } else {
      for (const one of aside) pushItem(heap, one, smaller);
      return rank;
    }
  }
}

/** The contact's last agent, when they are eligible for the chat; otherwise null. */
function lastAgentRank(chat: WaitingChat, lane: Lane, ranked: RankedAgents): number | null {
  const rank = chat.lastAgentId === null ? undefined : ranked.rankOf.get(chat.lastAgentId);
  if (rank === undefined || !hasRank(lane.members, rank)) return null;
  return (ranked.room[rank] ?? 0) > 0 ? rank : null;
}

function give(round: Round, rank: number): void {
  const { room, given } = round.ranked;
  given[rank] = (given[rank] ?? 0) + 1;
  const left = (room[rank] ?? 0) - 1;
  room[rank] = left;
  if (left > 0) return;
  for (const lane of round.lanes) if (hasRank(lane.members, rank)) lane.membersWithRoom -= 1;
}

/** Offers the chat to somebody, or returns null when each agent who could take it is excluded. */
function assign(round: Round, lane: Lane, place: number): RoutingAssignment | null {
  const { snapshot, ranked } = round;
  const chat = snapshot.waiting[place];
  if (!chat) throw new Error(`no chat waits at place ${place}`);
  const excluded = excludedRanks(chat, lane, { ranked, nowMs: snapshot.nowMs });
  const eligibleAgents = lane.membersWithRoom - excluded.length;
  if (eligibleAgents === 0) return null;

  const last = lastAgentRank(chat, lane, ranked);
  const lastFirst = last !== null && !excluded.includes(last);
  const rank = lastFirst ? last : nextReady(lane, ranked, excluded);
  const agent = ranked.agents[rank];
  if (!agent) throw new Error(`no agent has rank ${rank}`);
  give(round, rank);
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
  const { snapshot, lanes } = round;
  const chatBefore = placesInOrder(snapshot.waiting, snapshot.nowMs);
  const headOf = (lane: number): number => lanes[lane]?.chats[0] ?? -1;
  const laneBefore: Before = (left, right) => chatBefore(headOf(left), headOf(right));

  for (const lane of lanes) heapify(lane.chats, chatBefore);
  const order = lanes.map((_, place) => place);
  heapify(order, laneBefore);

  const assignments: RoutingAssignment[] = [];
  for (let first = order[0]; first !== undefined; first = order[0]) {
    const lane = lanes[first] as Lane;
    const place = lane.membersWithRoom > 0 ? lane.chats[0] : undefined;
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

/**
 * The earliest end of an exclusion that keeps a chat from an agent who still has room. The end of any other exclusion
 * changes nothing: its chat has been offered, or its agent needs room first, which is a change of its own.
 */
function nextChange(round: Round): number | null {
  const { snapshot, ranked, lanes, offered } = round;
  let nextMs = Infinity;
  for (const lane of lanes) {
    if (lane.membersWithRoom === 0) continue;
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
  if (lanes.length === 0) return nothingToDo;
  const round = { snapshot, ranked, lanes, offered: new Uint8Array(snapshot.waiting.length) };
  const assignments = serveInOrder(round);
  return { assignments, nextChangeAtMs: nextChange(round) };
}

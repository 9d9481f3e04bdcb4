import { countCommon, hasRank, intersect, lowestRank, type RankSet } from './rank-set.ts';
import type { RankedAgents } from './ranked-agents.ts';
import type { RoutingSnapshot, WaitingChat } from './snapshot.ts';

/** Waiting chats that ask for the same queue and skills, and so can be taken by the same agents. */
export interface Lane {
  /** The agents with room at the start of the round who serve the queue and have the skills. */
  readonly members: RankSet;
  /** How many of them have room, as far as `filledSeen` of those filled are counted. */
  membersWithRoom: number;
  filledSeen: number;
  /** The chats, as places in the snapshot's list. */
  readonly chats: number[];
  /** Those of the chats that somebody is, or was, excluded from. */
  readonly withExclusions: number[];
  /** Where to look for the next agent: no member with fewer offers, or of an earlier word, has room. */
  offers: number;
  word: number;
}

/** A step on the way from a queue, skill by skill, to the lane. */
interface Step {
  lane: Lane | null;
  readonly next: Map<string, Map<number, Step>>;
}

const newStep = (): Step => ({ lane: null, next: new Map() });

function follow(from: Step, skill: string, level: number): Step {
  let byLevel = from.next.get(skill);
  if (!byLevel) from.next.set(skill, (byLevel = new Map()));
  let step = byLevel.get(level);
  if (!step) byLevel.set(level, (step = newStep()));
  return step;
}

function openLane(chat: WaitingChat, ranked: RankedAgents): Lane {
  let members = ranked.serving(chat.queue);
  for (const { skill, level } of chat.skills) members = intersect(members, ranked.skilled(skill, level));
  const membersWithRoom = countCommon(members, ranked.withRoom);
  return { members, membersWithRoom, filledSeen: 0, chats: [], withExclusions: [], offers: 0, word: 0 };
}

/**
 * Puts the waiting chats into lanes and returns the lanes that somebody can serve. Two chats that name the same skills
 * in another order stand in two lanes with the same members, which changes the cost and not the result.
 */
export function lanesOf(snapshot: RoutingSnapshot, ranked: RankedAgents): readonly Lane[] {
  const lanes: Lane[] = [];
  const queues = new Map<string, Step>();
  snapshot.waiting.forEach((chat, place) => {
    let step = queues.get(chat.queue);
    if (!step) queues.set(chat.queue, (step = newStep()));
    for (const { skill, level } of chat.skills) step = follow(step, skill, level);
    if (!step.lane) {
      step.lane = openLane(chat, ranked);
      if (step.lane.membersWithRoom > 0) lanes.push(step.lane);
    }
    if (step.lane.membersWithRoom === 0) return;
    step.lane.chats.push(place);
    if (chat.exclusions.length > 0) step.lane.withExclusions.push(place);
  });
  return lanes;
}

const nobody: readonly number[] = [];

/** The members with room to whom the chat may not be offered yet. */
export function excludedRanks(
  chat: WaitingChat,
  lane: Lane,
  { ranked, nowMs }: { readonly ranked: RankedAgents; readonly nowMs: number },
): readonly number[] {
  if (chat.exclusions.length === 0) return nobody;
  const ranks = new Set<number>();
  for (const { agentId, untilMs } of chat.exclusions) {
    const rank = untilMs > nowMs ? ranked.rankOf.get(agentId) : undefined;
    if (rank !== undefined && hasRank(lane.members, rank) && (ranked.room[rank] ?? 0) > 0) ranks.add(rank);
  }
  return [...ranks];
}

/** How many members have room now. Counts those filled since it was last asked, or everybody when that is less. */
export function countWithRoom(lane: Lane, ranked: RankedAgents): number {
  const { filled, withRoom } = ranked;
  if (filled.length - lane.filledSeen > withRoom.length) {
    lane.membersWithRoom = countCommon(lane.members, withRoom);
  } else {
    for (let at = lane.filledSeen; at < filled.length; at++)
      if (hasRank(lane.members, filled[at] ?? 0)) lane.membersWithRoom -= 1;
  }
  lane.filledSeen = filled.length;
  return lane.membersWithRoom;
}

/**
 * The member of the lane to whom a chat goes: fewest offers of this round, then longest ready. Agents never get fewer
 * offers and members never come back, so that what was found empty once is not looked at again: over the whole round
 * this costs a lane one pass over its members for each number of offers. The caller has made sure that a member with
 * room is not excluded.
 */
export function nextReady(lane: Lane, ranked: RankedAgents, excluded: readonly number[]): number {
  let passedOver = false;
  for (let offers = lane.offers; offers < ranked.byGiven.length; offers++) {
    const peers = ranked.byGiven[offers] ?? lane.members;
    for (let at = offers === lane.offers ? lane.word : 0; at < peers.length; at++) {
      let candidates = (peers[at] ?? 0) & (lane.members[at] ?? 0);
      if (!passedOver) {
        lane.offers = offers;
        lane.word = at;
      }
      for (; candidates !== 0; candidates &= candidates - 1) {
        const rank = lowestRank(candidates, at);
        if (!excluded.includes(rank)) return rank;
        passedOver = true;
      }
    }
  }
  throw new Error('a lane with an eligible agent has none in its order');
}

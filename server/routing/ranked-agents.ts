import type { AgentId } from '../domain/ids.ts';
import { compareReady } from './order.ts';
import { addRank, emptyRankSet, removeRank, type RankSet } from './rank-set.ts';
import type { ReadyAgent } from './snapshot.ts';

/**
 * The agents with room for another chat, longest ready first: an agent's rank is their place here. What is said of
 * offers and room changes as the round goes on (`countOffer`); everything else stays.
 */
export interface RankedAgents {
  readonly agents: readonly ReadyAgent[];
  readonly rankOf: ReadonlyMap<AgentId, number>;
  /** By rank: how many more chats the agent may have. Above 0 means that they can take one. */
  readonly room: Float64Array;
  /** By rank: how many chats this round has offered to the agent. */
  readonly given: Uint32Array;
  readonly withRoom: RankSet;
  /** By number of offers: the agents with room who have had as many in this round. */
  readonly byGiven: RankSet[];
  /** Those whom the round has left without room, in order. */
  readonly filled: number[];
  /** The agents who serve the queue. */
  readonly serving: (queue: string) => RankSet;
  /** The agents who have the skill at the level or above. */
  readonly skilled: (skill: string, level: number) => RankSet;
}

/** The agents who have a skill, by rank, and their levels in the same order. */
interface SkillHolders {
  readonly ranks: number[];
  readonly levels: number[];
  /** What was asked for once is kept for the round. */
  readonly atLevel: Map<number, RankSet>;
}

function skillIndex(agents: readonly ReadyAgent[]): ReadonlyMap<string, SkillHolders> {
  const index = new Map<string, SkillHolders>();
  agents.forEach((agent, rank) => {
    for (const [skill, level] of agent.skills) {
      let holders = index.get(skill);
      if (!holders) index.set(skill, (holders = { ranks: [], levels: [], atLevel: new Map() }));
      holders.ranks.push(rank);
      holders.levels.push(level);
    }
  });
  return index;
}

function holdersFrom(holders: SkillHolders, level: number, count: number): RankSet {
  const known = holders.atLevel.get(level);
  if (known) return known;
  const set = emptyRankSet(count);
  holders.ranks.forEach((rank, at) => {
    if ((holders.levels[at] ?? NaN) >= level) addRank(set, rank);
  });
  holders.atLevel.set(level, set);
  return set;
}

/** Who serves which queue: those who serve all are in the set of each queue that somebody names, and in `everywhere`. */
function queueIndex(agents: readonly ReadyAgent[]): {
  readonly byQueue: ReadonlyMap<string, RankSet>;
  readonly everywhere: RankSet;
} {
  const everywhere = emptyRankSet(agents.length);
  agents.forEach((agent, rank) => {
    if (agent.queues === null) addRank(everywhere, rank);
  });
  const byQueue = new Map<string, RankSet>();
  agents.forEach((agent, rank) => {
    for (const queue of agent.queues ?? []) {
      let set = byQueue.get(queue);
      if (!set) byQueue.set(queue, (set = everywhere.slice()));
      addRank(set, rank);
    }
  });
  return { byQueue, everywhere };
}

/** Ranks the agents who have room. */
export function rankAgents(all: readonly ReadyAgent[]): RankedAgents {
  const agents = all.filter((agent) => agent.load < agent.capacity).sort(compareReady);
  const count = agents.length;
  const { byQueue, everywhere } = queueIndex(agents);
  let skills: ReadonlyMap<string, SkillHolders> | null = null;
  const nobody = emptyRankSet(count);
  const room = new Float64Array(count);
  const withRoom = emptyRankSet(count);
  agents.forEach((agent, rank) => {
    room[rank] = agent.capacity - agent.load;
    addRank(withRoom, rank);
  });

  return {
    agents,
    rankOf: new Map(agents.map((agent, rank) => [agent.agentId, rank])),
    room,
    given: new Uint32Array(count),
    withRoom,
    byGiven: [withRoom.slice()],
    filled: [],
    serving: (queue) => byQueue.get(queue) ?? everywhere,
    skilled: (skill, level) => {
      // Made when the first waiting chat asks for a skill.
      const holders = (skills ??= skillIndex(agents)).get(skill);
      return holders ? holdersFrom(holders, level, count) : nobody;
    },
  };
}

/** Notes that the round has offered one more chat to the agent. */
export function countOffer(ranked: RankedAgents, rank: number): void {
  const { room, given, withRoom, byGiven, filled } = ranked;
  const before = given[rank] ?? 0;
  given[rank] = before + 1;
  const left = (room[rank] ?? 0) - 1;
  room[rank] = left;
  const peers = byGiven[before];
  if (peers) removeRank(peers, rank);
  if (left > 0) {
    addRank((byGiven[before + 1] ??= emptyRankSet(ranked.agents.length)), rank);
  } else {
    removeRank(withRoom, rank);
    filled.push(rank);
  }
}

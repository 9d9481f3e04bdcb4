import type { AgentId } from '../domain/ids.ts';
import { compareReady } from './order.ts';
import { addRank, emptyRankSet, type RankSet } from './rank-set.ts';
import type { ReadyAgent } from './snapshot.ts';

/**
 * The agents with room for another chat, longest ready first: an agent's rank is their place here. `room` and `given`
 * change as the round offers chats; everything else stays.
 */
export interface Roster {
  readonly agents: readonly ReadyAgent[];
  readonly rankOf: ReadonlyMap<AgentId, number>;
  /** By rank: how many more chats the agent may have. Above 0 means that they can take one. */
  readonly room: Float64Array;
  /** By rank: how many chats this round has offered to the agent. */
  readonly given: Uint32Array;
  /** The agents who serve the queue. */
  readonly serving: (queue: string) => RankSet;
  /** The agents who have the skill at the level or above. */
  readonly skilled: (skill: string, level: number) => RankSet;
}

/** What is asked for once is kept for the round. */
function remember<Key, Value>(kept: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  kept.set(key, made);
  return made;
}

function ranksWhere(count: number, holds: (rank: number) => boolean): RankSet {
  const set = emptyRankSet(count);
  for (let rank = 0; rank < count; rank++) if (holds(rank)) addRank(set, rank);
  return set;
}

/** Ranks the agents who have room. The index of a queue or skill is made when a waiting chat first asks for it. */
export function rosterOf(all: readonly ReadyAgent[]): Roster {
  const agents = all.filter((agent) => agent.load < agent.capacity).sort(compareReady);
  const count = agents.length;
  const queues = new Map<string, RankSet>();
  const levels = new Map<string, Float64Array>();
  const skills = new Map<string, Map<number, RankSet>>();

  /** An agent without the skill has no level (NaN), which is below every level. */
  const levelsOf = (skill: string): Float64Array =>
    remember(levels, skill, () => Float64Array.from(agents, (agent) => agent.skills.get(skill) ?? NaN));

  return {
    agents,
    rankOf: new Map(agents.map((agent, rank) => [agent.agentId, rank])),
    room: Float64Array.from(agents, (agent) => agent.capacity - agent.load),
    given: new Uint32Array(count),
    serving: (queue) =>
      remember(queues, queue, () =>
        ranksWhere(count, (rank) => {
          const served = agents[rank]?.queues;
          return served === null || served?.has(queue) === true;
        }),
      ),
    skilled: (skill, level) => {
      const byLevel = remember(skills, skill, () => new Map<number, RankSet>());
      return remember(byLevel, level, () => {
        const column = levelsOf(skill);
        return ranksWhere(count, (rank) => (column[rank] ?? NaN) >= level);
      });
    },
  };
}

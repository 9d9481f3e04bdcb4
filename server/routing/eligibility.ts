import type { AgentId } from '../domain/ids.ts';
import type { ReadyAgent, WaitingChat } from './snapshot.ts';

/** Why an agent is never offered a chat, however much room they have. */
export type Mismatch =
  | { readonly rule: 'not-serving-queue'; readonly queue: string }
  | { readonly rule: 'missing-skill'; readonly skill: string; readonly neededLevel: number }
  | {
      readonly rule: 'level-too-low';
      readonly skill: string;
      readonly neededLevel: number;
      readonly level: number;
    };

/** The first requirement of the chat that the agent does not meet, in the order queue, then skills; null when all are. */
export function mismatchOf(
  agent: Pick<ReadyAgent, 'queues' | 'skills'>,
  chat: Pick<WaitingChat, 'queue' | 'skills'>,
): Mismatch | null {
  if (agent.queues !== null && !agent.queues.has(chat.queue))
    return { rule: 'not-serving-queue', queue: chat.queue };
  for (const { skill, level: neededLevel } of chat.skills) {
    const level = agent.skills.get(skill);
    if (level === undefined) return { rule: 'missing-skill', skill, neededLevel };
    if (level < neededLevel) return { rule: 'level-too-low', skill, neededLevel, level };
  }
  return null;
}

/**
 * Until when the chat is not offered to the agent, or null when nothing keeps them apart at `nowMs`. An exclusion ends
 * at its `untilMs`; of several for one agent the last to end counts.
 */
export function excludedUntilMs(chat: WaitingChat, agentId: AgentId, nowMs: number): number | null {
  let lastMs = nowMs;
  for (const one of chat.exclusions) if (one.agentId === agentId) lastMs = Math.max(lastMs, one.untilMs);
  return lastMs > nowMs ? lastMs : null;
}

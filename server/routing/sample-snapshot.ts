import type { AgentId, ChatId } from '../domain/ids.ts';
import type { ReadyAgent, RoutingSnapshot, WaitingChat } from './snapshot.ts';

/** The time of the sample snapshots. */
export const sampleNowMs = 10_000_000;

export const agentId = (name: string): AgentId => name as AgentId;
export const chatId = (name: string): ChatId => name as ChatId;

/** An agent with room for one chat, who serves every queue, without skills; `changes` says what is different. */
export function sampleAgent(name: string, changes: Partial<ReadyAgent> = {}): ReadyAgent {
  return {
    agentId: agentId(name),
    skills: new Map(),
    queues: null,
    capacity: 1,
    load: 0,
    readySinceMs: sampleNowMs - 60_000,
    ...changes,
  };
}

/** A chat that has waited for a minute in `support` and asks for no skill; `changes` says what is different. */
export function sampleChat(name: string, changes: Partial<WaitingChat> = {}): WaitingChat {
  return {
    chatId: chatId(name),
    queue: 'support',
    skills: [],
    priority: 0,
    ageingPerMinute: 0,
    waitingSinceMs: sampleNowMs - 60_000,
    lastAgentId: null,
    exclusions: [],
    ...changes,
  };
}

export function sampleSnapshot(
  waiting: readonly WaitingChat[],
  agents: readonly ReadyAgent[],
): RoutingSnapshot {
  return { nowMs: sampleNowMs, waiting, agents };
}

import { readyForChatSince, type AgentState } from '@parley/server/domain/agent.ts';
import { assignmentOf, evolve, isLive, seated, type Chat } from '@parley/server/domain/chat.ts';
import type { AgentId } from '@parley/server/domain/ids.ts';
import { liveChats } from '@parley/server/journal/sqlite/open.ts';
import type { RecoveredText } from '@parley/server/journal/sqlite/messages.ts';

/** How long a chat may wait beside somebody who could take it: the router needs no time, the disk some. */
const settledAfterMs = 2_000;

export interface WhoIsThere {
  readonly nowMs: number;
  readonly chatCapacity: number;
  /** Agents of whom nothing was heard for longer than the grace time. */
  readonly gone: ReadonlySet<AgentId>;
}

/** A chat that is not closed, as the store has it. */
interface LiveChat {
  readonly chat: Chat;
  readonly changedAtMs: number;
}

interface Scene {
  readonly live: readonly LiveChat[];
  readonly agents: readonly AgentState[];
  readonly who: WhoIsThere;
}

/**
 * What is wrong with the chats that go on: one must be with an agent who is there, or be offered to one, or wait in its
 * queue; and it must not wait while somebody who is ready has room for it. Read from the store, for all that was decided
 * is there.
 */
export function unservedChats(contents: RecoveredText, who: WhoIsThere): readonly string[] {
  const live = liveIn(contents);
  const agents = contents.agents.map(({ state }) => state as AgentState);
  return live
    .filter(({ chat }) => chat.session === 'Open')
    .flatMap((one) => problemsOf(one, { live, agents, who }));
}

/** How many of the chats that go on these agents are in. */
export function chatsWith(contents: RecoveredText, agentIds: ReadonlySet<AgentId>): number {
  return liveIn(contents).filter(
    ({ chat }) => chat.session === 'Open' && seated(chat).some(({ agentId }) => agentIds.has(agentId)),
  ).length;
}

function liveIn(contents: RecoveredText): readonly LiveChat[] {
  return [...liveChats(contents).values()].flatMap((events) => {
    const chat = events.reduce<Chat | null>(evolve, null);
    return chat ? [{ chat, changedAtMs: events.at(-1)?.atMs ?? 0 }] : [];
  });
}

function problemsOf({ chat, changedAtMs }: LiveChat, scene: Scene): readonly string[] {
  const { who, agents } = scene;
  const taken = chat.assignments.filter(isLive);
  const left = taken.filter(({ agentId }) => who.gone.has(agentId));
  if (left.length > 0)
    return left.map(({ agentId, state }) => `${chat.id} is ${state} with ${agentId}, who has gone`);
  if (!chat.waiting) return taken.length > 0 ? [] : [`${chat.id} goes on with nobody and does not wait`];
  if (changedAtMs > settledBy(who)) return [];
  return agents
    .filter((agent) => couldTake(agent, chat, scene))
    .map(({ agentId }) => `${chat.id} waits, and ${agentId} is ready and has room`);
}

function settledBy({ nowMs }: WhoIsThere): number {
  return nowMs - settledAfterMs;
}

/** Whether the chat could have been offered to the agent for so long that it should have been. */
function couldTake(agent: AgentState, { exclusions }: Chat, { live, who }: Scene): boolean {
  const { agentId } = agent;
  const readySinceMs = readyForChatSince(agent);
  if (who.gone.has(agentId) || readySinceMs === null || readySinceMs > settledBy(who)) return false;
  if (exclusions.some((one) => one.agentId === agentId && one.untilMs > settledBy(who))) return false;
  const load = live.filter(({ chat }) => {
    const own = assignmentOf(chat, agentId);
    return own !== undefined && isLive(own);
  }).length;
  return load < who.chatCapacity;
}

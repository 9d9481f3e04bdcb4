import { assignmentOf, isSupervisor, type Chat } from './chat.ts';
import type { ChatRole, Visibility } from './chat-event.ts';
import type { AgentId } from './ids.ts';

/** Which visibilities a viewer is shown: the one place where that is decided (gws-agent-api §5.5). */
export type Sight = 'customer' | 'agent' | 'supervisor';

const seen: Record<Sight, readonly Visibility[]> = {
  customer: ['All'],
  agent: ['All', 'Agents'],
  supervisor: ['All', 'Agents', 'Supervisors'],
};

export function maySee(sight: Sight, visibility: Visibility): boolean {
  return seen[sight].includes(visibility);
}

/** By whom somebody in this role is seen and heard (gws-agent-api §4.10, §9). */
export const visibilityOf: Record<ChatRole, Visibility> = {
  Handler: 'All',
  Member: 'All',
  BargeIn: 'All',
  Consultant: 'Agents',
  Coach: 'Agents',
  Monitor: 'Supervisors',
};

const narrow: readonly Visibility[] = ['All', 'Agents', 'Supervisors'];

/** The narrower of the two: nobody is heard by those who do not see them. */
export function narrower(one: Visibility, other: Visibility): Visibility {
  return narrow.indexOf(one) > narrow.indexOf(other) ? one : other;
}

/**
 * What the agent is shown of the chat: by what they are in it, not by what they are elsewhere, for a supervisor can
 * handle a chat that another supervisor monitors.
 */
export function sightOf(chat: Chat, agentId: AgentId): Sight {
  const assignment = assignmentOf(chat, agentId);
  return assignment && isSupervisor(assignment.role) ? 'supervisor' : 'agent';
}

import type { OfferReason, SkillRequirement } from '../domain/chat-event.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';

/** A chat in its queue, as the router sees it. */
export interface WaitingChat {
  readonly chatId: ChatId;
  readonly queue: string;
  readonly skills: readonly SkillRequirement[];
  readonly priority: number;
  readonly ageingPerMinute: number;
  readonly waitingSinceMs: number;
  /** The agent the contact's profile remembers; offered first while ready. */
  readonly lastAgentId: AgentId | null;
  /** Agents who rejected the chat or did not answer, and until when they are left out. */
  readonly exclusions: readonly { readonly agentId: AgentId; readonly untilMs: number }[];
}

/** An agent as the router sees them. Only those signed in and Ready for chat belong in a snapshot. */
export interface ReadyAgent {
  readonly agentId: AgentId;
  /** Skill → level, 0 to 10. */
  readonly skills: ReadonlyMap<string, number>;
  /** Queues the agent serves; null means all. */
  readonly queues: ReadonlySet<string> | null;
  /** Chats the agent may have at once, and has now (invitations and after-chat work count). */
  readonly capacity: number;
  readonly load: number;
  /** Since when the agent has been free for another chat: longest first. */
  readonly readySinceMs: number;
}

export interface RoutingSnapshot {
  readonly nowMs: number;
  readonly waiting: readonly WaitingChat[];
  readonly agents: readonly ReadyAgent[];
}

/** One chat to offer to one agent, and why. */
export interface RoutingAssignment {
  readonly chatId: ChatId;
  readonly agentId: AgentId;
  readonly reason: OfferReason;
}

/** What one round decides. `nextChangeAtMs`: when an exclusion ends and could make another offer possible. */
export interface RoutingDecision {
  readonly assignments: readonly RoutingAssignment[];
  readonly nextChangeAtMs: number | null;
}

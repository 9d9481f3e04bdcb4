import type { OfferReason, SkillRequirement } from '../domain/chat-event.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';

/** A chat in its queue, as the router sees it. */
export interface WaitingChat {
  readonly chatId: ChatId;
  readonly queue: string;
  /** What is asked for now; a relaxation changes it in a later snapshot. */
  readonly skills: readonly SkillRequirement[];
  readonly priority: number;
  readonly ageingPerMinute: number;
  readonly waitingSinceMs: number;
  /** The agent the contact's profile remembers; offered first while ready. */
  readonly lastAgentId: AgentId | null;
  /** Agents who rejected the chat or did not answer, and until when they are left out. */
  readonly exclusions: readonly { readonly agentId: AgentId; readonly untilMs: number }[];
  /** When the queue asks for other skills; absent when it never does. Always later than the snapshot. */
  readonly nextRelaxationAtMs?: number;
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
  /**
   * Since when the agent has been free for another chat: longest first. Each offer, and each chat that ends, starts it
   * anew; otherwise an agent with room for three chats gets three before the next agent gets one.
   */
  readonly readySinceMs: number;
}

/** Everything a round decides from. Chat ids and agent ids are each unique; the order of the lists means nothing. */
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

/**
 * What one round decides: the assignments in the order in which the chats were served, and when another offer could
 * become possible by itself (null: only a change of the snapshot can): the earliest end of an exclusion that keeps a
 * chat from an agent with room, or the earliest relaxation of a chat that waits while anybody has room.
 */
export interface RoutingDecision {
  readonly assignments: readonly RoutingAssignment[];
  readonly nextChangeAtMs: number | null;
}

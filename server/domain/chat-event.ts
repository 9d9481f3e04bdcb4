import type { AgentId, ChatId, ContactId, ParticipantId } from './ids.ts';

/** Who may see a participant or a message (gws-agent-api §5.5): everybody, agents and supervisors, supervisors. */
export type Visibility = 'All' | 'Agents' | 'Supervisors';

/** A party of the conversation. `ordinal` counts joins from 1 and is the GMS numeric `participantId`. */
export interface Participant {
  readonly participantId: ParticipantId;
  readonly ordinal: number;
  readonly type: 'Agent' | 'Customer';
  readonly nickname: string;
  readonly visibility: Visibility;
  /** Set for agents only. */
  readonly agentId?: AgentId;
}

/** What the customer told about themself when asking for the chat (gms-customer-api §2, row 1). */
export interface CustomerDetails {
  readonly nickname: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly emailAddress?: string;
  readonly phoneNumber?: string;
  readonly subject?: string;
}

/** A skill and the least level that serves, 0 to 10. */
export interface SkillRequirement {
  readonly skill: string;
  readonly level: number;
}

/** What the router (or a person, by transfer) decided, and why; kept in the log with the offer. */
export interface OfferReason {
  readonly rule: 'last-agent' | 'longest-ready' | 'transfer';
  /** How long the chat had waited since it entered the queue. */
  readonly waitedMs: number;
  /** Priority with ageing at the moment of the decision. */
  readonly effectivePriority: number;
  /** How many agents could have taken the chat. */
  readonly eligibleAgents: number;
}

/** How a chat waits: what the router reads. Written by the operation from the queue's configuration. */
export interface QueuePlacement {
  readonly queue: string;
  readonly priority: number;
  readonly ageingPerMinute: number;
  readonly skills: readonly SkillRequirement[];
}

export type UserData = Readonly<Record<string, unknown>>;

/**
 * Everything that can happen in a chat, in the order of its life. The list of these is the chat; see ARCHITECTURE.md.
 * Events that belong in the message log of the wire get an `index` when they are stamped (`isLogged`).
 */
export type ChatEvent =
  | {
      readonly type: 'ChatRequested';
      readonly service: string;
      readonly customer: CustomerDetails;
      readonly contactId: ContactId;
      /** The agent the contact's profile remembered at this moment, for last-agent routing. */
      readonly lastAgentId?: AgentId;
      /** SHA-256 of the customer's secure key, hex: the key itself is never stored. */
      readonly secureKeyDigest: string;
      readonly userData: UserData;
    }
  | ({
      readonly type: 'ChatQueued';
      readonly reason: 'requested' | 'rejected' | 'no-answer' | 'agent-gone' | 'transfer';
    } & QueuePlacement & {
        /** The chat is not offered to this agent again before `untilMs`. */
        readonly excluded?: { readonly agentId: AgentId; readonly untilMs: number };
      })
  | {
      readonly type: 'ChatOffered';
      readonly agentId: AgentId;
      readonly expiresAtMs: number;
      readonly reason: OfferReason;
    }
  | { readonly type: 'OfferAccepted'; readonly agentId: AgentId; readonly participantId: ParticipantId }
  | { readonly type: 'OfferRejected'; readonly agentId: AgentId }
  | {
      readonly type: 'OfferRevoked';
      readonly agentId: AgentId;
      readonly reason: 'no-answer' | 'agent-gone' | 'session-ended';
    }
  | { readonly type: 'ParticipantJoined'; readonly participant: Participant }
  | {
      readonly type: 'ParticipantLeft';
      readonly participantId: ParticipantId;
      readonly reason: 'left' | 'completed' | 'transferred' | 'session-ended';
    }
  | {
      readonly type: 'TextSent';
      readonly participantId: ParticipantId;
      readonly text: string;
      readonly visibility: Visibility;
      /** Free text of the sender, echoed on both APIs. */
      readonly messageType?: string;
      readonly treatAs?: 'Normal' | 'System';
    }
  | {
      readonly type: 'TypingStarted' | 'TypingStopped';
      readonly participantId: ParticipantId;
      readonly visibility: Visibility;
      /** Preview of what is being typed, if the sender shows it. */
      readonly text?: string;
    }
  | { readonly type: 'LastAgentSaved'; readonly contactId: ContactId; readonly agentId: AgentId }
  | { readonly type: 'AgentCompleted'; readonly agentId: AgentId }
  | { readonly type: 'SessionEnded'; readonly reason: 'customer-left' | 'agent-left' | 'agent-completed' };

/** An event as it stands in the log: `seq` is dense from 1, `index` counts message-log entries from 1. */
export interface StoredEvent {
  readonly chatId: ChatId;
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly index?: number;
  readonly event: ChatEvent;
}

const logged = new Set<ChatEvent['type']>([
  'ParticipantJoined',
  'ParticipantLeft',
  'TextSent',
  'TypingStarted',
  'TypingStopped',
]);

/** Whether the event is part of the message log that goes out on the wire and so takes an `index`. */
export function isLogged(event: ChatEvent): boolean {
  return logged.has(event.type);
}

/**
 * The message-log entries with an index of at least `index`, oldest first. `events` is a chat's log; only its first
 * `length` events are looked at. Costs as many steps as there are events after that index, for readers mostly ask
 * for the end.
 */
export function logFrom(
  events: readonly StoredEvent[],
  index: number,
  length = events.length,
): readonly StoredEvent[] {
  const found: StoredEvent[] = [];
  for (let at = length - 1; at >= 0; at -= 1) {
    const stored = events[at];
    if (stored?.index === undefined) continue;
    if (stored.index < index) break;
    found.push(stored);
  }
  return found.reverse();
}

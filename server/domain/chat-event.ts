import type { FileEvent } from './chat-file.ts';
import type { CountedNotices } from './activity.ts';
import type { AgentId, ChatId, ContactId, ParticipantId } from './ids.ts';

/** Who may see a participant or a message (gws-agent-api §5.5): everybody, agents and supervisors, supervisors. */
export type Visibility = 'All' | 'Agents' | 'Supervisors';

/** How a supervisor takes part: unseen, heard by agents only, or heard by everybody (gws-agent-api §9). */
export type SupervisorRole = 'Monitor' | 'Coach' | 'BargeIn';

/**
 * What an agent is in a chat. The handler answers for it; members talk to the customer beside them (Invite);
 * consultants talk to agents only (Consult).
 */
export type ChatRole = 'Handler' | 'Member' | 'Consultant' | SupervisorRole;

/** A party of the conversation. `ordinal` counts joins from 1 and is the GMS numeric `participantId`. */
export interface Participant {
  readonly participantId: ParticipantId;
  readonly ordinal: number;
  /** `External` is the contact centre itself, which comes only to tell something. */
  readonly type: 'Agent' | 'Customer' | 'External';
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
  readonly rule: 'last-agent' | 'longest-ready' | 'transfer' | 'consult' | 'invite' | 'intrude';
  /** How long the chat had waited since it entered the queue. */
  readonly waitedMs: number;
  /** Priority with ageing at the moment of the decision. */
  readonly effectivePriority: number;
  /** How many agents could have taken the chat. */
  readonly eligibleAgents: number;
}

/** Who asked an agent into the chat (Consult, Invite), and by which request: its failure is told to them. */
export interface Invitation {
  readonly invitedBy: AgentId;
  readonly referenceId: number;
}

/** How a chat waits: what the router reads. Written by the operation from the queue's configuration. */
export interface QueuePlacement {
  readonly queue: string;
  readonly priority: number;
  readonly ageingPerMinute: number;
  readonly skills: readonly SkillRequirement[];
}

/** What takes too long in a chat: the customer's message has no answer, or nobody says anything. */
export type Alarm = 'LateReply' | 'Idle';

/**
 * When a chat is over with its session (gms-customer-api §8, stop-abandoned-interaction): never while it waits, unless
 * it was never answered, when nobody is in it, or even then.
 */
export type StopAbandoned = 'never' | 'noanswer' | 'noagents' | 'always';

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
      /** The chat lives for days: its last agent's leaving lets it sleep, and the customer's words wake it. */
      readonly isAsync?: true;
      /** What becomes of the chat when its session ends; `noagents` when absent. */
      readonly stopAbandoned?: StopAbandoned;
    }
  | ({
      readonly type: 'ChatQueued';
      readonly reason:
        | 'requested'
        | 'rejected'
        | 'no-answer'
        | 'agent-gone'
        | 'transfer'
        | 'after-work'
        | 'overflow'
        | 'woken'
        | 'abandoned';
    } & QueuePlacement & {
        /** The chat is not offered to this agent again before `untilMs`. */
        readonly excluded?: { readonly agentId: AgentId; readonly untilMs: number };
        /** Who had the chat before it slept: the first to be offered it. */
        readonly lastAgentId?: AgentId;
      })
  | {
      readonly type: 'ChatOffered';
      readonly agentId: AgentId;
      readonly expiresAtMs: number;
      readonly reason: OfferReason;
      /** What the agent is to be; the handler when absent. */
      readonly role?: ChatRole;
      readonly invitation?: Invitation;
    }
  | { readonly type: 'OfferAccepted'; readonly agentId: AgentId; readonly participantId: ParticipantId }
  /** A supervisor who watches an agent of the chat came in with them, without being asked. */
  | {
      readonly type: 'SupervisorAdded';
      readonly agentId: AgentId;
      readonly participantId: ParticipantId;
      readonly role: SupervisorRole;
      readonly watched: AgentId;
    }
  /** The agent stays and is something else now; `participantId` is their new seat when others see them otherwise. */
  | {
      readonly type: 'RoleChanged';
      readonly agentId: AgentId;
      readonly participantId: ParticipantId;
      readonly role: ChatRole;
    }
  /**
   * The agent's part is over without their doing: nobody is left whom this consultant or supervisor was there for, or
   * the agent is gone.
   */
  | { readonly type: 'AgentReleased'; readonly agentId: AgentId; readonly reason?: 'agent-gone' }
  | { readonly type: 'OfferRejected'; readonly agentId: AgentId }
  | {
      readonly type: 'OfferRevoked';
      readonly agentId: AgentId;
      readonly reason: 'no-answer' | 'agent-gone' | 'session-ended' | 'cancelled' | 'withdrawn';
    }
  | { readonly type: 'ParticipantJoined'; readonly participant: Participant }
  | {
      readonly type: 'ParticipantLeft';
      readonly participantId: ParticipantId;
      readonly reason:
        | 'left'
        | 'completed'
        | 'transferred'
        | 'session-ended'
        | 'switched'
        | 'removed'
        | 'released'
        | 'agent-gone'
        | 'time-out'
        /** No sign of the customer for too long. */
        | 'gone'
        /** Nobody was active for too long. */
        | 'idle'
        /** Nobody could serve the chat. */
        | 'not-served';
      /** Who saw them while they were there; everybody when absent. */
      readonly visibility?: Visibility;
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
  | {
      readonly type: 'UrlSent';
      readonly participantId: ParticipantId;
      readonly url: string;
      readonly visibility: Visibility;
    }
  | {
      readonly type: 'CustomNoticeSent';
      readonly participantId: ParticipantId;
      readonly noticeText: string;
      readonly visibility: Visibility;
    }
  /** The customer is called otherwise from now on. */
  | {
      readonly type: 'NicknameUpdated';
      readonly participantId: ParticipantId;
      readonly nickname: string;
      readonly visibility: Visibility;
    }
  /** The customer has read everything up to the log entry `position`. */
  | {
      readonly type: 'ReadConfirmed';
      readonly participantId: ParticipantId;
      readonly position: number;
      readonly visibility: Visibility;
    }
  | FileEvent
  /** Without `agentId` it was the customer. */
  | {
      readonly type: 'UserDataChanged';
      readonly agentId?: AgentId;
      readonly set: UserData;
      readonly removed: readonly string[];
    }
  /** `key` is the key of the user data under which the disposition stands (gws-agent-api §4.17). */
  | {
      readonly type: 'DispositionSet';
      readonly agentId: AgentId;
      readonly key: string;
      readonly disposition: string;
    }
  | { readonly type: 'LastAgentSaved'; readonly contactId: ContactId; readonly agentId: AgentId }
  /** Without `reason` the agent did it; else the server, for an agent who is gone or took too long. */
  | {
      readonly type: 'AgentCompleted';
      readonly agentId: AgentId;
      readonly reason?: 'agent-gone' | 'time-out' | 'woken' | 'session-ended';
    }
  | { readonly type: 'AlarmRaised'; readonly alarm: Alarm }
  /** Nobody was active for too long, `counted` being what counts; the session ends unless somebody is. */
  | { readonly type: 'IdleAlerted'; readonly number: 1 | 2; readonly counted: CountedNotices }
  | {
      readonly type: 'SessionEnded';
      readonly reason:
        'customer-left' | 'agent-left' | 'agent-completed' | 'not-served' | 'customer-gone' | 'idle';
    };

/** An event as it stands in the log: `seq` is dense from 1, `index` counts message-log entries from 1. */
export interface StoredEvent {
  readonly chatId: ChatId;
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly index?: number;
  readonly event: ChatEvent;
}

const loggedTypes = [
  'ParticipantJoined',
  'ParticipantLeft',
  'TextSent',
  'TypingStarted',
  'TypingStopped',
  'UrlSent',
  'CustomNoticeSent',
  'NicknameUpdated',
  'ReadConfirmed',
  'FileUploaded',
  'FileDeleted',
] as const satisfies readonly ChatEvent['type'][];

/** An event that is part of the message log. */
export type LoggedEvent = Extract<ChatEvent, { readonly type: (typeof loggedTypes)[number] }>;

const logged = new Set<ChatEvent['type']>(loggedTypes);

/** Whether the event is part of the message log that goes out on the wire and so takes an `index`. */
export function isLogged(event: ChatEvent): event is LoggedEvent {
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

import type { CustomerDetails, Participant, QueuePlacement, StoredEvent, UserData } from './chat-event.ts';
import type { AgentId, ChatId, ContactId, ParticipantId } from './ids.ts';

/** The state of a chat as one agent sees it (gws-agent-api §5.2). */
export type AssignmentState = 'Invited' | 'Chatting' | 'LeftChat' | 'Completed' | 'Revoked';

/** What one agent has to do with the chat. One per agent; a second offer replaces a finished first. */
export interface Assignment {
  readonly agentId: AgentId;
  readonly state: AssignmentState;
  readonly sinceMs: number;
  /** When an unanswered offer is taken back; set while Invited. */
  readonly offerExpiresAtMs?: number;
  /** Set once the agent has joined. */
  readonly participantId?: ParticipantId;
}

/** A participant and whether they are still in the conversation. */
export interface Presence extends Participant {
  readonly present: boolean;
}

/** An agent to whom a waiting chat is not offered before `untilMs` (they rejected it or did not answer). */
export interface Exclusion {
  readonly agentId: AgentId;
  readonly untilMs: number;
}

/**
 * A chat: the fold of its events. Immutable; `evolve` makes the next one.
 * `waitingSinceMs` is when the chat first entered its queue: a rejected offer does not send it to the back.
 */
export interface Chat {
  readonly id: ChatId;
  readonly seq: number;
  readonly nextIndex: number;
  readonly service: string;
  readonly customer: CustomerDetails;
  readonly contactId: ContactId;
  readonly lastAgentId: AgentId | null;
  readonly secureKeyDigest: string;
  readonly userData: UserData;
  readonly requestedAtMs: number;
  readonly session: 'Open' | 'Ended';
  readonly endedAtMs: number | null;
  /** True while the chat stands in its queue and nobody is invited. */
  readonly waiting: boolean;
  readonly placement: QueuePlacement;
  readonly waitingSinceMs: number;
  readonly exclusions: readonly Exclusion[];
  readonly parties: readonly Presence[];
  readonly assignments: readonly Assignment[];
}

const live = new Set<AssignmentState>(['Invited', 'Chatting', 'LeftChat']);

/** Whether the assignment still takes the agent's attention, and so a part of their capacity. */
export function isLive(assignment: Assignment): boolean {
  return live.has(assignment.state);
}

/** A chat is over when the conversation has ended and no agent has anything left to do with it. */
export function isClosed(chat: Chat): boolean {
  return chat.session === 'Ended' && !chat.assignments.some(isLive);
}

export function assignmentOf(chat: Chat, agentId: AgentId): Assignment | undefined {
  return chat.assignments.find((assignment) => assignment.agentId === agentId);
}

export function partyOf(chat: Chat, participantId: ParticipantId): Presence | undefined {
  return chat.parties.find((party) => party.participantId === participantId);
}

export function customerOf(chat: Chat): Presence {
  const customer = chat.parties.find((party) => party.type === 'Customer');
  if (!customer) throw new Error(`chat ${chat.id} has no customer`);
  return customer;
}

/** The agents who are in the conversation now. */
export function presentAgents(chat: Chat): readonly Presence[] {
  return chat.parties.filter((party) => party.present && party.type === 'Agent');
}

function replaceAssignment(chat: Chat, next: Assignment): readonly Assignment[] {
  return [...chat.assignments.filter((assignment) => assignment.agentId !== next.agentId), next];
}

function changeAssignment(chat: Chat, agentId: AgentId, change: Omit<Assignment, 'agentId'>): Chat {
  return { ...chat, assignments: replaceAssignment(chat, { agentId, ...change }) };
}

function setPresent(chat: Chat, participantId: ParticipantId): readonly Presence[] {
  return chat.parties.map((party) =>
    party.participantId === participantId ? { ...party, present: false } : party,
  );
}

function begin(stored: StoredEvent): Chat {
  const { event } = stored;
  if (event.type !== 'ChatRequested') throw new Error(`chat ${stored.chatId} starts with ${event.type}`);
  return {
    id: stored.chatId,
    seq: stored.seq,
    nextIndex: 1,
    service: event.service,
    customer: event.customer,
    contactId: event.contactId,
    lastAgentId: event.lastAgentId ?? null,
    secureKeyDigest: event.secureKeyDigest,
    userData: event.userData,
    requestedAtMs: stored.atMs,
    session: 'Open',
    endedAtMs: null,
    waiting: false,
    placement: { queue: '', priority: 0, ageingPerMinute: 0, skills: [] },
    waitingSinceMs: stored.atMs,
    exclusions: [],
    parties: [],
    assignments: [],
  };
}

/** The state that the event changes; `seq` and `nextIndex` are counted by `evolve`. */
function apply(chat: Chat, stored: StoredEvent): Chat {
  const { event, atMs } = stored;
  switch (event.type) {
    case 'ChatRequested':
      throw new Error(`chat ${chat.id} was requested twice`);
    case 'ChatQueued': {
      const { queue, priority, ageingPerMinute, skills, excluded, reason } = event;
      const kept = chat.exclusions.filter((exclusion) => exclusion.agentId !== excluded?.agentId);
      return {
        ...chat,
        waiting: true,
        placement: { queue, priority, ageingPerMinute, skills },
        // A transfer is a new wait in another queue; everything else keeps the customer's place.
        waitingSinceMs: reason === 'transfer' ? atMs : chat.waitingSinceMs,
        exclusions: excluded ? [...kept, excluded] : kept,
      };
    }
    case 'ChatOffered':
      return {
        ...changeAssignment(chat, event.agentId, {
          state: 'Invited',
          sinceMs: atMs,
          offerExpiresAtMs: event.expiresAtMs,
        }),
        waiting: false,
      };
    case 'OfferAccepted':
      return {
        ...changeAssignment(chat, event.agentId, {
          state: 'Chatting',
          sinceMs: atMs,
          participantId: event.participantId,
        }),
        exclusions: [],
      };
    case 'OfferRejected':
      return changeAssignment(chat, event.agentId, { state: 'Completed', sinceMs: atMs });
    case 'OfferRevoked':
      return changeAssignment(chat, event.agentId, { state: 'Revoked', sinceMs: atMs });
    case 'ParticipantJoined':
      return { ...chat, parties: [...chat.parties, { ...event.participant, present: true }] };
    case 'ParticipantLeft': {
      const parties = setPresent(chat, event.participantId);
      const assignment = chat.assignments.find(
        (one) => one.participantId === event.participantId && one.state === 'Chatting',
      );
      if (!assignment) return { ...chat, parties };
      const left = { state: 'LeftChat', sinceMs: atMs, participantId: event.participantId } as const;
      return { ...changeAssignment(chat, assignment.agentId, left), parties };
    }
    case 'AgentCompleted':
      return changeAssignment(chat, event.agentId, { state: 'Completed', sinceMs: atMs });
    case 'SessionEnded':
      return { ...chat, session: 'Ended', endedAtMs: atMs, waiting: false };
    case 'TextSent':
    case 'TypingStarted':
    case 'TypingStopped':
    case 'LastAgentSaved':
      return chat;
  }
}

/** The chat after one more event. Throws when the event does not follow: `seq` must be dense, the first a request. */
export function evolve(chat: Chat | null, stored: StoredEvent): Chat {
  if (stored.seq !== (chat?.seq ?? 0) + 1)
    throw new Error(`chat ${stored.chatId}: event ${stored.seq} does not follow ${chat?.seq ?? 0}`);
  const next = chat ? apply(chat, stored) : begin(stored);
  const nextIndex = stored.index === undefined ? next.nextIndex : stored.index + 1;
  return { ...next, seq: stored.seq, nextIndex };
}

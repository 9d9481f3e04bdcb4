import type {
  Alarm,
  ChatEvent,
  ChatRole,
  CustomerDetails,
  Invitation,
  Participant,
  QueuePlacement,
  StopAbandoned,
  StoredEvent,
  UserData,
} from './chat-event.ts';
import { filesAfter, type ChatFile } from './chat-file.ts';
import { activityAfter, firstActivity, type Activity } from './activity.ts';
import type { AgentId, ChatId, ContactId, ParticipantId } from './ids.ts';

/** The state of a chat as one agent sees it (gws-agent-api §5.2). */
export type AssignmentState = 'Invited' | 'Chatting' | 'LeftChat' | 'Completed' | 'Revoked';

/** What one agent has to do with the chat. One per agent; a second offer replaces a finished first. */
export interface Assignment {
  readonly agentId: AgentId;
  readonly state: AssignmentState;
  readonly role: ChatRole;
  readonly sinceMs: number;
  /** When an unanswered offer is taken back; set while Invited. */
  readonly offerExpiresAtMs?: number;
  /** Set once the agent has joined. */
  readonly participantId?: ParticipantId;
  /** Set for those whom another agent asked in. */
  readonly invitation?: Invitation;
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
  /** The key of the user data under which the last disposition was set. */
  readonly dispositionKey?: string;
  readonly requestedAtMs: number;
  readonly isAsync: boolean;
  readonly stopAbandoned: StopAbandoned;
  readonly session: 'Open' | 'Ended';
  readonly endedAtMs: number | null;
  /**
   * True while the chat stands in its queue: then nobody is invited to handle it and no agent is in it. It waits for
   * after-chat work when the conversation has ended.
   */
  readonly waiting: boolean;
  readonly placement: QueuePlacement;
  readonly waitingSinceMs: number;
  readonly exclusions: readonly Exclusion[];
  /** When somebody last said something that the customer hears, or the customer did; 0 before. */
  readonly lastSaidAtMs: number;
  /** Since when the customer has been waiting for an answer; null when the last word was not theirs. */
  readonly unansweredSinceMs: number | null;
  /** The alarms that were raised and are not over, each once. */
  readonly alarms: readonly Alarm[];
  readonly activity: Activity;
  /** The last log entry that the customer says they have read; 0 before. */
  readonly readPosition: number;
  /** All files that were ever sent, deleted ones too, in the order in which they came. */
  readonly files: readonly ChatFile[];
  /** How often the customer has downloaded one. */
  readonly downloads: number;
  readonly parties: readonly Presence[];
  readonly assignments: readonly Assignment[];
}

const live = new Set<AssignmentState>(['Invited', 'Chatting', 'LeftChat']);

/** Whether the assignment still takes the agent's attention, and so a part of their capacity. */
export function isLive(assignment: Assignment): boolean {
  return live.has(assignment.state);
}

/** A chat is over when the conversation has ended, no agent has anything left to do with it and it waits for none. */
export function isClosed(chat: Chat): boolean {
  return chat.session === 'Ended' && !chat.waiting && !chat.assignments.some(isLive);
}

/** Whether this role keeps a conversation going: the customer talks to such agents only. */
export function carries(role: ChatRole): boolean {
  return role === 'Handler' || role === 'Member';
}

export function isSupervisor(role: ChatRole): boolean {
  return role === 'Monitor' || role === 'Coach' || role === 'BargeIn';
}

export function assignmentOf(chat: Chat, agentId: AgentId): Assignment | undefined {
  return chat.assignments.find((assignment) => assignment.agentId === agentId);
}

/** The agents who are in the chat now, and what they are in it, in the order in which they came. */
export function seated(chat: Chat): readonly (Assignment & { readonly participantId: ParticipantId })[] {
  return chat.assignments.flatMap((one) =>
    one.state === 'Chatting' && one.participantId ? [{ ...one, participantId: one.participantId }] : [],
  );
}

/** The agent who is asked to handle the chat, when somebody is. */
export function offeredHandler(chat: Chat): Assignment | undefined {
  return chat.assignments.find((one) => one.state === 'Invited' && one.role === 'Handler');
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

function setAssignment(chat: Chat, next: Assignment): Chat {
  return { ...chat, assignments: replaceAssignment(chat, next) };
}

/** Ends the agent's part: what is left is who they were in the chat. */
function finish(chat: Chat, agentId: AgentId, at: Pick<Assignment, 'state' | 'sinceMs'>): Chat {
  const role = assignmentOf(chat, agentId)?.role ?? 'Handler';
  return setAssignment(chat, { agentId, role, ...at });
}

/** The same agent in their place of the list, changed. */
function amend(chat: Chat, agentId: AgentId, change: Partial<Assignment>): Chat {
  const assignments = chat.assignments.map((one) => (one.agentId === agentId ? { ...one, ...change } : one));
  return { ...chat, assignments };
}

/** An offer was taken: the agent is in the conversation or, when it has ended, has its after-chat work to do. */
function accept(chat: Chat, agentId: AgentId, at: { sinceMs: number; participantId: ParticipantId }): Chat {
  const { role = 'Handler', invitation } = assignmentOf(chat, agentId) ?? {};
  const invited = invitation ? { invitation } : {};
  const place =
    chat.session === 'Open'
      ? ({ state: 'Chatting', ...at } as const)
      : ({ state: 'LeftChat', sinceMs: at.sinceMs } as const);
  const accepted = setAssignment(chat, { agentId, role, ...invited, ...place });
  return role === 'Handler' ? { ...accepted, exclusions: [] } : accepted;
}

function withoutKeys(userData: UserData, keys: readonly string[]): UserData {
  return Object.fromEntries(Object.entries(userData).filter(([key]) => !keys.includes(key)));
}

function setPresent(chat: Chat, participantId: ParticipantId): readonly Presence[] {
  return chat.parties.map((party) =>
    party.participantId === participantId ? { ...party, present: false } : party,
  );
}

function rename(chat: Chat, participantId: ParticipantId, nickname: string): readonly Presence[] {
  return chat.parties.map((party) =>
    party.participantId === participantId ? { ...party, nickname } : party,
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
    isAsync: event.isAsync === true,
    stopAbandoned: event.stopAbandoned ?? 'noagents',
    session: 'Open',
    endedAtMs: null,
    waiting: false,
    placement: { queue: '', priority: 0, ageingPerMinute: 0, skills: [] },
    waitingSinceMs: stored.atMs,
    exclusions: [],
    lastSaidAtMs: 0,
    unansweredSinceMs: null,
    alarms: [],
    activity: firstActivity(stored.atMs),
    readPosition: 0,
    files: [],
    downloads: 0,
    parties: [],
    assignments: [],
  };
}

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: Type }>;
type AgentEvent = EventOf<
  | 'OfferAccepted'
  | 'OfferRejected'
  | 'OfferRevoked'
  | 'SupervisorAdded'
  | 'RoleChanged'
  | 'AgentReleased'
  | 'AgentCompleted'
>;

const newWaits = new Set<EventOf<'ChatQueued'>['reason']>(['transfer', 'after-work', 'woken']);

/** The chat stands in a queue; nobody is in it any more. */
function queued(chat: Chat, event: EventOf<'ChatQueued'>, atMs: number): Chat {
  const { queue, priority, ageingPerMinute, skills, excluded, reason } = event;
  const kept = chat.exclusions.filter((exclusion) => exclusion.agentId !== excluded?.agentId);
  return {
    ...chat,
    waiting: true,
    placement: { queue, priority, ageingPerMinute, skills },
    // A transfer is a new wait in another queue; what was offered and not taken keeps its place.
    waitingSinceMs: newWaits.has(reason) ? atMs : chat.waitingSinceMs,
    exclusions: excluded ? [...kept, excluded] : kept,
    lastAgentId: event.lastAgentId ?? chat.lastAgentId,
  };
}

/** The state that the event changes; `seq` and `nextIndex` are counted by `evolve`. */
function apply(chat: Chat, stored: StoredEvent): Chat {
  const { event, atMs } = stored;
  switch (event.type) {
    case 'ChatRequested':
      throw new Error(`chat ${chat.id} was requested twice`);
    case 'ChatQueued':
      return queued(chat, event, atMs);
    case 'ChatOffered': {
      const { agentId, expiresAtMs, role = 'Handler', invitation } = event;
      const asked = invitation ? { invitation } : {};
      const offer = { agentId, role, ...asked, sinceMs: atMs, offerExpiresAtMs: expiresAtMs };
      const offered = setAssignment(chat, { ...offer, state: 'Invited' });
      return role === 'Handler' ? { ...offered, waiting: false } : offered;
    }
    case 'SessionEnded':
      return { ...chat, session: 'Ended', endedAtMs: atMs, waiting: false };
    case 'UserDataChanged':
      return { ...chat, userData: { ...withoutKeys(chat.userData, event.removed), ...event.set } };
    case 'DispositionSet':
      return {
        ...chat,
        userData: { ...chat.userData, [event.key]: event.disposition },
        dispositionKey: event.key,
      };
    case 'ParticipantJoined':
      return { ...chat, parties: [...chat.parties, { ...event.participant, present: true }] };
    case 'ParticipantLeft':
      return leave(chat, event, atMs);
    case 'OfferAccepted':
    case 'OfferRejected':
    case 'OfferRevoked':
    case 'SupervisorAdded':
    case 'RoleChanged':
    case 'AgentReleased':
    case 'AgentCompleted':
      return applyToAgent(chat, event, atMs);
    case 'TextSent':
    case 'UrlSent':
      return event.visibility === 'All' ? said(chat, event.participantId, atMs) : chat;
    case 'NicknameUpdated':
      return { ...chat, parties: rename(chat, event.participantId, event.nickname) };
    case 'ReadConfirmed':
      return { ...chat, readPosition: event.position };
    case 'FileUploaded':
      return said({ ...chat, files: filesAfter(chat.files, event, atMs) }, event.participantId, atMs);
    case 'FileDeleted':
      return { ...chat, files: filesAfter(chat.files, event, atMs) };
    case 'FileDownloaded':
      return { ...chat, downloads: chat.downloads + 1 };
    case 'AlarmRaised':
      return { ...chat, alarms: [...chat.alarms, event.alarm] };
    case 'TypingStarted':
    case 'TypingStopped':
    case 'CustomNoticeSent':
    case 'LastAgentSaved':
    case 'IdleAlerted':
      return chat;
  }
}

const noAlarms: readonly Alarm[] = [];

/** Words that the customer wrote or reads: nobody is idle any more, and an agent's answer them. */
function said(chat: Chat, participantId: ParticipantId, atMs: number): Chat {
  const speaker = partyOf(chat, participantId)?.type;
  // The contact centre's own words answer nobody.
  if (speaker === 'External') return chat;
  const byCustomer = speaker === 'Customer';
  const over: Alarm | null = byCustomer ? 'Idle' : null;
  const kept = over ? chat.alarms.filter((alarm) => alarm !== over) : noAlarms;
  return {
    ...chat,
    lastSaidAtMs: atMs,
    unansweredSinceMs: byCustomer ? (chat.unansweredSinceMs ?? atMs) : null,
    // The same list when nothing ends: who looks for a change compares the lists.
    alarms: kept.length === chat.alarms.length ? chat.alarms : kept,
  };
}

function leave(chat: Chat, event: EventOf<'ParticipantLeft'>, sinceMs: number): Chat {
  const parties = setPresent(chat, event.participantId);
  const seat = seated(chat).find((one) => one.participantId === event.participantId);
  // Whoever only takes another seat is still in the chat.
  if (!seat || event.reason === 'switched') return { ...chat, parties };
  return { ...setAssignment(chat, { ...seat, state: 'LeftChat', sinceMs }), parties };
}

/** What becomes of one agent's part in the chat. */
function applyToAgent(chat: Chat, event: AgentEvent, sinceMs: number): Chat {
  const { agentId } = event;
  switch (event.type) {
    case 'OfferAccepted':
      return accept(chat, agentId, { sinceMs, participantId: event.participantId });
    case 'SupervisorAdded': {
      const { role, participantId } = event;
      return setAssignment(chat, { agentId, role, participantId, state: 'Chatting', sinceMs });
    }
    case 'RoleChanged':
      return amend(chat, agentId, { role: event.role, participantId: event.participantId });
    case 'OfferRejected':
    case 'AgentCompleted':
      return finish(chat, agentId, { state: 'Completed', sinceMs });
    case 'OfferRevoked':
    case 'AgentReleased':
      return finish(chat, agentId, { state: 'Revoked', sinceMs });
  }
}

/** Whether the contact centre itself did it, which comes only to tell something. */
function isOurs(chat: Chat, event: ChatEvent): boolean {
  if (event.type === 'ParticipantJoined') return event.participant.type === 'External';
  return 'participantId' in event && partyOf(chat, event.participantId)?.type === 'External';
}

/** The chat after one more event. Throws when the event does not follow: `seq` must be dense, the first a request. */
export function evolve(chat: Chat | null, stored: StoredEvent): Chat {
  if (stored.seq !== (chat?.seq ?? 0) + 1)
    throw new Error(`chat ${stored.chatId}: event ${stored.seq} does not follow ${chat?.seq ?? 0}`);
  const next = chat ? apply(chat, stored) : begin(stored);
  const nextIndex = stored.index === undefined ? next.nextIndex : stored.index + 1;
  const activity = activityAfter(next.activity, stored, isOurs(next, stored.event));
  return { ...next, seq: stored.seq, nextIndex, activity };
}

/** Folds a stored log; null when it is empty. */
export function foldLog(events: readonly StoredEvent[]): Chat | null {
  let chat: Chat | null = null;
  for (const stored of events) chat = evolve(chat, stored);
  return chat;
}

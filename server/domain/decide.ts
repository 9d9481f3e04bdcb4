import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import { capabilitiesOf, type ChatOperation } from './capabilities.ts';
import {
  assignmentOf,
  customerOf,
  evolve,
  isLive,
  presentAgents,
  type Assignment,
  type Chat,
  type Presence,
} from './chat.ts';
import {
  isLogged,
  type ChatEvent,
  type OfferReason,
  type QueuePlacement,
  type StoredEvent,
} from './chat-event.ts';
import type { AgentId, ChatId, ParticipantId } from './ids.ts';

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: Type }>;

/** A message that goes along with an operation (gws-agent-api §4, text/messageType/treatAs). */
export interface Text {
  readonly text: string;
  readonly messageType?: string;
  readonly treatAs?: 'Normal' | 'System';
}

/** What an agent asks of a chat. The names are those of the API's operations. */
export type AgentCommand = { readonly agentId: AgentId } & (
  | {
      readonly type: 'Accept';
      readonly nickname: string;
      readonly participantId: ParticipantId;
      readonly saveLar: boolean;
    }
  | { readonly type: 'Reject'; readonly notBeforeMs: number }
  | { readonly type: 'SendMessage'; readonly message: Text }
  | { readonly type: 'SendStartTypingNotification' | 'SendStopTypingNotification' }
  | { readonly type: 'InFocus' | 'SetInFocus' }
  | { readonly type: 'Leave'; readonly message?: Text }
  | { readonly type: 'Complete'; readonly saveLar: boolean; readonly message?: Text }
  | { readonly type: 'Transfer'; readonly to: TransferTarget; readonly message?: Text }
);

export type TransferTarget =
  { readonly agentId: AgentId; readonly expiresAtMs: number } | { readonly placement: QueuePlacement };

/** What the customer asks of their chat (gms-customer-api §2). */
export type CustomerCommand =
  | { readonly type: 'CustomerSend'; readonly message: Text }
  | { readonly type: 'CustomerTyping'; readonly started: boolean; readonly text?: string }
  | { readonly type: 'CustomerLeave' };

/** What the server itself does with a chat: the router's offers and the clock's time-outs. */
export type SystemCommand =
  | {
      readonly type: 'Offer';
      readonly agentId: AgentId;
      readonly expiresAtMs: number;
      readonly reason: OfferReason;
    }
  | {
      readonly type: 'RevokeOffer';
      readonly agentId: AgentId;
      readonly reason: 'no-answer' | 'agent-gone';
      readonly notBeforeMs: number;
    };

export type ChatCommand = AgentCommand | CustomerCommand | SystemCommand;

/** The first command of a chat; it cannot be refused, for everything in it was checked at the edge. */
export interface RequestChat {
  readonly requested: EventOf<'ChatRequested'>;
  readonly participantId: ParticipantId;
  readonly placement: QueuePlacement;
  /** A first message that some widgets send along (gms-customer-api §2, row 1). */
  readonly message?: Text;
}

export function decideRequest(command: RequestChat): readonly ChatEvent[] {
  const { requested, participantId, placement, message } = command;
  const joined: ChatEvent = {
    type: 'ParticipantJoined',
    participant: {
      participantId,
      ordinal: 1,
      type: 'Customer',
      nickname: requested.customer.nickname,
      visibility: 'All',
    },
  };
  const said: ChatEvent[] = message
    ? [{ type: 'TextSent', participantId, visibility: 'All', ...message }]
    : [];
  return [requested, joined, ...said, { type: 'ChatQueued', reason: 'requested', ...placement }];
}

/** What the command makes happen, or why it may not. Pure; changes nothing. */
export function decide(chat: Chat, command: ChatCommand): readonly ChatEvent[] | Refusal {
  switch (command.type) {
    case 'Offer':
      return decideOffer(chat, command);
    case 'RevokeOffer':
      return decideRevoke(chat, command);
    case 'CustomerSend':
    case 'CustomerTyping':
    case 'CustomerLeave':
      return decideCustomer(chat, command);
    default:
      return decideAgent(chat, command);
  }
}

function decideOffer(
  chat: Chat,
  command: Extract<SystemCommand, { type: 'Offer' }>,
): readonly ChatEvent[] | Refusal {
  const { agentId, expiresAtMs, reason } = command;
  if (!chat.waiting) return refuse('NotAllowedInState', 'The chat is not waiting for an agent.');
  return [{ type: 'ChatOffered', agentId, expiresAtMs, reason }];
}

function decideRevoke(
  chat: Chat,
  command: Extract<SystemCommand, { type: 'RevokeOffer' }>,
): readonly ChatEvent[] | Refusal {
  const { agentId, reason, notBeforeMs } = command;
  if (assignmentOf(chat, agentId)?.state !== 'Invited')
    return refuse('NotAllowedInState', 'There is no open offer.');
  return [
    { type: 'OfferRevoked', agentId, reason },
    backToQueue(chat, reason, { agentId, untilMs: notBeforeMs }),
  ];
}

function backToQueue(
  chat: Chat,
  reason: EventOf<'ChatQueued'>['reason'],
  excluded: { readonly agentId: AgentId; readonly untilMs: number },
): ChatEvent {
  return { type: 'ChatQueued', reason, ...chat.placement, excluded };
}

function decideCustomer(chat: Chat, command: CustomerCommand): readonly ChatEvent[] | Refusal {
  if (chat.session === 'Ended') return refuse('ChatEnded');
  const { participantId } = customerOf(chat);
  switch (command.type) {
    case 'CustomerSend':
      return [{ type: 'TextSent', participantId, visibility: 'All', ...command.message }];
    case 'CustomerTyping': {
      const typing = {
        participantId,
        visibility: 'All' as const,
        ...(command.text ? { text: command.text } : {}),
      };
      return [{ type: command.started ? 'TypingStarted' : 'TypingStopped', ...typing }];
    }
    case 'CustomerLeave': {
      const revoked = chat.assignments
        .filter((assignment) => assignment.state === 'Invited')
        .map(({ agentId }): ChatEvent => ({ type: 'OfferRevoked', agentId, reason: 'session-ended' }));
      return [
        { type: 'ParticipantLeft', participantId, reason: 'left' },
        ...revoked,
        { type: 'SessionEnded', reason: 'customer-left' },
      ];
    }
  }
}

function decideAgent(chat: Chat, command: AgentCommand): readonly ChatEvent[] | Refusal {
  const { agentId } = command;
  const assignment = assignmentOf(chat, agentId);
  if (!assignment) return refuse('NotFound');
  const operation: ChatOperation = command.type;
  if (!capabilitiesOf(chat, agentId).includes(operation))
    return refuse('NotAllowedInState', `${operation} is not possible while the chat is ${assignment.state}.`);
  switch (command.type) {
    case 'Accept':
      return accept(chat, command);
    case 'Reject': {
      const excluded = { agentId, untilMs: command.notBeforeMs };
      return [{ type: 'OfferRejected', agentId }, backToQueue(chat, 'rejected', excluded)];
    }
    case 'SendMessage':
      return say(assignment, command.message);
    case 'SendStartTypingNotification':
      return [{ type: 'TypingStarted', participantId: joinedAs(assignment), visibility: 'All' }];
    case 'SendStopTypingNotification':
      return [{ type: 'TypingStopped', participantId: joinedAs(assignment), visibility: 'All' }];
    case 'InFocus':
    case 'SetInFocus':
      return [];
    case 'Leave':
      return leave(chat, assignment, command.message);
    case 'Complete':
      return complete(chat, assignment, command);
    case 'Transfer':
      return transfer(chat, assignment, command);
  }
}

function joinedAs(assignment: Assignment): ParticipantId {
  if (!assignment.participantId)
    throw new Error(`agent ${assignment.agentId} is ${assignment.state} without a seat`);
  return assignment.participantId;
}

function accept(chat: Chat, command: Extract<AgentCommand, { type: 'Accept' }>): readonly ChatEvent[] {
  const { agentId, nickname, participantId } = command;
  const participant = {
    participantId,
    ordinal: chat.parties.length + 1,
    type: 'Agent',
    nickname,
    visibility: 'All',
    agentId,
  } as const;
  return [
    { type: 'OfferAccepted', agentId, participantId },
    { type: 'ParticipantJoined', participant },
    ...remember(chat, agentId, command.saveLar),
  ];
}

function remember(chat: Chat, agentId: AgentId, saveLar: boolean): readonly ChatEvent[] {
  return saveLar ? [{ type: 'LastAgentSaved', contactId: chat.contactId, agentId }] : [];
}

function say(assignment: Assignment, message: Text | undefined): readonly ChatEvent[] {
  if (!message) return [];
  return [{ type: 'TextSent', participantId: joinedAs(assignment), visibility: 'All', ...message }];
}

function others(chat: Chat, assignment: Assignment): readonly Presence[] {
  return presentAgents(chat).filter((party) => party.participantId !== assignment.participantId);
}

/** A message that goes along with an operation needs somebody to read it. */
function cannotSay(chat: Chat, message: Text | undefined): Refusal | null {
  return message && chat.session === 'Ended'
    ? refuse('NotAllowedInState', 'The chat has ended; the text was not sent.')
    : null;
}

function leave(
  chat: Chat,
  assignment: Assignment,
  message: Text | undefined,
): readonly ChatEvent[] | Refusal {
  const refused = cannotSay(chat, message);
  if (refused) return refused;
  const left: ChatEvent = { type: 'ParticipantLeft', participantId: joinedAs(assignment), reason: 'left' };
  if (chat.session === 'Ended') return [left];
  // In a conference the leaver is done and the others go on; the last agent's leaving ends the session (§4.14).
  const after: ChatEvent =
    others(chat, assignment).length > 0
      ? { type: 'AgentCompleted', agentId: assignment.agentId }
      : { type: 'SessionEnded', reason: 'agent-left' };
  return [...say(assignment, message), left, after];
}

function complete(
  chat: Chat,
  assignment: Assignment,
  command: Extract<AgentCommand, { type: 'Complete' }>,
): readonly ChatEvent[] | Refusal {
  const refused = cannotSay(chat, command.message);
  if (refused) return refused;
  const { agentId } = assignment;
  const saved = remember(chat, agentId, command.saveLar);
  const done: ChatEvent = { type: 'AgentCompleted', agentId };
  if (assignment.state === 'LeftChat') return [...saved, done];
  const left: ChatEvent = {
    type: 'ParticipantLeft',
    participantId: joinedAs(assignment),
    reason: 'completed',
  };
  const ends = chat.session === 'Open' && others(chat, assignment).length === 0;
  const ended: ChatEvent[] = ends ? [{ type: 'SessionEnded', reason: 'agent-completed' }] : [];
  return [...say(assignment, command.message), ...saved, left, done, ...ended];
}

function transfer(
  chat: Chat,
  assignment: Assignment,
  command: Extract<AgentCommand, { type: 'Transfer' }>,
): readonly ChatEvent[] | Refusal {
  const { to, message } = command;
  if ('agentId' in to) {
    const target = assignmentOf(chat, to.agentId);
    if (target && isLive(target)) return refuse('NotAllowedInState', 'The target already has this chat.');
  }
  const reason = {
    rule: 'transfer',
    waitedMs: 0,
    effectivePriority: chat.placement.priority,
    eligibleAgents: 1,
  } as const;
  const next: ChatEvent =
    'agentId' in to
      ? { type: 'ChatOffered', agentId: to.agentId, expiresAtMs: to.expiresAtMs, reason }
      : { type: 'ChatQueued', reason: 'transfer', ...to.placement };
  return [
    ...say(assignment, message),
    { type: 'ParticipantLeft', participantId: joinedAs(assignment), reason: 'transferred' },
    { type: 'AgentCompleted', agentId: assignment.agentId },
    next,
  ];
}

/**
 * Gives decided events their place in the log: `seq` dense, `index` for those of the message log.
 * Returns the events as they are stored and the chat after them.
 */
export function stamp(
  chat: Chat | null,
  events: readonly ChatEvent[],
  at: { readonly chatId: ChatId; readonly atMs: number },
): { readonly stored: readonly StoredEvent[]; readonly chat: Chat } {
  const stored: StoredEvent[] = [];
  let state = chat;
  for (const event of events) {
    const seq = (state?.seq ?? 0) + 1;
    const index = isLogged(event) ? { index: state?.nextIndex ?? 1 } : {};
    const one: StoredEvent = { ...at, seq, ...index, event };
    stored.push(one);
    state = evolve(state, one);
  }
  if (!state) throw new Error(`chat ${at.chatId} has no events`);
  return { stored, chat: state };
}

import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { agentGone, endAfterChatWork, raiseAlarm } from './absence.ts';
import { capabilitiesOf, type ChatOperation } from './capabilities.ts';
import {
  assignmentOf,
  carries,
  customerOf,
  evolve,
  isLive,
  seated,
  type Assignment,
  type Chat,
} from './chat.ts';
import { isLogged, type ChatEvent, type StoredEvent } from './chat-event.ts';
import {
  switchedRole,
  type AgentCommand,
  type ChatCommand,
  type CustomerCommand,
  type EventOf,
  type FileCommand,
  type RequestChat,
  type SystemCommand,
} from './commands.ts';
import {
  deleteByAgent,
  deleteByCustomer,
  downloadByCustomer,
  uploadByAgent,
  uploadByCustomer,
} from './files.ts';
import type { AgentId, ChatId } from './ids.ts';
import { accept, askIn, become, cancelConsult, intrude } from './joining.ts';
import { alertIdle, closeIdle, customerGone, endSession, withConsequences } from './lifetime.ts';
import { complete, leave, promote, remove, transfer } from './parting.ts';
import { talk } from './talk.ts';
import { announce, giveUp, overflow } from './waiting.ts';

type Outcome = readonly ChatEvent[] | Refusal;

export function decideRequest(command: RequestChat): readonly ChatEvent[] {
  const { requested, participantId, placement, message, announcement } = command;
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
  const told = announcement ? announce(2, announcement) : [];
  return [requested, joined, ...said, ...told, { type: 'ChatQueued', reason: 'requested', ...placement }];
}

/** What the command makes happen, or why it may not. Pure; changes nothing. */
export function decide(chat: Chat, command: ChatCommand): Outcome {
  const decided = decideAlone(chat, command);
  return isRefusal(decided) ? decided : withConsequences(chat, decided);
}

function decideAlone(chat: Chat, command: ChatCommand): Outcome {
  switch (command.type) {
    case 'Offer':
      return decideOffer(chat, command);
    case 'RevokeOffer':
      return decideRevoke(chat, command);
    case 'AgentGone':
      return agentGone(chat, command);
    case 'EndAfterChatWork':
      return endAfterChatWork(chat, command.agentId);
    case 'RaiseAlarm':
      return raiseAlarm(chat, command.alarm);
    case 'CustomerGone':
      return customerGone(chat);
    case 'AlertIdle':
      return alertIdle(chat, command);
    case 'CloseIdle':
      return closeIdle(chat, command);
    case 'Overflow':
      return overflow(chat, command);
    case 'GiveUp':
      return giveUp(chat, command);
    case 'CustomerSend':
    case 'CustomerTyping':
    case 'CustomerUpdateNickname':
    case 'CustomerPushUrl':
    case 'CustomerNotice':
    case 'CustomerUpdateData':
    case 'CustomerReadReceipt':
    case 'CustomerUploadFile':
    case 'CustomerDownloadFile':
    case 'CustomerDeleteFile':
    case 'CustomerLeave':
      return decideCustomer(chat, command);
    case 'Intrude':
      return intrude(chat, command);
    default:
      return decideAgent(chat, command);
  }
}

function decideOffer(chat: Chat, command: Extract<SystemCommand, { type: 'Offer' }>): Outcome {
  const { agentId, expiresAtMs, reason } = command;
  if (!chat.waiting) return refuse('NotAllowedInState', 'The chat is not waiting for an agent.');
  return [{ type: 'ChatOffered', agentId, expiresAtMs, reason }];
}

function decideRevoke(chat: Chat, command: Extract<SystemCommand, { type: 'RevokeOffer' }>): Outcome {
  const { agentId, reason, notBeforeMs } = command;
  const assignment = assignmentOf(chat, agentId);
  if (assignment?.state !== 'Invited') return refuse('NotAllowedInState', 'There is no open offer.');
  return [
    { type: 'OfferRevoked', agentId, reason },
    ...notTaken(chat, assignment, { reason, untilMs: notBeforeMs }),
  ];
}

/** What becomes of the chat when an offer was not taken: only whoever was to handle it is missed. */
function notTaken(
  chat: Chat,
  { agentId, role }: Assignment,
  { reason, untilMs }: { readonly reason: EventOf<'ChatQueued'>['reason']; readonly untilMs: number },
): readonly ChatEvent[] {
  if (role !== 'Handler') return [];
  const members = seated(chat).filter((one) => carries(one.role));
  if (members.length > 0) return promote(members);
  return [{ type: 'ChatQueued', reason, ...chat.placement, excluded: { agentId, untilMs } }];
}

function decideCustomer(chat: Chat, command: CustomerCommand): Outcome {
  // What was sent before the end can be fetched after it.
  if (command.type === 'CustomerDownloadFile')
    return downloadByCustomer(chat, command.fileId, command.maxDownloads);
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
    case 'CustomerUpdateNickname':
    case 'CustomerPushUrl':
    case 'CustomerNotice':
    case 'CustomerUpdateData':
    case 'CustomerReadReceipt':
      return decideRemark(chat, command);
    case 'CustomerUploadFile':
      return uploadByCustomer(chat, command.file, command.quota);
    case 'CustomerDeleteFile':
      return deleteByCustomer(chat, command.fileId);
    case 'CustomerLeave':
      return endSession(chat, 'CustomerLeave');
  }
}

type Remark = Exclude<
  CustomerCommand,
  { type: 'CustomerSend' | 'CustomerTyping' | 'CustomerLeave' } | FileCommand
>;

/** What a customer does besides talking; what changes nothing makes nothing happen. */
function decideRemark(chat: Chat, command: Remark): readonly ChatEvent[] {
  const { participantId, nickname } = customerOf(chat);
  const from = { participantId, visibility: 'All' } as const;
  switch (command.type) {
    case 'CustomerUpdateNickname':
      return command.nickname === nickname
        ? []
        : [{ type: 'NicknameUpdated', ...from, nickname: command.nickname }];
    case 'CustomerPushUrl':
      return [{ type: 'UrlSent', ...from, url: command.url }];
    case 'CustomerNotice':
      return [{ type: 'CustomNoticeSent', ...from, noticeText: command.noticeText }];
    case 'CustomerUpdateData': {
      const isNew = Object.entries(command.userData).some(([key, value]) => chat.userData[key] !== value);
      return isNew ? [{ type: 'UserDataChanged', set: command.userData, removed: [] }] : [];
    }
    case 'CustomerReadReceipt': {
      const position = Math.min(command.position, chat.nextIndex - 1);
      return position > chat.readPosition ? [{ type: 'ReadConfirmed', ...from, position }] : [];
    }
  }
}

function decideAgent(chat: Chat, command: AgentCommand): Outcome {
  const { agentId } = command;
  const assignment = assignmentOf(chat, agentId);
  const refused = impossible(chat, agentId, command.type);
  if (refused || !assignment) return refused ?? refuse('NotFound');
  const said = talk(assignment, command);
  return said ?? operate(chat, assignment, command);
}

/** Why the agent may not ask for the operation: NotFound, or not among their capabilities; null when they may. */
export function impossible(chat: Chat, agentId: AgentId, operation: ChatOperation): Refusal | null {
  const assignment = assignmentOf(chat, agentId);
  if (!assignment) return refuse('NotFound');
  return capabilitiesOf(chat, agentId).includes(operation)
    ? null
    : refuse('NotAllowedInState', refusalSentence(operation, assignment));
}

function refusalSentence(operation: ChatOperation, assignment: Assignment): string {
  const as = isLive(assignment) ? ` for its ${assignment.role}` : '';
  return `${operation} is not possible now: the chat is ${assignment.state}${as}.`;
}

function operate(chat: Chat, assignment: Assignment, command: AgentCommand): Outcome {
  const { agentId } = command;
  switch (command.type) {
    case 'Accept':
      return accept(chat, assignment, command);
    case 'Reject': {
      const after = notTaken(chat, assignment, { reason: 'rejected', untilMs: command.notBeforeMs });
      return [{ type: 'OfferRejected', agentId }, ...after];
    }
    case 'Leave':
      return leave(chat, assignment, command.message);
    case 'Complete':
    case 'LeaveAndComplete':
      return complete(chat, assignment, command);
    case 'Transfer':
      return transfer(chat, assignment, command);
    case 'Consult':
    case 'Invite':
      return askIn(chat, command);
    case 'CancelConsult':
      return cancelConsult(chat, agentId);
    case 'RemoveParticipantFromConference':
      return remove(chat, assignment, command);
    case 'SwitchToMonitor':
    case 'SwitchToCoach':
    case 'SwitchToBargeIn': {
      const { participantId } = command;
      return become(chat, assignment, { role: switchedRole[command.type], participantId });
    }
    case 'UploadFile':
      return uploadByAgent(chat, assignment, command);
    case 'DeleteFile':
      return deleteByAgent(chat, assignment, command.fileId);
    default:
      return annotate(agentId, command);
  }
}

/** What changes the case and not the conversation (gws-agent-api §4.16–§4.18). */
function annotate(agentId: AgentId, command: AgentCommand): readonly ChatEvent[] {
  switch (command.type) {
    case 'AttachUserData':
    case 'UpdateUserData':
      return [{ type: 'UserDataChanged', agentId, set: command.userData, removed: [] }];
    case 'DeleteUserData':
      return [{ type: 'UserDataChanged', agentId, set: {}, removed: command.keys }];
    case 'SetDisposition':
      return [{ type: 'DispositionSet', agentId, key: command.key, disposition: command.disposition }];
    // What is in focus is for reports only; nothing of it is kept.
    default:
      return [];
  }
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

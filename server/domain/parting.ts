import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import {
  assignmentOf,
  carries,
  isLive,
  isSupervisor,
  offeredHandler,
  seated,
  type Assignment,
  type Chat,
} from './chat.ts';
import type { ChatEvent, QueuePlacement } from './chat-event.ts';
import type { AgentCommandOf, EventOf, Text } from './commands.ts';
import type { AgentId } from './ids.ts';
import { become, reasonOf, remember } from './joining.ts';
import { cannotSay, joinedAs, say } from './talk.ts';
import { visibilityOf } from './visibility.ts';

type Outcome = readonly ChatEvent[] | Refusal;

/** The other agents who talk with the customer, the longest there first. */
function othersCarrying(chat: Chat, agentId: AgentId): readonly Assignment[] {
  return seated(chat).filter((one) => one.agentId !== agentId && carries(one.role));
}

export function left(assignment: Assignment, reason: EventOf<'ParticipantLeft'>['reason']): ChatEvent {
  const visibility = visibilityOf[assignment.role];
  return { type: 'ParticipantLeft', participantId: joinedAs(assignment), reason, visibility };
}

/** Nobody carries the chat any more: those who were there for its agents go, those asked in are not needed. */
function releaseOthers(chat: Chat): readonly ChatEvent[] {
  return chat.assignments.flatMap((one): ChatEvent[] => {
    const { agentId, role, state } = one;
    if (carries(role) && state === 'Chatting') return [];
    if (state === 'Invited' && role !== 'Handler')
      return [{ type: 'OfferRevoked', agentId, reason: 'withdrawn' }];
    if (state !== 'Chatting') return [];
    return [left(one, 'released'), { type: 'AgentReleased', agentId }];
  });
}

/** What the agent had asked for and nobody has answered. */
function withdraw(chat: Chat, inviter: AgentId): readonly ChatEvent[] {
  return chat.assignments
    .filter((one) => one.state === 'Invited' && one.invitation?.invitedBy === inviter)
    .map(({ agentId }): ChatEvent => ({ type: 'OfferRevoked', agentId, reason: 'withdrawn' }));
}

/** Without a handler in or on the way to the chat, the member who has been there longest becomes it. */
export function promote(members: readonly Assignment[]): readonly ChatEvent[] {
  const [oldest] = members;
  if (!oldest || members.some((one) => one.role === 'Handler')) return [];
  const { agentId } = oldest;
  return [{ type: 'RoleChanged', agentId, role: 'Handler', participantId: joinedAs(oldest) }];
}

/**
 * The agent goes, by `reason`. `isLast`: they were the last to carry the chat and nobody is asked to take over, so
 * that the conversation ends with them.
 */
export function depart(
  chat: Chat,
  assignment: Assignment,
  reason: EventOf<'ParticipantLeft'>['reason'],
): { readonly going: readonly ChatEvent[]; readonly after: readonly ChatEvent[]; readonly isLast: boolean } {
  const { agentId, role } = assignment;
  if (!carries(role)) return { going: [left(assignment, reason)], after: [], isLast: false };
  const others = othersCarrying(chat, agentId);
  const isTakenOver = offeredHandler(chat) !== undefined;
  const companions = others.length > 0 ? withdraw(chat, agentId) : releaseOthers(chat);
  return {
    going: [...companions, left(assignment, reason)],
    after: isTakenOver ? [] : promote(others),
    isLast: others.length === 0 && !isTakenOver,
  };
}

/**
 * Leave (§4.14): the last agent's leaving ends the session, or lets an asynchronous chat sleep; from a conference or a
 * consultation only they go.
 */
export function leave(chat: Chat, assignment: Assignment, message: Text | undefined): Outcome {
  const refused = cannotSay(chat, message);
  if (refused) return refused;
  const { going, after, isLast } = depart(chat, assignment, 'left');
  const ends = chat.session === 'Open' && !chat.isAsync;
  const ended: ChatEvent[] = ends ? [{ type: 'SessionEnded', reason: 'agent-left' }] : [];
  const done: ChatEvent = { type: 'AgentCompleted', agentId: assignment.agentId };
  return [...say(assignment, message), ...going, ...(isLast ? ended : [done, ...after])];
}

/**
 * Complete and LeaveAndComplete (§4.15, §4.20); with `placement` the chat goes into a queue for after-chat work. An
 * asynchronous chat ends by Complete only, and only for an agent who is in it.
 */
export function complete(
  chat: Chat,
  assignment: Assignment,
  command: AgentCommandOf<'Complete' | 'LeaveAndComplete'>,
): Outcome {
  const { agentId, state } = assignment;
  const placement = command.type === 'Complete' ? command.placement : undefined;
  const parting =
    state === 'LeftChat' ? { going: [], after: [], isLast: true } : depart(chat, assignment, 'completed');
  const refused =
    cannotSay(chat, command.message) ??
    (parting.isLast ? withoutDisposition(chat, command.dispositionKey) : null) ??
    (placement && !parting.isLast
      ? refuse('NotAllowedInState', 'Only the last agent can put the chat into a queue.')
      : null);
  if (refused) return refused;
  const sleeps = chat.isAsync && (state === 'LeftChat' || command.type === 'LeaveAndComplete');
  const ends = parting.isLast && chat.session === 'Open' && !sleeps;
  return [
    ...say(assignment, command.message),
    ...remember(chat, agentId, command.saveLar),
    ...parting.going,
    { type: 'AgentCompleted', agentId },
    ...parting.after,
    ...(ends ? [{ type: 'SessionEnded', reason: 'agent-completed' } as const] : []),
    ...(placement ? [{ type: 'ChatQueued', reason: 'after-work', ...placement } as const] : []),
  ];
}

function withoutDisposition(chat: Chat, key: string | undefined): Refusal | null {
  if (key === undefined) return null;
  const given = chat.userData[key];
  return typeof given === 'string' && given !== ''
    ? null
    : refuse('NotAllowedInState', 'Set a disposition before you complete the chat.');
}

/** Transfer (§4.9): the handler is done at once; an agent who is in the chat takes over without being asked. */
export function transfer(chat: Chat, assignment: Assignment, command: AgentCommandOf<'Transfer'>): Outcome {
  const { to, message } = command;
  const next = 'agentId' in to ? handOver(chat, to) : requeue(chat, assignment, to.placement);
  if (isRefusal(next)) return next;
  const { agentId } = assignment;
  const isThere = 'agentId' in to && assignmentOf(chat, to.agentId)?.state === 'Chatting';
  const others = othersCarrying(chat, agentId);
  const stays = isThere || others.length > 0;
  return [
    ...say(assignment, message),
    ...(stays ? withdraw(chat, agentId) : releaseOthers(chat)),
    left(assignment, 'transferred'),
    { type: 'AgentCompleted', agentId },
    ...next,
  ];
}

function handOver(chat: Chat, to: Extract<AgentCommandOf<'Transfer'>['to'], { agentId: AgentId }>): Outcome {
  const target = assignmentOf(chat, to.agentId);
  if (target?.state === 'Chatting' && (target.role === 'Member' || target.role === 'Consultant'))
    return become(chat, target, { role: 'Handler', participantId: to.participantId });
  if (target && isLive(target)) return refuse('NotAllowedInState', 'The target already has this chat.');
  const { agentId, expiresAtMs } = to;
  return [{ type: 'ChatOffered', agentId, expiresAtMs, reason: reasonOf(chat, 'transfer') }];
}

function requeue(chat: Chat, assignment: Assignment, placement: QueuePlacement): Outcome {
  if (othersCarrying(chat, assignment.agentId).length > 0)
    return refuse(
      'NotAllowedInState',
      'Others are in the chat: hand it to one of them, or leave it to them.',
    );
  return [{ type: 'ChatQueued', reason: 'transfer', ...placement }];
}

/** RemoveParticipantFromConference (§4.13): members only; a supervisor is not the agents' to remove. */
export function remove(
  chat: Chat,
  assignment: Assignment,
  command: AgentCommandOf<'RemoveParticipantFromConference'>,
): Outcome {
  const target = seated(chat).find((one) => one.agentId === command.target);
  if (!target) return refuse('NotFound', 'The target is not in this chat.');
  if (isSupervisor(target.role)) return refuse('Forbidden', 'A supervisor cannot be removed.');
  if (target.role !== 'Member') return refuse('NotAllowedInState', 'The target is not part of a conference.');
  return [
    ...say(assignment, command.message),
    ...withdraw(chat, target.agentId),
    left(target, 'removed'),
    { type: 'AgentCompleted', agentId: target.agentId },
  ];
}

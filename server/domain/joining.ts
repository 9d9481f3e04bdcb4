import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import {
  assignmentOf,
  carries,
  isLive,
  isSupervisor,
  partyOf,
  seated,
  type Assignment,
  type Chat,
} from './chat.ts';
import type { ChatEvent, ChatRole, OfferReason, Participant } from './chat-event.ts';
import type { AgentCommandOf, IntrudeCommand } from './commands.ts';
import type { AgentId, ParticipantId } from './ids.ts';
import { joinedAs } from './talk.ts';
import { visibilityOf } from './visibility.ts';

type Outcome = readonly ChatEvent[] | Refusal;

function seat(
  role: ChatRole,
  { ordinal, ...who }: Pick<Participant, 'participantId' | 'ordinal' | 'nickname'> & { agentId: AgentId },
): ChatEvent {
  const participant = { ...who, ordinal, type: 'Agent', visibility: visibilityOf[role] } as const;
  return { type: 'ParticipantJoined', participant };
}

/** The profile of the contact remembers the agent (saveLAR, gws-agent-api §7.1). */
export function remember(chat: Chat, agentId: AgentId, saveLar: boolean): readonly ChatEvent[] {
  return saveLar ? [{ type: 'LastAgentSaved', contactId: chat.contactId, agentId }] : [];
}

/** Accept (§4.1). The supervisors who watch the agent come in behind them (§9). */
export function accept(
  chat: Chat,
  assignment: Assignment,
  command: AgentCommandOf<'Accept'>,
): readonly ChatEvent[] {
  const { agentId, nickname, participantId } = command;
  const { role } = assignment;
  const accepted: ChatEvent = { type: 'OfferAccepted', agentId, participantId };
  const saved = remember(chat, agentId, command.saveLar);
  // After-chat work from a queue: there is no conversation to join any more.
  if (chat.session === 'Ended') return [accepted, ...saved];
  const first = chat.parties.length + 1;
  const watching = carries(role) ? (command.supervisors ?? []) : [];
  const added = watching
    .filter((one) => one.agentId !== agentId && !isBusy(chat, one.agentId))
    .flatMap((one, at): ChatEvent[] => {
      const { nickname: name, ...who } = one;
      return [
        { type: 'SupervisorAdded', ...who, watched: agentId },
        seat(one.role, {
          agentId: one.agentId,
          participantId: one.participantId,
          ordinal: first + 1 + at,
          nickname: name,
        }),
      ];
    });
  return [accepted, seat(role, { agentId, participantId, ordinal: first, nickname }), ...saved, ...added];
}

function isBusy(chat: Chat, agentId: AgentId): boolean {
  const assignment = assignmentOf(chat, agentId);
  return assignment !== undefined && isLive(assignment);
}

/**
 * The agent, who is in the chat, becomes something else in it. Where that changes who sees them they take another
 * seat: one stay of a participant has one visibility, so that nobody's past words come to light or disappear.
 */
export function become(
  chat: Chat,
  assignment: Assignment,
  to: { readonly role: ChatRole; readonly participantId: ParticipantId },
): readonly ChatEvent[] {
  const { agentId, role } = assignment;
  const old = joinedAs(assignment);
  const visibility = visibilityOf[role];
  if (visibility === visibilityOf[to.role])
    return [{ type: 'RoleChanged', agentId, role: to.role, participantId: old }];
  const nickname = partyOf(chat, old)?.nickname ?? '';
  const { participantId } = to;
  return [
    { type: 'ParticipantLeft', participantId: old, reason: 'switched', visibility },
    { type: 'RoleChanged', agentId, ...to },
    seat(to.role, { agentId, participantId, nickname, ordinal: chat.parties.length + 1 }),
  ];
}

/** An offer that a person makes: nobody waited for it. */
export function reasonOf(chat: Chat, rule: OfferReason['rule']): OfferReason {
  return { rule, waitedMs: 0, effectivePriority: chat.placement.priority, eligibleAgents: 1 };
}

/** Consult and Invite (§4.10, §4.12): a consultant who is there already becomes a member at once. */
export function askIn(chat: Chat, command: AgentCommandOf<'Consult' | 'Invite'>): Outcome {
  const { type, agentId, asked } = command;
  const present = assignmentOf(chat, asked.agentId);
  if (type === 'Invite' && present?.state === 'Chatting' && present.role === 'Consultant')
    return become(chat, present, { role: 'Member', participantId: asked.participantId });
  if (present && isLive(present)) return refuse('NotAllowedInState', 'The target already has this chat.');
  return [
    {
      type: 'ChatOffered',
      agentId: asked.agentId,
      expiresAtMs: asked.expiresAtMs,
      reason: reasonOf(chat, type === 'Consult' ? 'consult' : 'invite'),
      role: type === 'Consult' ? 'Consultant' : 'Member',
      invitation: { invitedBy: agentId, referenceId: asked.referenceId },
    },
  ];
}

/** CancelConsult (§4.11): takes the agent's unanswered consultations back; refused when there is none such. */
export function cancelConsult(chat: Chat, agentId: AgentId): Outcome {
  const open = chat.assignments.filter(
    (one) => one.state === 'Invited' && one.role === 'Consultant' && one.invitation?.invitedBy === agentId,
  );
  if (open.length === 0) return refuse('NotAllowedInState', 'The consultant has accepted already.');
  return open.map((one): ChatEvent => ({ type: 'OfferRevoked', agentId: one.agentId, reason: 'cancelled' }));
}

/** Intrude (§9): the supervisor is offered the chat; NotFound when the agent named is not in it. */
export function intrude(chat: Chat, command: IntrudeCommand): Outcome {
  const { agentId, watched, role, expiresAtMs } = command;
  const isThere = seated(chat).some((one) => one.agentId === watched && !isSupervisor(one.role));
  if (!isThere) return refuse('NotFound', 'The user has no such chat.');
  if (chat.session === 'Ended') return refuse('ChatEnded');
  if (isBusy(chat, agentId)) return refuse('NotAllowedInState', 'You already have this chat.');
  return [{ type: 'ChatOffered', agentId, expiresAtMs, role, reason: reasonOf(chat, 'intrude') }];
}

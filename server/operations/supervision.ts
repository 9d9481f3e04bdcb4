import { isRefusal, refuse, type Refusal } from '@parley/contract/refusals.ts';
import { monitor, monitorNoMore, type Monitoring } from '../domain/agent.ts';
import { assignmentOf, isSupervisor, type Chat } from '../domain/chat.ts';
import type { SupervisorRole } from '../domain/chat-event.ts';
import type { AgentCommandOf, JoiningSupervisor } from '../domain/commands.ts';
import { newParticipantId, type AgentId, type ChatId } from '../domain/ids.ts';
import type { Operations } from './operations.ts';
import { offerEndsAtMs } from './queues.ts';
import { untilTaken } from './take.ts';

export interface MonitoringRequest {
  readonly role: SupervisorRole;
  readonly mode: Monitoring['mode'];
  /** The name under which the supervisor comes in; their configured nickname when absent. */
  readonly nickname?: string | undefined;
}

/**
 * Monitor, Coach, BargeIn on a user's channel (gws-agent-api §9): from now on the supervisor comes in when the user
 * accepts a chat. A second request takes the place of the first. NotFound for an unknown user, Forbidden for
 * oneself, NotAllowedInState without a contact-centre session.
 */
export async function startMonitoring(
  operations: Operations,
  supervisorId: AgentId,
  { userId, ...request }: MonitoringRequest & { readonly userId: AgentId },
): Promise<Refusal | null> {
  const refused = cannotWatch(operations, supervisorId, userId);
  if (refused) return refused;
  const { role, mode } = request;
  const nickname = request.nickname ?? operations.people.get(supervisorId)?.nickname ?? '';
  const changed = await operations.roster.change(supervisorId, (state) =>
    monitor(state, { agentId: userId, role, mode, nickname }),
  );
  return isRefusal(changed) ? changed : null;
}

function cannotWatch(operations: Operations, supervisorId: AgentId, userId: AgentId): Refusal | null {
  if (!operations.people.has(userId)) return refuse('NotFound', 'There is no such user.');
  if (userId === supervisorId) return refuse('Forbidden', 'Nobody supervises themself.');
  return operations.roster.stateOf(supervisorId).sessionStartedAtMs === null
    ? refuse('NotAllowedInState', 'Start a contact-centre session first.')
    : null;
}

/** CancelSupervisorMonitoring (§9); NotAllowedInState when the user is not watched. Running chats go on. */
export async function cancelMonitoring(
  operations: Operations,
  supervisorId: AgentId,
  userId: AgentId,
): Promise<Refusal | null> {
  if (!operations.people.has(userId)) return refuse('NotFound', 'There is no such user.');
  const changed = await operations.roster.change(supervisorId, (state) => monitorNoMore(state, userId));
  if (isRefusal(changed)) return changed;
  return changed.before === changed.after
    ? refuse('NotAllowedInState', 'This user is not being monitored.')
    : null;
}

/** Intrude (§9): the supervisor is offered a chat that the user is in. The refusals are those of `decide`, and those above. */
export async function intrude(
  operations: Operations,
  supervisorId: AgentId,
  request: { readonly userId: AgentId; readonly chatId: ChatId; readonly role: SupervisorRole },
): Promise<Refusal | null> {
  const { userId, chatId, role } = request;
  const refused = cannotWatch(operations, supervisorId, userId);
  if (refused) return refused;
  const outcome = await operations.chats.submit(
    chatId,
    {
      type: 'Intrude',
      agentId: supervisorId,
      watched: userId,
      role,
      expiresAtMs: offerEndsAtMs(operations, chatId),
    },
    { agentId: supervisorId, referenceId: operations.nextReferenceId() },
  );
  return isRefusal(outcome) ? outcome : null;
}

/** The chats in which the user talks or is asked for advice, for a supervisor to choose from. */
export function chatsToIntrude(operations: Operations, userId: AgentId): readonly Chat[] {
  return operations.chats.chatsOf(userId).filter((chat) => {
    const assignment = assignmentOf(chat, userId);
    return assignment?.state === 'Chatting' && !isSupervisor(assignment.role);
  });
}

/** The supervisors who come in with the agent when they accept a chat now, each with a seat of their own. */
export function supervisorsOf(operations: Operations, agentId: AgentId): readonly JoiningSupervisor[] {
  const found: JoiningSupervisor[] = [];
  for (const { state } of operations.roster.heads()) {
    const watched = state.monitoring?.find((one) => one.agentId === agentId);
    if (!watched || state.sessionStartedAtMs === null) continue;
    const participantId = newParticipantId(operations.random);
    const { role, nickname } = watched;
    found.push({ agentId: state.agentId, role, nickname, participantId });
  }
  return found;
}

/** NextChat means one chat: whoever has come in with this Accept for that is done. */
export function consumeMonitoring(
  { chats, clock, roster }: Operations,
  command: AgentCommandOf<'Accept'>,
  chatId: ChatId,
): void {
  const chat = chats.head(chatId);
  for (const one of command.supervisors ?? []) {
    const seat = chat && assignmentOf(chat, one.agentId);
    if (seat?.participantId !== one.participantId) continue;
    void untilTaken(clock, () =>
      roster.change(one.agentId, (state) => monitorNoMore(state, command.agentId, 'NextChat')),
    );
  }
}

import { assignmentOf, seated, type Assignment, type Chat } from './chat.ts';
import type { ChatRole } from './chat-event.ts';
import type { AgentId } from './ids.ts';
import { maySee, sightOf, visibilityOf } from './visibility.ts';

/**
 * Where an agent stands with a chat: asked in, in the conversation as what, the same after the customer has gone, or
 * with after-chat work to do.
 */
export type Situation = 'Invited' | ChatRole | `${ChatRole}AfterEnd` | 'LeftChat';

const carrying = ['Handler', 'Member'] as const;
const carryingAfterEnd = ['HandlerAfterEnd', 'MemberAfterEnd'] as const;
const conversing = [...carrying, 'Consultant', 'Monitor', 'Coach', 'BargeIn'] as const;
const inChat = [
  ...conversing,
  ...carryingAfterEnd,
  'ConsultantAfterEnd',
  'MonitorAfterEnd',
  'CoachAfterEnd',
  'BargeInAfterEnd',
] as const;
const untilCompleted = [...inChat, 'LeftChat'] as const;
/** Those who work on the case: supervisors who are not heard by the customer do not. */
const working = [
  ...carrying,
  ...carryingAfterEnd,
  'Consultant',
  'ConsultantAfterEnd',
  'BargeIn',
  'BargeInAfterEnd',
  'LeftChat',
] as const;

/**
 * What must be so besides the situation: another agent whom they see, a consultation of theirs, a conference member, a
 * file.
 */
type Need = 'colleague' | 'consultation' | 'member' | 'file';

interface Row {
  readonly in: readonly Situation[];
  readonly needs?: Need;
}

/**
 * The one table of what an agent may do: operation → situations in which it is accepted. The wire's `capabilities`,
 * the check in `decide` and the desk's buttons all read it. The order is the order on the wire: the founding page's
 * seven first. `InFocus` is the older name of `SetInFocus`; both are advertised and accepted (gws-agent-api §10, row 5).
 */
export const chatOperations = {
  Accept: { in: ['Invited'] },
  Reject: { in: ['Invited'] },
  Transfer: { in: ['Handler'] },
  Complete: { in: untilCompleted },
  Leave: { in: inChat },
  InFocus: { in: untilCompleted },
  SendMessage: { in: conversing },
  SendStartTypingNotification: { in: conversing },
  SendStopTypingNotification: { in: conversing },
  SetInFocus: { in: untilCompleted },
  SendUrl: { in: conversing },
  SendCustomNotice: { in: conversing },
  Consult: { in: carrying },
  CancelConsult: { in: carrying, needs: 'consultation' },
  Invite: { in: carrying },
  RemoveParticipantFromConference: { in: ['Handler'], needs: 'member' },
  SendToAgents: { in: conversing, needs: 'colleague' },
  SendStartTypingToAgentsNotification: { in: conversing, needs: 'colleague' },
  SendStopTypingToAgentsNotification: { in: conversing, needs: 'colleague' },
  SendCustomNoticeToAgents: { in: conversing, needs: 'colleague' },
  SetDisposition: { in: [...carrying, ...carryingAfterEnd, 'LeftChat'] },
  AttachUserData: { in: working },
  UpdateUserData: { in: working },
  DeleteUserData: { in: working },
  LeaveAndComplete: { in: inChat },
  // Files go to everybody, so only those send them whom everybody hears; a file that must go can go after the end, too.
  UploadFile: { in: [...carrying, 'BargeIn'] },
  DeleteFile: { in: [...carrying, ...carryingAfterEnd, 'BargeIn'], needs: 'file' },
  SwitchToMonitor: { in: ['Coach', 'BargeIn'] },
  SwitchToCoach: { in: ['Monitor', 'BargeIn'] },
  SwitchToBargeIn: { in: ['Monitor', 'Coach'] },
} as const satisfies Record<string, Row>;

export type ChatOperation = keyof typeof chatOperations;

export const chatOperationNames = Object.keys(chatOperations) as readonly ChatOperation[];

/** The agent's situation in the chat, or null when the chat asks nothing of them. */
export function situationOf(chat: Chat, agentId: AgentId): Situation | null {
  const assignment = assignmentOf(chat, agentId);
  if (!assignment) return null;
  const { state, role } = assignment;
  if (state === 'Chatting') return chat.session === 'Open' ? role : `${role}AfterEnd`;
  return state === 'Invited' || state === 'LeftChat' ? state : null;
}

const situations: readonly Situation[] = ['Invited', ...untilCompleted];

const bySituation = new Map(
  situations.map((situation): [Situation, readonly ChatOperation[]] => [
    situation,
    chatOperationNames.filter((name) => (chatOperations[name] as Row).in.includes(situation)),
  ]),
);

/** Whether the agent asked this one in for a consultation that is not over, answered or not. */
export function consults(agentId: AgentId, { role, state, invitation }: Assignment): boolean {
  if (role !== 'Consultant' || invitation?.invitedBy !== agentId) return false;
  return state === 'Invited' || state === 'Chatting';
}

const isMet: Record<Need, (chat: Chat, agentId: AgentId) => boolean> = {
  colleague(chat, agentId) {
    const sight = sightOf(chat, agentId);
    return seated(chat).some((one) => one.agentId !== agentId && maySee(sight, visibilityOf[one.role]));
  },
  consultation: (chat, agentId) => chat.assignments.some((one) => consults(agentId, one)),
  file: (chat) => chat.files.some(({ isDeleted }) => !isDeleted),
  member: (chat, agentId) => seated(chat).some((one) => one.agentId !== agentId && one.role === 'Member'),
};

/** What the agent may do with the chat now; empty when they have nothing to do with it. */
export function capabilitiesOf(chat: Chat, agentId: AgentId): readonly ChatOperation[] {
  const situation = situationOf(chat, agentId);
  const possible = situation ? (bySituation.get(situation) ?? []) : [];
  return possible.filter((name) => {
    const { needs }: Row = chatOperations[name];
    return !needs || isMet[needs](chat, agentId);
  });
}

export function isChatOperation(name: string): name is ChatOperation {
  return Object.hasOwn(chatOperations, name);
}

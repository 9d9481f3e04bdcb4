import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import { assignmentOf, seated, carries, type Assignment, type Chat } from './chat.ts';
import type { Alarm, ChatEvent } from './chat-event.ts';
import type { EventOf, SystemCommand } from './commands.ts';
import type { AgentId } from './ids.ts';
import { depart } from './parting.ts';
import { announce } from './waiting.ts';

type Outcome = readonly ChatEvent[] | Refusal;
/** Why an agent's after-chat work ends without their doing. */
type EndedBy = Extract<EventOf<'AgentCompleted'>['reason'], 'agent-gone' | 'time-out'>;
type AgentGone = Extract<SystemCommand, { type: 'AgentGone' }>;

/**
 * The agent is gone and whatever they had to do with the chat ends. When nobody else carries the conversation the chat
 * goes back to its queue, in the place of its first wait, and the customer is told. An open offer is not this
 * command's.
 */
export function agentGone(chat: Chat, { agentId, announcement }: AgentGone): Outcome {
  const assignment = assignmentOf(chat, agentId);
  if (assignment?.state !== 'Chatting') return endAfterChatWork(chat, agentId, 'agent-gone');
  if (chat.session === 'Ended') return complete(chat, assignment, 'agent-gone');
  const { going, after, isLast } = depart(chat, assignment, 'agent-gone');
  const released: ChatEvent = { type: 'AgentReleased', agentId, reason: 'agent-gone' };
  // An asynchronous chat in which the customer has been answered sleeps.
  const sleeps = chat.isAsync && chat.unansweredSinceMs === null;
  if (!isLast || sleeps) return [...going, released, ...after];
  const told = announcement ? announce(chat.parties.length + 1, announcement) : [];
  return [...going, released, ...told, { type: 'ChatQueued', reason: 'agent-gone', ...chat.placement }];
}

/** Completes what the agent has left to do after the conversation; NotAllowedInState when there is nothing such. */
export function endAfterChatWork(chat: Chat, agentId: AgentId, reason: EndedBy = 'time-out'): Outcome {
  const assignment = assignmentOf(chat, agentId);
  if (assignment?.state === 'LeftChat') return [{ type: 'AgentCompleted', agentId, reason }];
  return assignment?.state === 'Chatting' && chat.session === 'Ended'
    ? complete(chat, assignment, reason)
    : refuse('NotAllowedInState', 'There is no after-chat work to end.');
}

/** The agent stayed on in a conversation that had ended. */
function complete(chat: Chat, assignment: Assignment, reason: EndedBy): readonly ChatEvent[] {
  const { going, after } = depart(chat, assignment, reason);
  return [...going, { type: 'AgentCompleted', agentId: assignment.agentId, reason }, ...after];
}

/** Each alarm is raised once until it is over, and only while somebody is there to be alarmed. */
export function raiseAlarm(chat: Chat, alarm: Alarm): Outcome {
  const isTalking = chat.session === 'Open' && seated(chat).some((one) => carries(one.role));
  return isTalking && !chat.alarms.includes(alarm)
    ? [{ type: 'AlarmRaised', alarm }]
    : refuse('NotAllowedInState', 'There is nothing to be alarmed about.');
}

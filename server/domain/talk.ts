import { refuse, type Refusal } from '@parley/contract/refusals.ts';
import type { Assignment, Chat } from './chat.ts';
import type { ChatEvent, Visibility } from './chat-event.ts';
import type { AgentCommand, Text } from './commands.ts';
import type { ParticipantId } from './ids.ts';
import { narrower, visibilityOf } from './visibility.ts';

/** The agent's seat in the conversation. Throws when they have none: the table of operations has let them through. */
export function joinedAs(assignment: Assignment): ParticipantId {
  if (!assignment.participantId)
    throw new Error(`agent ${assignment.agentId} is ${assignment.state} without a seat`);
  return assignment.participantId;
}

/** The agent's words, as far as they are heard: a consultant's reach agents only, whatever they are sent with. */
export function say(
  assignment: Assignment,
  message: Text | undefined,
  visibility: Visibility = 'All',
): readonly ChatEvent[] {
  return message ? [{ type: 'TextSent', ...from(assignment, visibility), ...message }] : [];
}

function from(
  assignment: Assignment,
  visibility: Visibility,
): { readonly participantId: ParticipantId; readonly visibility: Visibility } {
  return {
    participantId: joinedAs(assignment),
    visibility: narrower(visibility, visibilityOf[assignment.role]),
  };
}

/** A message that goes along with an operation needs somebody to read it. */
export function cannotSay(chat: Chat, message: Text | undefined): Refusal | null {
  return message && chat.session === 'Ended'
    ? refuse('NotAllowedInState', 'The chat has ended; the text was not sent.')
    : null;
}

/** Messages, pushed pages, notices and typing (gws-agent-api §4.3–§4.8); null when the command is none of them. */
export function talk(assignment: Assignment, command: AgentCommand): readonly ChatEvent[] | null {
  switch (command.type) {
    case 'SendMessage':
      return say(assignment, command.message);
    case 'SendToAgents':
      return say(assignment, command.message, 'Agents');
    case 'SendUrl':
      return [{ type: 'UrlSent', ...from(assignment, 'All'), url: command.url }];
    case 'SendCustomNotice':
      return [{ type: 'CustomNoticeSent', ...from(assignment, 'All'), noticeText: command.noticeText }];
    case 'SendCustomNoticeToAgents':
      return [{ type: 'CustomNoticeSent', ...from(assignment, 'Agents'), noticeText: command.noticeText }];
    case 'SendStartTypingNotification':
      return [{ type: 'TypingStarted', ...from(assignment, 'All') }];
    case 'SendStopTypingNotification':
      return [{ type: 'TypingStopped', ...from(assignment, 'All') }];
    case 'SendStartTypingToAgentsNotification':
      return [{ type: 'TypingStarted', ...from(assignment, 'Agents') }];
    case 'SendStopTypingToAgentsNotification':
      return [{ type: 'TypingStopped', ...from(assignment, 'Agents') }];
    default:
      return null;
  }
}

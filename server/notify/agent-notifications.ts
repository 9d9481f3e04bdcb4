import type { ChatStateChangeMessage, MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import { assignmentOf, isLive, type Assignment, type Chat } from '../domain/chat.ts';
import type { AgentId } from '../domain/ids.ts';
import type { Commit } from '../operations/chat-book.ts';
import { chatView, messageView, visibleEntries } from '../views/agent-view.ts';
import type { WireFormat } from '../views/wire-format.ts';

/** The topic on which agents hear of their chats (gws-agent-api §3.2). */
export const chatsTopic = '/v2/me/chats';

/** A notification and the agents it goes to; one object for all of them, so that it is serialised once. */
export interface AgentNotification {
  readonly agentIds: readonly AgentId[];
  readonly message: ChatStateChangeMessage | MessageLogUpdated;
}

export interface NotificationContext {
  readonly wire: WireFormat;
  /** The whole message log of the chat, for whoever joins. */
  readonly history: (chat: Chat) => Commit['stored'];
}

interface Change {
  readonly agentId: AgentId;
  readonly before: Assignment | undefined;
  readonly after: Assignment;
}

/**
 * What the agents of a chat are told about a commit, in the order in which each must hear it:
 * StatusChange, ParticipantsUpdated, MessageLogUpdated, as on the founding page; when an agent's part ends
 * (Completed, Revoked) the messages come first, for clients drop a finished chat.
 */
export function agentNotifications(commit: Commit, context: NotificationContext): AgentNotification[] {
  const changes = changesOf(commit).filter(
    ({ before, after }) => isLive(after) || (before && isLive(before)),
  );
  const ended = changes.filter(({ after }) => !isLive(after));
  const going = changes.filter(({ after }) => isLive(after));
  return [
    ...messageLog(commit, ended, context),
    ...ended.flatMap((change) => statusChange(commit, change, context)),
    ...going.flatMap((change) => [
      ...statusChange(commit, change, context),
      ...participantsUpdated(commit, change, context),
    ]),
    ...messageLog(commit, going, context),
  ];
}

function changesOf({ before, after }: Commit): Change[] {
  return after.assignments.map((assignment) => ({
    agentId: assignment.agentId,
    before: before ? assignmentOf(before, assignment.agentId) : undefined,
    after: assignment,
  }));
}

function stateChange(
  commit: Commit,
  agentId: AgentId,
  parts: Pick<ChatStateChangeMessage, 'notificationType' | 'chat'>,
): AgentNotification {
  const { origin } = commit;
  const caused = origin?.agentId === agentId ? { referenceId: origin.referenceId } : {};
  const { notificationType, chat } = parts;
  return {
    agentIds: [agentId],
    message: { messageType: 'ChatStateChangeMessage', notificationType, ...caused, chat },
  };
}

function statusChange(commit: Commit, change: Change, { wire }: NotificationContext): AgentNotification[] {
  const { agentId, before, after } = change;
  if (before?.state === after.state && before.sinceMs === after.sinceMs) return [];
  const view = chatView(commit.after, agentId, wire);
  // On the page the list is empty until the ParticipantsUpdated that follows; a finished chat has nobody to show.
  const empty = after.state === 'Chatting' || !isLive(after);
  const chat = empty ? { ...view, participants: [] } : view;
  return [stateChange(commit, agentId, { notificationType: 'StatusChange', chat })];
}

function participantsUpdated(
  commit: Commit,
  change: Change,
  { wire }: NotificationContext,
): AgentNotification[] {
  const { agentId, after } = change;
  if (after.state === 'Invited') return [];
  const moved = commit.stored.some(
    ({ event }) => event.type === 'ParticipantJoined' || event.type === 'ParticipantLeft',
  );
  // The conversation's end changes what may be done, even when everybody had left before.
  const closed = commit.before?.session !== commit.after.session;
  if (!moved && !closed) return [];
  return [
    stateChange(commit, agentId, {
      notificationType: 'ParticipantsUpdated',
      chat: chatView(commit.after, agentId, wire),
    }),
  ];
}

/** The commit's messages for those who were there, and the history so far for those who have just joined. */
function messageLog(
  commit: Commit,
  changes: readonly Change[],
  context: NotificationContext,
): AgentNotification[] {
  const joined: AgentId[] = [];
  const present: AgentId[] = [];
  for (const { agentId, before, after } of changes) {
    const wasIn = before?.state === 'Chatting' || before?.state === 'LeftChat';
    if (wasIn) present.push(agentId);
    else if (after.state === 'Chatting') joined.push(agentId);
  }
  return [
    ...logNotification(commit, present, commit.stored, context),
    ...(joined.length > 0 ? logNotification(commit, joined, context.history(commit.after), context) : []),
  ];
}

function logNotification(
  commit: Commit,
  agentIds: readonly AgentId[],
  stored: Commit['stored'],
  { wire }: NotificationContext,
): AgentNotification[] {
  if (agentIds.length === 0) return [];
  const messages = visibleEntries(stored, commit.after.parties, 'agent').map((entry) =>
    messageView(entry, wire),
  );
  if (messages.length === 0) return [];
  const chatPath = `/chats/${commit.after.id}`;
  const message = {
    messageType: 'MessageLogUpdated',
    notificationType: 'NewMessages',
    messages,
    chatUri: wire.uri(chatPath),
    chatPath,
  } as const;
  return [{ agentIds, message }];
}

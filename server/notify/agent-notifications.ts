import type {
  ChatErrorMessage,
  ChatStateChangeMessage,
  MessageLogUpdated,
} from '@parley/contract/gws/notifications.ts';
import { capabilitiesOf } from '../domain/capabilities.ts';
import { assignmentOf, isLive, type Assignment, type Chat } from '../domain/chat.ts';
import type { AgentId } from '../domain/ids.ts';
import { sightOf } from '../domain/visibility.ts';
import type { Commit } from '../operations/chat-book.ts';
import type { ChatFailure } from '../operations/operations.ts';
import { chatView, messageView, visibleEntries, visibleParties } from '../views/agent-view.ts';
import type { WireFormat } from '../views/wire-format.ts';

/** The topic on which agents hear of their chats (gws-agent-api §3.2). */
export const chatsTopic = '/v2/me/chats';

/** A notification and the agents it goes to; one object for all of them, so that it is serialised once. */
export interface AgentNotification {
  readonly agentIds: readonly AgentId[];
  readonly message: ChatStateChangeMessage | ChatErrorMessage | MessageLogUpdated;
}

export interface NotificationContext {
  readonly wire: WireFormat;
  /** The whole message log of the chat, for whoever joins. */
  readonly history: (chat: Chat) => Commit['stored'];
  /** Bytes of JSON that wait in one push session, `push.maxQueueBytes`. */
  readonly maxQueueBytes: number;
}

interface Change {
  readonly agentId: AgentId;
  readonly before: Assignment | undefined;
  readonly after: Assignment;
}

/**
 * What the agents of a chat are told about a commit, in the order in which each must hear it:
 * StatusChange, ParticipantsUpdated, PropertiesUpdated, MessageLogUpdated, Error, as on the founding page; when an
 * agent's part ends (Completed, Revoked) the messages come first, for clients drop a finished chat. Nobody is told of
 * a change that they do not see.
 */
export function agentNotifications(commit: Commit, context: NotificationContext): AgentNotification[] {
  if (isTalk(commit)) return messageLog(commit, readersOf(commit), context);
  const changes = changesOf(commit).filter(
    ({ before, after }) => isLive(after) || (before && isLive(before)),
  );
  const ended = changes.filter(({ after }) => !isLive(after));
  const going = changes.filter(({ after }) => isLive(after));
  const declined = invitationsDeclined(commit, going, context);
  const answered = new Set(declined.flatMap(({ agentIds }) => agentIds));
  return [
    ...messageLog(commit, ended, context),
    ...ended.flatMap((change) => statusChange(commit, change, context)),
    ...going.flatMap((change) => [
      ...statusChange(commit, change, context),
      ...(answered.has(change.agentId) ? [] : participantsUpdated(commit, change, context)),
    ]),
    ...propertiesUpdated(commit, going, context),
    ...messageLog(commit, going, context),
    ...declined,
  ];
}

/** The Error for what failed after it was answered (gws-agent-api §3.6); null when the chat is not the agent's. */
export function failureNotification(
  chat: Chat,
  failure: ChatFailure,
  wire: WireFormat,
): AgentNotification | null {
  const { agentId, errorMessage, referenceId } = failure;
  if (!assignmentOf(chat, agentId)) return null;
  return {
    agentIds: [agentId],
    message: {
      messageType: 'ChatStateChangeMessage',
      notificationType: 'Error',
      errorMessage,
      referenceId,
      chat: chatView(chat, agentId, wire),
    },
  };
}

/** Whether there is nothing to tell but what was said: most commits are a message, and change nothing else. */
function isTalk({ before, after, stored }: Commit): boolean {
  return (
    before !== null &&
    stored.length > 0 &&
    before.assignments === after.assignments &&
    before.parties === after.parties &&
    before.userData === after.userData &&
    before.alarms === after.alarms &&
    before.session === after.session
  );
}

/** The agents who are in the chat, before a commit and after it. */
function readersOf(commit: Commit): Change[] {
  return changesOf(commit).filter(({ after }) => isLive(after));
}

function changesOf({ before, after }: Commit): Change[] {
  return after.assignments.map((assignment) => ({
    agentId: assignment.agentId,
    before: before ? assignmentOf(before, assignment.agentId) : undefined,
    after: assignment,
  }));
}

/** The request of this agent that led to the commit: their own, or their invitation that was accepted with it. */
function causedBy({ origin, stored, before }: Commit, agentId: AgentId): { readonly referenceId?: number } {
  if (origin?.agentId === agentId) return { referenceId: origin.referenceId };
  for (const { event } of stored) {
    if (event.type !== 'OfferAccepted' || !before) continue;
    const invitation = assignmentOf(before, event.agentId)?.invitation;
    if (invitation?.invitedBy === agentId) return { referenceId: invitation.referenceId };
  }
  return {};
}

function stateChange(
  commit: Commit,
  agentId: AgentId,
  parts: Pick<ChatStateChangeMessage, 'notificationType' | 'chat'>,
): AgentNotification {
  const { notificationType, chat } = parts;
  const caused = causedBy(commit, agentId);
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
  if (after.state === 'Invited' || !looksDifferent(commit, change)) return [];
  return [
    stateChange(commit, agentId, {
      notificationType: 'ParticipantsUpdated',
      chat: chatView(commit.after, agentId, wire),
    }),
  ];
}

/** Whether the agent sees other participants than before, or may do other things: clients replace both. */
function looksDifferent({ before, after, stored }: Commit, change: Change): boolean {
  if (!before || before === after) return true;
  // The reference: a consultation that is taken back causes no notification (gws-agent-api §4.11).
  const isCancelled = ({ event }: Commit['stored'][number]): boolean =>
    event.type === 'OfferRevoked' && event.reason === 'cancelled';
  if (stored.every(isCancelled)) return false;
  const { agentId } = change;
  const seen = (chat: Chat): string =>
    visibleParties(chat, sightOf(after, agentId))
      .map(({ participantId, nickname }) => `${participantId} ${nickname}`)
      .join('\n');
  return (
    seen(before) !== seen(after) ||
    before.session !== after.session ||
    assignmentOf(before, agentId)?.role !== change.after.role ||
    capabilitiesOf(before, agentId).join() !== capabilitiesOf(after, agentId).join()
  );
}

function propertiesUpdated(
  commit: Commit,
  changes: readonly Change[],
  { wire }: NotificationContext,
): AgentNotification[] {
  const { before, after } = commit;
  if (before === null || (before.userData === after.userData && before.alarms === after.alarms)) return [];
  return changes.map(({ agentId }) =>
    stateChange(commit, agentId, {
      notificationType: 'PropertiesUpdated',
      chat: chatView(commit.after, agentId, wire),
    }),
  );
}

const declinedSentences = {
  OfferRejected: 'The invitation was declined.',
  OfferRevoked: 'The invitation was not answered.',
} as const;

/** Whoever asked somebody in, in vain, learns it with the `referenceId` of their request. */
function invitationsDeclined(
  { stored, before, after }: Commit,
  going: readonly Change[],
  { wire }: NotificationContext,
): AgentNotification[] {
  return stored.flatMap(({ event }) => {
    if (event.type !== 'OfferRejected' && event.type !== 'OfferRevoked') return [];
    const isOwnDoing =
      event.type === 'OfferRevoked' && (event.reason === 'cancelled' || event.reason === 'withdrawn');
    const invitation = before ? assignmentOf(before, event.agentId)?.invitation : undefined;
    const isThere = going.some(({ agentId }) => agentId === invitation?.invitedBy);
    if (isOwnDoing || !invitation || !isThere) return [];
    const { invitedBy: agentId, referenceId } = invitation;
    const errorMessage = declinedSentences[event.type];
    const failure = { agentId, chatId: after.id, referenceId, errorMessage };
    return failureNotification(after, failure, wire) ?? [];
  });
}

/** The commit's messages for those who were there, and the history so far for those who have just joined. */
function messageLog(
  commit: Commit,
  changes: readonly Change[],
  context: NotificationContext,
): AgentNotification[] {
  const readers = new Map<string, { agentIds: AgentId[]; stored: Commit['stored'] }>();
  for (const change of changes) {
    const read = toRead(commit, change, context);
    if (!read) continue;
    const group = readers.get(read.kind) ?? { agentIds: [], stored: read.stored };
    readers.set(read.kind, group);
    group.agentIds.push(change.agentId);
  }
  return [...readers.values()].flatMap(({ agentIds, stored }) =>
    logNotification(commit, agentIds, { stored, context }),
  );
}

/** What of the log this agent has not read yet; readers of one kind read the same. */
function toRead(
  commit: Commit,
  { agentId, before, after }: Change,
  context: NotificationContext,
): { readonly kind: string; readonly stored: Commit['stored'] } | null {
  const sight = sightOf(commit.after, agentId);
  const wasIn = before?.state === 'Chatting' || before?.state === 'LeftChat';
  const isIn = after.state === 'Chatting' || after.state === 'LeftChat';
  if (!wasIn) return isIn ? { kind: `${sight} history`, stored: context.history(commit.after) } : null;
  if (after.state === 'Chatting' || before.state === 'LeftChat')
    return { kind: sight, stored: commit.stored };
  // Whoever goes hears what was said up to then, themself going included.
  const last = commit.stored.findIndex(
    ({ event }) => event.type === 'ParticipantLeft' && event.participantId === before.participantId,
  );
  return { kind: `${sight} until ${last}`, stored: commit.stored.slice(0, last + 1) };
}

/** Entries that are told whatever their length: less than a push queue holds. */
const fewEntries = 4;
/** The share of a push queue that one notification takes, for it must not overflow with it: 256 KB unless it is configured. */
const logShare = 1 / 4;

/** The end of a long log, as much as one notification may carry; the `index` of the first tells what there is before it. */
function newest<Message extends object>(messages: Message[], maxBytes: number): Message[] {
  if (messages.length <= fewEntries) return messages;
  let bytesLeft = maxBytes;
  const isTooMuch = (message: Message): boolean =>
    (bytesLeft -= Buffer.byteLength(JSON.stringify(message))) < 0;
  return messages.slice(messages.findLastIndex(isTooMuch) + 1);
}

function logNotification(
  commit: Commit,
  agentIds: readonly AgentId[],
  { stored, context }: { readonly stored: Commit['stored']; readonly context: NotificationContext },
): AgentNotification[] {
  const [reader] = agentIds;
  if (reader === undefined) return [];
  const { wire, maxQueueBytes } = context;
  const sight = sightOf(commit.after, reader);
  const entries = visibleEntries(stored, commit.after.parties, sight);
  const views = entries.map((entry) => messageView(entry, wire));
  const messages = newest(views, maxQueueBytes * logShare);
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

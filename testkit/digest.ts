import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import type {
  ChannelStateChangeMessageV2,
  ChatStateChangeMessage,
  MessageLogUpdated,
} from '@parley/contract/gws/notifications.ts';
import type { UserReply } from '@parley/contract/gws/replies.ts';
import type { Recorded } from './recorder.ts';

type Notification = ChatStateChangeMessage | MessageLogUpdated | ChannelStateChangeMessageV2;

/** What was sent or received in as few words as say it: an operation and its parameters, a state, log entries. */
export function digest(entry: Recorded): readonly string[] {
  switch (entry.kind) {
    case 'request':
      return [`${entry.method} ${entry.path}`, ...parameters(entry.body)];
    case 'reply':
      return digestReply(entry.httpStatus, entry.body);
    case 'notification':
      return digestNotification(entry.data as Notification);
  }
}

/** The ids that every request of a customer repeats are left out. */
const repeated = new Set(['userId', 'secureKey', 'alias']);

function parameters(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null) return [];
  const told = Object.entries(body)
    .filter(([name]) => !repeated.has(name))
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return told.length > 0 ? [`  ${told.join(', ')}`] : [];
}

function digestReply(httpStatus: number, body: unknown): readonly string[] {
  const reply = body as Partial<CustomerReply & UserReply>;
  const user = reply.user ? [`${reply.user.userName}, ${reply.user.roles?.join(', ')}`] : [];
  const chat = reply.chatId === undefined ? [] : [`chat ${reply.chatId}`];
  const head = [`HTTP ${httpStatus}`, `statusCode ${reply.statusCode}`, ...user, ...chat];
  if (reply.chatEnded) head.push('chatEnded');
  return [head.join(', '), ...(reply.messages ?? []).map(logEntry)];
}

function digestNotification(notification: Notification): readonly string[] {
  switch (notification.messageType) {
    case 'ChatStateChangeMessage': {
      const { state, participants, capabilities } = notification.chat;
      const present = participants.map(({ type, nickname }) => `${type} ${nickname}`).join(', ') || 'none';
      const may = capabilities.join(', ') || 'none';
      return [
        `${notification.notificationType}: ${state}`,
        `  participants: ${present}`,
        `  capabilities: ${may}`,
      ];
    }
    case 'MessageLogUpdated':
      return ['MessageLogUpdated', ...notification.messages.map(logEntry)];
    case 'ChannelStateChangeMessageV2': {
      const states = notification.channels.map(
        ({ channel, userState }) => `${channel} ${userState.displayName}`,
      );
      return [`ChannelStateChangeMessageV2: ${states.join(', ')}`];
    }
  }
}

function logEntry({
  index,
  type,
  from,
  text,
}: {
  readonly index: number;
  readonly type: string;
  readonly from: { readonly nickname: string };
  readonly text?: string;
}): string {
  return `  ${index} ${type} ${from.nickname}${text === undefined ? '' : `: ${text}`}`;
}

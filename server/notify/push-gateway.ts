import { prepareEvent } from '@parley/bayeux/protocol/event.ts';
import type { PushSession } from '@parley/bayeux/sessions/push-session.ts';
import type { ServiceStateMessage } from '@parley/contract/gws/desktop-notifications.ts';
import type { ChannelStateChangeMessageV2, MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import type { Chat } from '../domain/chat.ts';
import type { AgentId, ChatId } from '../domain/ids.ts';
import type { RosterChange } from '../operations/agent-roster.ts';
import type { Commit } from '../operations/chat-book.ts';
import type { ChatFailure } from '../operations/operations.ts';
import type { AgentStates } from '../presence/agent-states.ts';
import { channelViews } from '../views/me-view.ts';
import type { PushPrincipal } from '../presence/push-principal.ts';
import {
  agentNotifications,
  chatsTopic,
  failureNotification,
  type NotificationContext,
} from './agent-notifications.ts';
import { subscribedToWorkbin, workbinNotification, workbinsTopic } from './workbin-notifications.ts';
import { chatChannel, chatChannelEvent } from './chat-replay.ts';

/** The topic on which agents hear of their channels (gws-agent-api §3.2). */
const channelsTopic = '/v2/me/channels';
/** The topic on which agents hear what their history calls have found (gws-agent-api §7.2). */
const historyTopic = '/v2/ucs/interactions';
/** The topic on which all agents hear of the services. */
const servicesTopic = '/notifications/services';

/** Finds the push sessions of each agent and tells them what concerns them. */
export class PushGateway {
  readonly #context: NotificationContext;
  readonly #states: AgentStates;
  readonly #sessions = new Map<AgentId, Set<PushSession<PushPrincipal>>>();
  /** Of sessions that go on under another login session than they began with: the newest; null is none. */
  readonly #logins = new WeakMap<PushSession<PushPrincipal>, string | null>();

  constructor(context: NotificationContext, states: AgentStates) {
    this.#context = context;
    this.#states = states;
  }

  /** A push session has opened. */
  opened(session: PushSession<PushPrincipal>): void {
    const { principal } = session;
    if (principal.kind !== 'agent') return;
    const sessions = this.#sessions.get(principal.agentId);
    if (sessions) sessions.add(session);
    else this.#sessions.set(principal.agentId, new Set([session]));
  }

  /** A push session is over. */
  ended(session: PushSession<PushPrincipal>): void {
    const { principal } = session;
    if (principal.kind !== 'agent') return;
    const sessions = this.#sessions.get(principal.agentId);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(principal.agentId);
  }

  /** A push session was used: from now on it belongs to the login session of this request. */
  used(session: PushSession<PushPrincipal>, principal: PushPrincipal): void {
    if (principal.kind === 'agent' && principal.loginDigest !== this.#loginOf(session))
      this.#logins.set(session, principal.loginDigest);
  }

  /** Closes the push sessions that were last used under a login session which has ended. */
  loginEnded(agentId: AgentId, loginDigest: string): void {
    for (const session of [...(this.#sessions.get(agentId) ?? [])])
      if (this.#loginOf(session) === loginDigest) session.disconnect();
  }

  #loginOf(session: PushSession<PushPrincipal>): string | null {
    const { principal } = session;
    const newest = this.#logins.get(session);
    return newest === undefined && principal.kind === 'agent' ? principal.loginDigest : (newest ?? null);
  }

  /** Closes all push sessions of an agent who was removed, or whose password changed. */
  disconnect(agentId: AgentId): void {
    for (const session of [...(this.#sessions.get(agentId) ?? [])]) session.disconnect();
  }

  /** Tells every agent that the parts of the contact centre stop (gws-agent-api §8.5). */
  tellServices(services: ServiceStateMessage['services']): void {
    const message: ServiceStateMessage = { messageType: 'ServiceState', services };
    this.#tell([...this.#sessions.keys()], servicesTopic, message);
  }

  /** Confirms that an agent is told of their workbin (gws-agent-api §8.6). */
  tellSubscribed(agentId: AgentId, referenceId: number): void {
    this.#tell([agentId], workbinsTopic, subscribedToWorkbin(agentId, referenceId));
  }

  /** Tells an agent what their call of the history has found. */
  tellHistory(agentId: AgentId, message: object): void {
    this.#tell([agentId], historyTopic, message);
  }

  /** Tells the agents of a chat what a durable commit means for them. */
  tellChat(commit: Commit): void {
    const parked = workbinNotification(commit, this.#context.wire);
    const { acceptedAtMs } = commit;
    if (parked) this.#tell([parked.agentId], workbinsTopic, parked.message);
    for (const { agentIds, message } of agentNotifications(commit, this.#context)) {
      const sessions = this.#tell(agentIds, chatsTopic, message, acceptedAtMs);
      if (message.messageType === 'MessageLogUpdated')
        this.#tellChatChannel(sessions, commit.after.id, message);
    }
  }

  /** Tells an agent that what they asked for has failed after it was answered. */
  tellFailure(chat: Chat, failure: ChatFailure): void {
    const notification = failureNotification(chat, failure, this.#context.wire);
    if (notification) this.#tell(notification.agentIds, chatsTopic, notification.message);
  }

  /** Tells an agent that their channels have changed: all of them, each time (gws-agent-api §3.7). */
  tellChannels({ before, after, origin }: RosterChange): void {
    // Whom a supervisor watches is kept with their state and concerns no channel.
    if (before.channels === after.channels && before.sessionStartedAtMs === after.sessionStartedAtMs) return;
    const message: ChannelStateChangeMessageV2 = {
      messageType: 'ChannelStateChangeMessageV2',
      channels: channelViews(after, this.#states),
      ...(origin?.agentId === after.agentId ? { referenceId: origin.referenceId } : {}),
    };
    this.#tell([after.agentId], channelsTopic, message);
  }

  #tell(
    agentIds: readonly AgentId[],
    topic: string,
    message: object,
    acceptedAtMs?: number,
  ): readonly PushSession<PushPrincipal>[] {
    const sessions = agentIds.flatMap((agentId) => [...(this.#sessions.get(agentId) ?? [])]);
    if (sessions.length === 0) return sessions;
    const event = prepareEvent(topic, message, { acceptedAtMs });
    for (const session of sessions) session.deliverIfSubscribed(event);
    return sessions;
  }

  #tellChatChannel(
    sessions: readonly PushSession<PushPrincipal>[],
    chatId: ChatId,
    message: MessageLogUpdated,
  ): void {
    const channel = chatChannel(chatId);
    const listening = sessions.filter((session) => session.subscriptions.includes(channel));
    const event = listening.length > 0 ? chatChannelEvent(chatId, message) : null;
    if (event) for (const session of listening) session.deliver(event);
  }
}

import type { MediaChannel } from '@parley/contract/gws/agent-state.ts';
import type { Chat, ChatMessage } from '@parley/contract/gws/chat.ts';
import type {
  GetInteractionContentMessage,
  GetInteractionsHistoryMessage,
  UcsOperationResponse,
} from '@parley/contract/gws/history.ts';
import type {
  ChannelStateChangeMessageV2,
  ChatErrorMessage,
  ChatStateChangeMessage,
  MessageLogUpdated,
} from '@parley/contract/gws/notifications.ts';
import type { ChatReply, MeOperationReply, MessagesReply, UserReply } from '@parley/contract/gws/replies.ts';
import type { FullUser } from '@parley/contract/gws/user.ts';
import { BayeuxClient, type ConnectionState } from './bayeux-client.ts';
import type { BayeuxError, Delivery } from './bayeux-message.ts';
import { ContactsClient } from './contacts-client.ts';
import { Emitter, iterate, type Unlisten } from './emitter.ts';
import { systemFetch, type Fetch } from './fetch.ts';
import { basicAuthorization, LoginSession } from './login-session.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';

export interface AgentClientOptions {
  /** Where the server is, without `/api/v2`. */
  readonly baseUrl: string;
  readonly userName: string;
  readonly password: string;
  /** Where to ask for notifications; the server offers both. Default `/api/v2/notifications`. */
  readonly mount?: '/api/v2/notifications' | '/genesys/cometd';
  readonly fetch?: Fetch;
  readonly scheduler?: Scheduler;
  /** Ends the push connection at once, without telling the server. */
  readonly signal?: AbortSignal;
}

export type HistoryNotification =
  GetInteractionsHistoryMessage | GetInteractionContentMessage | UcsOperationResponse;

/** What an agent can listen to. */
export interface AgentEvents {
  /** Everything that arrives, as it came. */
  readonly notification: Delivery;
  readonly chat: ChatStateChangeMessage | ChatErrorMessage;
  readonly messages: MessageLogUpdated;
  readonly channels: ChannelStateChangeMessageV2;
  /** What a call of `contacts` has found. */
  readonly history: HistoryNotification;
  readonly connection: ConnectionState;
  /** The push session was lost and replaced: read the chats again, something may have been missed. */
  readonly renewed: undefined;
  readonly failure: BayeuxError;
}

/** How a supervisor takes part: seen by supervisors only, by agents, by everybody (gws-agent-api §9). */
export type SupervisorRole = 'Monitor' | 'Coach' | 'BargeIn';

/** A message that goes along with an operation (gws-agent-api §4); the last two mean nothing without `text`. */
export interface Farewell {
  readonly text?: string;
  readonly messageType?: string;
  readonly treatAs?: 'Normal' | 'System';
}

/**
 * An agent at work, over the agent API (gws-agent-api §2–§6). Every request that the server refuses rejects with
 * `ParleyError`; what it changes arrives as an event once `openNotifications` has resolved.
 */
export class AgentClient {
  readonly #options: AgentClientOptions;
  readonly #session: LoginSession;
  readonly #events = new Emitter<AgentEvents>();
  #bayeux: BayeuxClient | undefined;
  /** Contacts and the history of chats. */
  readonly contacts: ContactsClient;

  constructor(options: AgentClientOptions) {
    this.#options = options;
    this.#session = new LoginSession({ baseUrl: options.baseUrl, fetch: options.fetch ?? systemFetch });
    this.contacts = new ContactsClient(this.#session);
  }

  /** `fetch` as this agent (cookies, CSRF token), for what the SDK has no method for. Takes absolute URLs. */
  get fetch(): Fetch {
    return this.#session.fetch;
  }

  get connection(): ConnectionState {
    return this.#bayeux?.state ?? 'new';
  }

  on<Name extends keyof AgentEvents>(name: Name, listener: (value: AgentEvents[Name]) => void): Unlisten {
    return this.#events.on(name, listener);
  }

  /** The events of one name from now on; see `iterate` for how it ends. */
  events<Name extends keyof AgentEvents>(
    name: Name,
    signal?: AbortSignal,
  ): AsyncIterableIterator<AgentEvents[Name]> {
    return iterate((listener) => this.#events.on(name, listener), signal);
  }

  /** Proves who the agent is; the login session (a cookie) then stands for the password. */
  async signIn(): Promise<FullUser> {
    const { userName, password } = this.#options;
    const authorization = basicAuthorization(userName, password);
    const path = '/api/v2/me?subresources=*';
    return (await this.#session.request<{ user: FullUser }>('GET', path, { authorization })).user;
  }

  /** The agent with everything that belongs to them; also keeps the login session alive. */
  async me(): Promise<FullUser> {
    return (await this.#session.request<UserReply>('GET', '/api/v2/me?subresources=*')).user as FullUser;
  }

  /** Resolves when the server has confirmed the subscription; from then on nothing is missed. */
  async openNotifications(): Promise<void> {
    const { mount = '/api/v2/notifications', scheduler = systemScheduler, signal } = this.#options;
    await this.closeNotifications();
    const bayeux = new BayeuxClient({
      url: this.#session.url(mount),
      fetch: this.#session.fetch,
      scheduler,
      ...(signal ? { signal } : {}),
    });
    this.#bayeux = bayeux;
    bayeux.on('message', (delivery) => this.#receive(delivery));
    bayeux.on('state', (state) => this.#events.emit('connection', state));
    bayeux.on('renewed', () => this.#events.emit('renewed', undefined));
    bayeux.on('failure', (failure) => this.#events.emit('failure', failure));
    await bayeux.handshake();
    await bayeux.subscribe('/v2/me/*', '/v2/ucs/*');
  }

  /** Ends the push session, not the work: the chats stay with the agent. */
  async closeNotifications(): Promise<void> {
    const bayeux = this.#bayeux;
    this.#bayeux = undefined;
    await bayeux?.disconnect();
  }

  /** Starts work. A reply with `statusCode` 7 tells in `failed` which channels are not served. */
  startSession(channels: readonly string[] = ['chat']): Promise<MeOperationReply> {
    return this.#operate('/api/v2/me', 'StartContactCenterSession', { channels });
  }

  /** Ends work on all channels, the push session and the login session. */
  async endSession(): Promise<void> {
    await this.closeNotifications();
    await this.#operate('/api/v2/me', 'EndContactCenterSession');
  }

  /** `Ready`, `NotReady` or a custom reason's operation name; on all channels, or on the one that is named. */
  async setState(operationName: string, channel?: string): Promise<void> {
    await this.#operate(
      channel === undefined ? '/api/v2/me' : `/api/v2/me/channels/${segment(channel)}`,
      operationName,
    );
  }

  async channels(): Promise<readonly MediaChannel[]> {
    return (await this.#session.request<{ channels: MediaChannel[] }>('GET', '/api/v2/me/channels?fields=*'))
      .channels;
  }

  /** The chats that are now with this agent. */
  async chats(): Promise<readonly Chat[]> {
    return (await this.#session.request<{ chats: Chat[] }>('GET', '/api/v2/me/chats?fields=*')).chats;
  }

  async chat(id: string): Promise<Chat> {
    return (await this.#session.request<ChatReply>('GET', chatPath(id))).chat;
  }

  /** The visible message log, from `startIndex` on and at most `count` entries; without them from the beginning. */
  async messages(
    id: string,
    page: { readonly startIndex?: number; readonly count?: number } = {},
  ): Promise<readonly ChatMessage[]> {
    const query = new URLSearchParams(Object.entries(page).map(([name, value]) => [name, String(value)]));
    const path = `${chatPath(id)}/messages${query.size > 0 ? `?${query}` : ''}`;
    return (await this.#session.request<MessagesReply>('GET', path)).messages;
  }

  /** Accepts the offered chat; `nickname` is what the customer sees, `saveLAR` makes this agent their last agent. */
  async accept(
    id: string,
    options: { readonly nickname: string; readonly saveLAR?: boolean },
  ): Promise<void> {
    await this.#operate(chatPath(id), 'Accept', options);
  }

  async reject(id: string): Promise<void> {
    await this.#operate(chatPath(id), 'Reject');
  }

  async sendMessage(id: string, text: string, options: Omit<Farewell, 'text'> = {}): Promise<void> {
    await this.#operate(chatPath(id), 'SendMessage', { text, ...options });
  }

  async startTyping(id: string): Promise<void> {
    await this.#operate(chatPath(id), 'SendStartTypingNotification');
  }

  async stopTyping(id: string): Promise<void> {
    await this.#operate(chatPath(id), 'SendStopTypingNotification');
  }

  async setInFocus(id: string): Promise<void> {
    await this.#operate(chatPath(id), 'SetInFocus');
  }

  async leave(id: string, farewell: Farewell = {}): Promise<void> {
    await this.#operate(chatPath(id), 'Leave', farewell);
  }

  async complete(
    id: string,
    options: Farewell & { readonly saveLAR?: boolean; readonly queueName?: string } = {},
  ): Promise<void> {
    await this.#operate(chatPath(id), 'Complete', options);
  }

  /** Hands the chat to an agent (the `uri` of a user) or to a queue. */
  async transfer(
    id: string,
    target: Farewell & ({ readonly targetUri: string } | { readonly queueName: string }),
  ): Promise<void> {
    await this.#operate(chatPath(id), 'Transfer', target);
  }

  async leaveAndComplete(id: string, options: Farewell & { readonly saveLAR?: boolean } = {}): Promise<void> {
    await this.#operate(chatPath(id), 'LeaveAndComplete', options);
  }

  /** Pushes a page to everybody in the chat. */
  async sendUrl(id: string, url: string): Promise<void> {
    await this.#operate(chatPath(id), 'SendUrl', { url });
  }

  /** What only agents and supervisors see; as `sendMessage` in all else. */
  async sendToAgents(id: string, text: string, options: Omit<Farewell, 'text'> = {}): Promise<void> {
    await this.#operate(chatPath(id), 'SendToAgents', { text, ...options });
  }

  async startTypingToAgents(id: string): Promise<void> {
    await this.#operate(chatPath(id), 'SendStartTypingToAgentsNotification');
  }

  async stopTypingToAgents(id: string): Promise<void> {
    await this.#operate(chatPath(id), 'SendStopTypingToAgentsNotification');
  }

  /** A notice for programs: to everybody, or to agents only. */
  async sendCustomNotice(id: string, noticeText: string, to: 'All' | 'Agents' = 'All'): Promise<void> {
    const name = to === 'All' ? 'SendCustomNotice' : 'SendCustomNoticeToAgents';
    await this.#operate(chatPath(id), name, { noticeText });
  }

  /** Asks for advice that the customer does not see; what becomes of it is notified with the `referenceId`. */
  async consult(
    id: string,
    target: { readonly targetUri: string } | { readonly queueName: string },
  ): Promise<number> {
    return this.#ask(id, 'Consult', target);
  }

  async cancelConsult(id: string): Promise<number> {
    return this.#ask(id, 'CancelConsult');
  }

  /** Asks an agent to talk with the customer as well. */
  async invite(id: string, targetUri: string): Promise<number> {
    return this.#ask(id, 'Invite', { targetUri });
  }

  async removeFromConference(id: string, targetUri: string, farewell: Farewell = {}): Promise<void> {
    await this.#operate(chatPath(id), 'RemoveParticipantFromConference', { targetUri, ...farewell });
  }

  async attachUserData(id: string, userData: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#operate(chatPath(id), 'AttachUserData', { userData });
  }

  async updateUserData(id: string, userData: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#operate(chatPath(id), 'UpdateUserData', { userData });
  }

  async deleteUserData(id: string, keys: readonly string[]): Promise<void> {
    await this.#operate(chatPath(id), 'DeleteUserData', { keys });
  }

  async setDisposition(id: string, disposition: string, dispositionKey?: string): Promise<void> {
    const key = dispositionKey === undefined ? {} : { dispositionKey };
    await this.#operate(chatPath(id), 'SetDisposition', { disposition, ...key });
  }

  /** As a supervisor in the chat: who sees this agent from now on. */
  async switchTo(id: string, role: SupervisorRole): Promise<void> {
    await this.#operate(chatPath(id), `SwitchTo${role}`);
  }

  /** As a supervisor: comes along when the user accepts their next chat, or each of them (the default). */
  async monitor(
    userId: string,
    role: SupervisorRole,
    options: { readonly supervisorMonitoringMode?: 'NextChat' | 'AllChats'; readonly nickname?: string } = {},
  ): Promise<void> {
    await this.#operate(userChannelPath(userId), role, options);
  }

  async cancelMonitoring(userId: string): Promise<void> {
    await this.#operate(userChannelPath(userId), 'CancelSupervisorMonitoring');
  }

  /** As a supervisor: asks to be offered a chat that the user is in. */
  async intrude(userId: string, chatId: string, supervisorVisibilityMode: SupervisorRole): Promise<void> {
    const path = `/api/v2/users/${segment(userId)}/chats/${segment(chatId)}`;
    await this.#operate(path, 'Intrude', { supervisorVisibilityMode });
  }

  /** As a supervisor: the chats that the user is in. */
  async chatsOf(userId: string): Promise<readonly Chat[]> {
    const path = `/api/v2/users/${segment(userId)}/chats?fields=*`;
    return (await this.#session.request<{ chats: Chat[] }>('GET', path)).chats;
  }

  /** As a supervisor: puts the user into an agent state on the chat channel. */
  async setStateOf(userId: string, operationName: string): Promise<void> {
    await this.#operate(userChannelPath(userId), operationName);
  }

  async #ask(id: string, operationName: string, parameters: object = {}): Promise<number> {
    const { referenceId } = await this.#operate<{ referenceId: number }>(
      chatPath(id),
      operationName,
      parameters,
    );
    return referenceId;
  }

  #operate<Body>(
    path: string,
    operationName: string,
    parameters: object = {},
  ): Promise<Body & { statusCode: number }> {
    return this.#session.request<Body>('POST', path, { body: { operationName, ...parameters } });
  }

  #receive(delivery: Delivery): void {
    this.#events.emit('notification', delivery);
    const notification = delivery.data as { readonly messageType?: unknown } | null;
    switch (notification?.messageType) {
      case 'ChatStateChangeMessage':
        return this.#events.emit('chat', notification as ChatStateChangeMessage | ChatErrorMessage);
      case 'MessageLogUpdated':
        return this.#events.emit('messages', notification as MessageLogUpdated);
      case 'ChannelStateChangeMessageV2':
        return this.#events.emit('channels', notification as ChannelStateChangeMessageV2);
      case 'GetInteractionsHistoryMessage':
      case 'GetInteractionContentMessage':
      case 'UcsOperationResponse':
        return this.#events.emit('history', notification as HistoryNotification);
    }
  }
}

const segment = encodeURIComponent;
const userChannelPath = (userId: string): string => `/api/v2/users/${segment(userId)}/channels/chat`;
const chatPath = (id: string): string => `/api/v2/me/chats/${segment(id)}`;

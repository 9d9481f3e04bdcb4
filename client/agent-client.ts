import type { Chat } from '@parley/contract/gws/chat.ts';
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
import type { FullUser } from '@parley/contract/gws/user.ts';
import { AgentFiles } from './agent-files.ts';
import { AgentOperations } from './agent-operations.ts';
import { BayeuxClient, type ConnectionState } from './bayeux-client.ts';
import { BayeuxError, type Delivery } from './bayeux-message.ts';
import { ChatFollower, type ChatEntry, type HistoryGone } from './chat-follower.ts';
import { ContactsClient } from './contacts-client.ts';
import { Emitter, iterate, type Unlisten } from './emitter.ts';
import { systemFetch, type Fetch } from './fetch.ts';
import { basicAuthorization, LoginSession } from './login-session.ts';
import type { RetryOptions } from './retry.ts';
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
  /** Numbers in [0, 1), to spread the return of many clients after a server was gone. */
  readonly random?: () => number;
  /** How requests are sent again that were lost on the way. */
  readonly retry?: RetryOptions;
  /** Ends everything at once, the push connection without telling the server. */
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
  /**
   * Each entry of the message log of the agent's chats, once and in order, whatever happens to the connection. Who listens
   * to this before `openNotifications` has the chats followed.
   */
  readonly entry: ChatEntry;
  /** Entries of a chat are missing and cannot be read any more. */
  readonly gone: HistoryGone;
  /** The chats as they are, once notifications are open and after each `renewed`; for who listens to `entry`. */
  readonly current: readonly Chat[];
  /** The push session was lost and replaced: read the chats again, something may have been missed. */
  readonly renewed: undefined;
  readonly failure: BayeuxError;
}

/**
 * An agent at work, over the agent API (gws-agent-api §2–§6). Every request that the server refuses rejects with
 * `ParleyError`; what it changes arrives as an event once `openNotifications` has resolved.
 */
export class AgentClient extends AgentOperations {
  readonly #options: AgentClientOptions;
  readonly #events = new Emitter<AgentEvents>();
  #bayeux: BayeuxClient | undefined;
  #follower: ChatFollower | undefined;
  #isFollowing = false;
  /** Contacts and the history of chats. */
  readonly contacts: ContactsClient;
  readonly files: AgentFiles;

  constructor(options: AgentClientOptions) {
    const { baseUrl, fetch = systemFetch, scheduler = systemScheduler, retry, random, signal } = options;
    const session = new LoginSession({
      baseUrl,
      fetch,
      retry: { ...retry, scheduler, ...(random ? { random } : {}) },
    });
    super(session, signal ? { signal } : {});
    this.#options = options;
    this.contacts = new ContactsClient(this.session);
    this.files = new AgentFiles(this.session);
  }

  /** `fetch` as this agent (cookies, CSRF token), for what the SDK has no method for. Takes absolute URLs. */
  get fetch(): Fetch {
    return this.session.fetch;
  }

  get connection(): ConnectionState {
    return this.#bayeux?.state ?? 'new';
  }

  on<Name extends keyof AgentEvents>(name: Name, listener: (value: AgentEvents[Name]) => void): Unlisten {
    this.#isFollowing ||= name === 'entry';
    return this.#events.on(name, listener);
  }

  /** The events of one name from now on; see `iterate` for how it ends. */
  events<Name extends keyof AgentEvents>(
    name: Name,
    signal?: AbortSignal,
  ): AsyncIterableIterator<AgentEvents[Name]> {
    return iterate((listener) => this.on(name, listener), signal);
  }

  /** Proves who the agent is; the login session (a cookie) then stands for the password. */
  async signIn(): Promise<FullUser> {
    const { userName, password, signal } = this.#options;
    const authorization = basicAuthorization(userName, password);
    const path = '/api/v2/me?subresources=*';
    const options = { authorization, ...(signal ? { signal } : {}) };
    return (await this.session.request<{ user: FullUser }>('GET', path, options)).user;
  }

  /**
   * Resolves when the server has confirmed the subscription; from then on nothing is missed. Chats are followed from after
   * `positions` on: those that an earlier program has kept, or by themselves those of the notifications before.
   */
  async openNotifications(positions: ReadonlyMap<string, number> = this.positions): Promise<void> {
    const { mount = '/api/v2/notifications', scheduler = systemScheduler, random, signal } = this.#options;
    await this.closeNotifications();
    const bayeux = new BayeuxClient({
      url: this.session.url(mount),
      fetch: this.session.fetch,
      scheduler,
      ...(random ? { random } : {}),
      replay: this.#isFollowing,
      ...(signal ? { signal } : {}),
    });
    this.#bayeux = bayeux;
    bayeux.on('message', (delivery) => this.#receive(delivery));
    bayeux.on('state', (state) => this.#events.emit('connection', state));
    this.#follower = this.#isFollowing ? this.#newFollower(bayeux) : undefined;
    bayeux.on('renewed', () => {
      this.#events.emit('renewed', undefined);
      void this.#readCurrent();
    });
    bayeux.on('failure', (failure) => this.#events.emit('failure', failure));
    await bayeux.handshake();
    await bayeux.subscribe('/v2/me/*', '/v2/ucs/*');
    for (const [chatId, index] of positions) await this.#follower?.follow(chatId, index);
    await this.#readCurrent();
  }

  /** Ends the push session, not the work: the chats stay with the agent. */
  async closeNotifications(): Promise<void> {
    const bayeux = this.#bayeux;
    this.#bayeux = undefined;
    await bayeux?.disconnect();
  }

  /** Ends work on all channels, the push session and the login session. */
  async endSession(): Promise<void> {
    await this.closeNotifications();
    await this.operate('/api/v2/me', 'EndContactCenterSession');
  }

  /** The last index that came as `entry`, by chat: what to hand to `openNotifications` after a new start. */
  get positions(): ReadonlyMap<string, number> {
    return this.#follower?.positions ?? new Map<string, number>();
  }

  #newFollower(bayeux: BayeuxClient): ChatFollower {
    return new ChatFollower({
      bayeux,
      onEntry: (entry) => this.#events.emit('entry', entry),
      onGone: (gone) => this.#events.emit('gone', gone),
    });
  }

  /** What was offered, taken or ended while nobody heard it. */
  async #readCurrent(): Promise<void> {
    const follower = this.#follower;
    if (!follower) return;
    try {
      const chats = await this.chats();
      await follower.seeAll(chats);
      this.#events.emit('current', chats);
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      this.#events.emit(
        'failure',
        new BayeuxError('network', `the chats could not be read: ${told}`, { cause: error }),
      );
    }
  }

  #receive(delivery: Delivery): void {
    if (this.#follower?.take(delivery.channel, delivery.data)) return;
    this.#events.emit('notification', delivery);
    const notification = delivery.data as { readonly messageType?: unknown } | null;
    switch (notification?.messageType) {
      case 'ChatStateChangeMessage':
        this.#see(notification as ChatStateChangeMessage | ChatErrorMessage);
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

  #see(notification: ChatStateChangeMessage | ChatErrorMessage): void {
    if ('chat' in notification) void this.#follower?.see(notification.chat);
  }
}

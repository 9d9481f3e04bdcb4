import { AgentClient } from '@parley/client/agent-client.ts';
import type { Chat } from '@parley/contract/gws/chat.ts';
import type { MessageLogUpdated } from '@parley/contract/gws/notifications.ts';
import { entryOfAgent } from '../history/chat-history.ts';
import { Connections } from '../wire/connections.ts';
import { AgentTalk } from './agent-talk.ts';
import { attempted, isDenied } from './attempted.ts';
import type { Account } from './load-options.ts';
import type { RunContext } from './run-context.ts';

const notificationsPath = '/api/v2/notifications';
const againAfterMs = 500;

/** States of a chat in which the agent has nothing more to do with it. */
const finalStates: readonly Chat['state'][] = ['Completed', 'Revoked'];

/** An agent who takes every chat that is offered, answers every message and completes what is over. */
export class LoadAgent {
  readonly #context: RunContext;
  readonly #account: Account;
  readonly #talks = new Map<string, AgentTalk>();
  connections: Connections;
  #client: AgentClient | undefined;
  #stop = new AbortController();
  /** Counts the lives of this agent; what an earlier one still does is of no matter. */
  #life = 0;
  /** The life that is signing in; 0 when none is. */
  #enteringLife = 0;
  /** The login session of the present client is over. */
  #isSignedOut = false;

  constructor(context: RunContext, account: Account) {
    this.#context = context;
    this.#account = account;
    this.connections = this.#newConnections();
  }

  get userName(): string {
    return this.#account.userName;
  }

  /**
   * Signs in and gets to work; resolves when ready. Tries again until it works or the run is given up; rejects with
   * `ParleyError` when the password is wrong.
   */
  async begin(): Promise<void> {
    const refused = await this.#enter();
    if (refused) throw refused;
  }

  /** Returns the refusal of a password that is wrong. */
  async #enter(): Promise<Error | undefined> {
    const life = (this.#life += 1);
    const { meter, isGivenUp, pause } = this.#context;
    this.#enteringLife = life;
    let refused: Error | undefined;
    while (!isGivenUp() && life === this.#life && !refused) {
      this.#isSignedOut = false;
      const client = this.#newClient();
      const isMine = (): boolean => life === this.#life && client === this.#client;
      this.#listen(client, isMine);
      const signedIn = await attempted(client.signIn());
      const begun =
        signedIn.outcome === 'acknowledged' ? await attempted(this.#getToWork(client, isMine)) : signedIn;
      if (begun.outcome === 'acknowledged' && !this.#isSignedOut) break;
      meter.failed(`sign-in: ${begun.outcome === 'acknowledged' ? 'signed out' : begun.kind}`);
      // A password that is wrong stays wrong; a login session may end before the work has begun.
      if (signedIn.outcome === 'refused' && isDenied(signedIn.error)) refused = signedIn.error;
      else await pause(againAfterMs);
    }
    if (this.#enteringLife === life) this.#enteringLife = 0;
    return refused;
  }

  /** The agent's program dies without a word and is started again. */
  async restart(): Promise<void> {
    this.leave();
    this.connections = this.#newConnections();
    await this.begin();
  }

  /** Everything ends at once, without a goodbye. */
  leave(): void {
    this.#life += 1;
    this.#stop.abort();
    this.connections.cut();
    for (const talk of this.#talks.values()) talk.hangUp();
    this.#talks.clear();
  }

  #newConnections(): Connections {
    const { push, requestTimeoutMs } = this.#context.options;
    const socketPaths = push === 'websocket' ? [notificationsPath] : [];
    return new Connections({ maxSockets: 6, requestTimeoutMs, socketPaths });
  }

  #newClient(): AgentClient {
    const { userName, password } = this.#account;
    this.#stop.abort();
    this.#stop = new AbortController();
    // What the new client is told does not go on where the old one has ended.
    for (const talk of this.#talks.values()) talk.restarted();
    this.#client = new AgentClient({
      baseUrl: this.#context.options.url,
      userName,
      password,
      signal: this.#stop.signal,
      fetch: this.connections.fetch,
    });
    return this.#client;
  }

  #listen(client: AgentClient, isMine: () => boolean): void {
    client.on('chat', ({ chat }) => isMine() && this.#chatMoved(chat));
    client.on('messages', (notification) => isMine() && this.#told(notification));
    client.on('failure', ({ kind }) => isMine() && this.#context.meter.failed(`push: ${kind}`));
    client.on('renewed', () => isMine() && void this.#catchUp(client, isMine));
    client.on('connection', (state) => {
      if (state === 'closed' && isMine()) this.#signedOut();
    });
    client.on('channels', ({ channels }) => {
      const isReady = channels.every(({ userState }) => userState.state === 'Ready');
      if (isMine() && !isReady && !this.#context.isOver()) void this.#getReady(client);
    });
  }

  async #getToWork(client: AgentClient, isMine: () => boolean): Promise<void> {
    await client.openNotifications();
    await client.startSession(['chat']);
    await client.setState('Ready');
    await this.#catchUp(client, isMine);
  }

  /** The server has taken the agent for gone, or an offer was not answered in time. */
  async #getReady(client: AgentClient): Promise<void> {
    await this.#context.pause(againAfterMs);
    const ready = await attempted(client.startSession(['chat']).then(() => client.setState('Ready')));
    if (ready.outcome === 'acknowledged') return;
    this.#context.meter.failed(`ready: ${ready.kind}`);
    if (ready.outcome === 'refused' && isDenied(ready.error)) this.#signedOut();
  }

  /** A push session that is new has missed things: the present state is read again. */
  async #catchUp(client: AgentClient, isMine: () => boolean): Promise<void> {
    const { meter, pause, isGivenUp } = this.#context;
    for (const talk of this.#talks.values()) talk.restarted();
    while (isMine() && !isGivenUp()) {
      const listed = await attempted(client.chats());
      if (listed.outcome === 'acknowledged') {
        for (const chat of listed.reply) this.#chatMoved(chat);
        for (const [id, talk] of this.#talks)
          if (listed.reply.some((chat) => chat.id === id)) await talk.catchUp();
          else this.#drop(id);
        return;
      }
      meter.failed(`chats: ${listed.kind}`);
      if (listed.outcome === 'refused' && isDenied(listed.error)) return this.#signedOut();
      await pause(againAfterMs);
    }
  }

  #chatMoved({ id, state }: Chat): void {
    const talk = this.#talks.get(id);
    if (finalStates.includes(state)) return this.#drop(id);
    if (talk) return;
    const begun = new AgentTalk(this.#context, {
      client: () => this.#signedIn(),
      onSignedOut: () => this.#signedOut(),
      chatId: id,
      userName: this.userName,
      onOver: () => this.#drop(id),
    });
    this.#talks.set(id, begun);
    begun.begin(state);
  }

  #told({ chatUri, messages }: MessageLogUpdated): void {
    this.#talks.get(chatUri.slice(chatUri.lastIndexOf('/') + 1))?.told(messages.map(entryOfAgent));
  }

  #signedIn(): AgentClient {
    if (!this.#client) throw new Error(`${this.userName} has never signed in`);
    return this.#client;
  }

  /** The login session is over, which a WebSocket that was opened before does not notice. */
  #signedOut(): void {
    this.#isSignedOut = true;
    if (this.#enteringLife === 0) void this.#enter();
  }

  #drop(id: string): void {
    const talk = this.#talks.get(id);
    this.#talks.delete(id);
    talk?.hangUp();
  }
}

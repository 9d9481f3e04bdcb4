import {
  BayeuxError,
  isDelivery,
  readPosition,
  refusal,
  type Advice,
  type BayeuxMessage,
  type Delivery,
} from './bayeux-message.ts';
import { Emitter, type Unlisten } from './emitter.ts';
import { systemFetch, type Fetch } from './fetch.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';

/**
 * Where the client stands: `new` before the handshake; `connecting` until the first connect is answered;
 * `connected`; `broken` while a lost connection or session is being renewed; `closed` for good.
 */
export type ConnectionState = 'new' | 'connecting' | 'connected' | 'broken' | 'closed';

export interface BayeuxClientOptions {
  /** Where the Bayeux server is mounted, absolute. */
  readonly url: string;
  /** Carries the cookies that the server sets; without them a server may not know the session (bayeux.md A.9). */
  readonly fetch?: Fetch;
  readonly scheduler?: Scheduler;
  /** Numbers in [0, 1), to spread the return of many clients after a server was gone. */
  readonly random?: () => number;
  /** Asks for the replay extension (bayeux/README.md), for `replay`. Default false. */
  readonly replay?: boolean;
  /** Asks for the ack extension (bayeux.md A.8): what was lost on the way is sent again. Default true. */
  readonly ack?: boolean;
  /** How much longer than the server says the client waits for a reply. Default 10,000. */
  readonly maxNetworkDelayMs?: number;
  /** Back-off: none before the first retry, then this much more before each; default 1,000, at most 30,000. */
  readonly backoffStepMs?: number;
  readonly maxBackoffMs?: number;
  /** Ends everything at once, without telling the server. */
  readonly signal?: AbortSignal;
}

/** What can be listened to. */
export interface BayeuxEvents {
  /** Every message delivered to this client, each once, in the order of the server. */
  readonly message: Delivery;
  readonly state: ConnectionState;
  /**
   * A new session took the place of a lost one and has its subscriptions. What was published in between is gone:
   * read the present state again.
   */
  readonly renewed: undefined;
  /** A channel cannot be read on after the position; it is not subscribed any more. */
  readonly replayRefused: { readonly channel: string; readonly position: number };
  /** Why the state became `broken` or, not by `disconnect`, `closed`. */
  readonly failure: BayeuxError;
}

/** What holds until the server advises. */
const firstAdvice: Advice = { reconnect: 'retry', interval: 0, timeout: 30_000 };

type Request = Omit<BayeuxMessage, 'id'> & Readonly<Record<string, unknown>>;

/**
 * A Bayeux 1.0 client over long-polling (bayeux.md A.3–A.8). One client is one conversation: after `closed` make
 * another. It keeps one connect held at the server, obeys its advice, and comes back from lost connections by itself;
 * it gives up (`closed`) only when told to: by `disconnect`, the signal, `reconnect: none`, or HTTP 401 or 403.
 */
export class BayeuxClient {
  readonly #options: Required<Omit<BayeuxClientOptions, 'signal'>>;
  readonly #events = new Emitter<BayeuxEvents>();
  readonly #subscriptions = new Set<string>();
  /** The last position received, by channel, of those that are read on after it. */
  readonly #positions = new Map<string, number>();
  /** What must be cut short when the client closes: requests in flight and the pause between them. */
  readonly #pending = new Set<() => void>();
  #state: ConnectionState = 'new';
  #clientId: string | undefined;
  #advice = firstAdvice;
  /** The last batch received, or undefined when the server does not acknowledge. */
  #batch: number | undefined;
  #lastId = 0;
  #failures = 0;
  /** Set by `disconnect`: what the server says to the held connect then is no news. */
  #isLeaving = false;

  constructor(options: BayeuxClientOptions) {
    const { signal, ...rest } = options;
    this.#options = {
      fetch: systemFetch,
      scheduler: systemScheduler,
      random: Math.random,
      ack: true,
      replay: false,
      maxNetworkDelayMs: 10_000,
      backoffStepMs: 1_000,
      maxBackoffMs: 30_000,
      ...rest,
    };
    signal?.addEventListener('abort', () => this.#close(), { once: true });
    if (signal?.aborted) this.#close();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get clientId(): string | undefined {
    return this.#clientId;
  }

  on<Name extends keyof BayeuxEvents>(name: Name, listener: (value: BayeuxEvents[Name]) => void): Unlisten {
    return this.#events.on(name, listener);
  }

  /** Shakes hands and starts to connect. Rejects, and is `closed`, when the first handshake fails. */
  async handshake(): Promise<void> {
    if (this.#state !== 'new') throw new BayeuxError('closed', `the client is ${this.#state} already`);
    this.#become('connecting');
    try {
      await this.#shakeHands();
    } catch (error) {
      this.#close();
      throw error;
    }
    void this.#stayConnected();
  }

  /** Resolves when the server has confirmed all of them; they are kept through renewals of the session. */
  async subscribe(...channels: readonly string[]): Promise<void> {
    await this.#subscribeAs(this.#knownClientId(), channels);
    for (const channel of channels) this.#subscriptions.add(channel);
  }

  /**
   * Subscribes to a channel from after a position on: what it has brought since comes first, each event once, then what
   * happens. After a lost session it goes on where it was. Rejects with `refused` when the position cannot be served.
   */
  async replay(channel: string, afterPosition: number): Promise<void> {
    this.#positions.set(channel, afterPosition);
    await this.#replayAs(this.#knownClientId(), channel);
  }

  async unsubscribe(...channels: readonly string[]): Promise<void> {
    const clientId = this.#knownClientId();
    for (const channel of channels) {
      this.#subscriptions.delete(channel);
      this.#positions.delete(channel);
    }
    await this.#ask(
      channels.map((subscription) => ({ channel: '/meta/unsubscribe', clientId, subscription })),
    );
  }

  /** Resolves when the server has taken the message. */
  async publish(channel: string, data: unknown): Promise<void> {
    await this.#ask([{ channel, clientId: this.#knownClientId(), data }]);
  }

  /** Ends the session. The client is `closed` even when the server cannot be told, and then rejects. */
  async disconnect(): Promise<void> {
    const clientId = this.#clientId;
    if (this.#state === 'closed' || clientId === undefined) return this.#close();
    this.#isLeaving = true;
    try {
      await this.#ask([{ channel: '/meta/disconnect', clientId }]);
    } finally {
      this.#close();
    }
  }

  async #stayConnected(): Promise<void> {
    let answerAtOnce = true;
    while (!this.#isClosed() && !this.#isLeaving) {
      try {
        if (this.#clientId === undefined) await this.#renew();
        await this.#connect(answerAtOnce);
        answerAtOnce = false;
        this.#failures = 0;
        this.#become('connected');
        await this.#pause(this.#advice.interval);
      } catch (error) {
        if (!(error instanceof BayeuxError)) throw error;
        if (this.#isClosed() || this.#isLeaving) return;
        answerAtOnce = true;
        await this.#recoverFrom(error);
      }
    }
  }

  async #recoverFrom(error: BayeuxError): Promise<void> {
    const final =
      error.kind === 'http' ? error.code === 401 || error.code === 403 : this.#advice.reconnect === 'none';
    if (final) return this.#close(error);
    if (error.code === 402 || this.#advice.reconnect === 'handshake') this.#clientId = undefined;
    this.#become('broken');
    this.#events.emit('failure', error);
    const backoffMs = Math.min(this.#options.backoffStepMs * this.#failures, this.#options.maxBackoffMs);
    this.#failures += 1;
    await this.#pause(this.#advice.interval + backoffMs * (0.5 + this.#options.random() / 2));
  }

  async #shakeHands(): Promise<void> {
    this.#advice = firstAdvice;
    const [reply] = await this.#ask([
      {
        channel: '/meta/handshake',
        version: '1.0',
        minimumVersion: '1.0',
        supportedConnectionTypes: ['long-polling'],
        ...this.#extensions(),
      },
    ]);
    if (reply?.clientId === undefined)
      throw new BayeuxError('network', 'the handshake reply has no clientId');
    this.#batch = this.#options.ack && reply.ext?.ack ? 0 : undefined;
    this.#clientId = reply.clientId;
  }

  #extensions(): { readonly ext?: object } {
    const { ack, replay } = this.#options;
    return ack || replay ? { ext: { ...(ack ? { ack } : {}), ...(replay ? { replay } : {}) } } : {};
  }

  async #renew(): Promise<void> {
    await this.#shakeHands();
    try {
      if (this.#subscriptions.size > 0)
        await this.#subscribeAs(this.#knownClientId(), [...this.#subscriptions]);
      for (const channel of [...this.#positions.keys()]) await this.#replayAgain(channel);
    } catch (error) {
      // A session without its subscriptions would stay silent for ever: begin again.
      this.#clientId = undefined;
      throw error;
    }
    this.#events.emit('renewed', undefined);
  }

  async #replayAgain(channel: string): Promise<void> {
    try {
      await this.#replayAs(this.#knownClientId(), channel);
    } catch (error) {
      if (!(error instanceof BayeuxError) || error.kind !== 'refused' || error.code === 402) throw error;
    }
  }

  async #replayAs(clientId: string, channel: string): Promise<void> {
    const position = this.#positions.get(channel) ?? 0;
    const ext = { replay: { [channel]: position } };
    try {
      await this.#ask([{ channel: '/meta/subscribe', clientId, subscription: channel, ext }]);
    } catch (error) {
      if (error instanceof BayeuxError && error.kind === 'refused' && error.code !== 402) {
        this.#positions.delete(channel);
        this.#events.emit('replayRefused', { channel, position });
      }
      throw error;
    }
  }

  #subscribeAs(clientId: string, channels: readonly string[]): Promise<readonly BayeuxMessage[]> {
    return this.#ask(
      channels.map((subscription) => ({ channel: '/meta/subscribe', clientId, subscription })),
    );
  }

  /**
   * One connect. "The first connect is answered at once" (bayeux.md A.4): `advice.timeout: 0` asks for it, as after
   * every failure. A reply without progress in its batch number is a repetition: what it delivers was seen before.
   */
  async #connect(answerAtOnce: boolean): Promise<void> {
    const [reply] = await this.#ask(
      [
        {
          channel: '/meta/connect',
          clientId: this.#knownClientId(),
          connectionType: 'long-polling',
          ...(answerAtOnce ? { advice: { timeout: 0 } } : {}),
          ...(this.#batch === undefined ? {} : { ext: { ack: this.#batch } }),
        },
      ],
      answerAtOnce ? 0 : this.#advice.timeout,
    );
    if (reply?.advice?.reconnect === 'none')
      this.#close(new BayeuxError('closed', 'the server asks for no further connect'));
  }

  /** Sends the messages in one request and resolves with their replies, in the order of the messages. */
  async #ask(requests: readonly Request[], heldMs = 0): Promise<readonly BayeuxMessage[]> {
    const messages = requests.map((request) => ({ ...request, id: String(++this.#lastId) }));
    const received = await this.#post(messages, heldMs + this.#options.maxNetworkDelayMs);
    const replies = messages.map(({ id, channel }) => {
      const reply = received.find((message) => message.id === id && message.channel === channel);
      if (!reply) throw new BayeuxError('network', `no reply to ${channel}`);
      return reply;
    });
    this.#deliver(received, replies);
    for (const { advice } of replies)
      if (advice) this.#advice = { ...firstAdvice, timeout: this.#advice.timeout, ...advice };
    const refused = replies.find((reply) => reply.successful !== true);
    if (refused) throw refusal(refused);
    return replies;
  }

  #deliver(received: readonly BayeuxMessage[], replies: readonly BayeuxMessage[]): void {
    const batch = replies.find((reply) => reply.channel === '/meta/connect')?.ext?.ack;
    const isRepetition = this.#batch !== undefined && typeof batch === 'number' && batch <= this.#batch;
    if (!isRepetition)
      for (const message of received)
        if (isDelivery(message) && this.#isNew(message))
          this.#events.emit('message', { channel: message.channel, data: message.data });
    if (this.#batch !== undefined && typeof batch === 'number') this.#batch = Math.max(batch, this.#batch);
    const sentAway = received.some(({ channel, id }) => channel === '/meta/disconnect' && id === undefined);
    if (sentAway) this.#close(new BayeuxError('closed', 'the server ended the session'));
  }

  /** Whether a message is beyond what its channel has brought so far; and it has brought this one then. */
  #isNew({ channel, ext }: BayeuxMessage): boolean {
    const position = readPosition(ext?.replay);
    const last = this.#positions.get(channel);
    if (position === undefined || last === undefined) return true;
    if (position <= last) return false;
    this.#positions.set(channel, position);
    return true;
  }

  async #post(messages: readonly object[], patienceMs: number): Promise<readonly BayeuxMessage[]> {
    if (this.#isClosed()) throw new BayeuxError('closed', 'the client is closed');
    const abort = new AbortController();
    const cut = (): void => {
      cancelTimer();
      abort.abort();
    };
    const cancelTimer = this.#options.scheduler.after(patienceMs, cut);
    this.#pending.add(cut);
    try {
      const response = await this.#options.fetch(this.#options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json;charset=UTF-8' },
        credentials: 'include',
        body: JSON.stringify(messages),
        signal: abort.signal,
      });
      if (!response.ok)
        throw new BayeuxError('http', `${this.#options.url} answered HTTP ${response.status}`, {
          code: response.status,
        });
      const body: unknown = await response.json();
      if (!Array.isArray(body)) throw new BayeuxError('network', 'the reply is not an array');
      return body as readonly BayeuxMessage[];
    } catch (cause) {
      if (cause instanceof BayeuxError) throw cause;
      if (this.#isClosed()) throw new BayeuxError('closed', 'the client was closed', { cause });
      throw new BayeuxError('network', abort.signal.aborted ? 'no reply in time' : 'the request failed', {
        cause,
      });
    } finally {
      cancelTimer();
      this.#pending.delete(cut);
    }
  }

  async #pause(delayMs: number): Promise<void> {
    if (delayMs <= 0 || this.#isClosed()) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        cancel();
        this.#pending.delete(go);
        resolve();
      };
      const cancel = this.#options.scheduler.after(delayMs, go);
      this.#pending.add(go);
    });
  }

  #knownClientId(): string {
    if (this.#clientId === undefined)
      throw new BayeuxError('closed', `not connected: the client is ${this.#state}`);
    return this.#clientId;
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** With a `failure` it is the server that ends it, and without one the caller. */
  #close(failure?: BayeuxError): void {
    if (this.#isClosed() || (failure && this.#isLeaving)) return;
    this.#clientId = undefined;
    this.#become('closed');
    for (const cut of this.#pending) cut();
    if (failure) this.#events.emit('failure', failure);
  }

  #become(state: ConnectionState): void {
    if (state === this.#state || this.#isClosed()) return;
    this.#state = state;
    this.#events.emit('state', state);
  }
}

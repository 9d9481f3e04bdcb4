import type { CustomerFormName } from '@parley/contract/gms/requests.ts';
import type { CustomerEvent, CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { BayeuxClient, type ConnectionState } from './bayeux-client.ts';
import {
  CustomerOperations,
  endOfEvents,
  refusedReply,
  type EventsOptions,
  type OperationFields,
} from './customer-operations.ts';
import { Emitter } from './emitter.ts';
import type { Fetch } from './fetch.ts';
import { LoginSession } from './login-session.ts';
import { newIdempotencyKey, retrying, type CallOptions, type RetryOptions } from './retry.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';

export interface CustomerPushClientOptions {
  /** Where the server is, without `/genesys`. */
  readonly baseUrl: string;
  /** The customer-facing service, named by the channel. */
  readonly service: string;
  readonly fetch?: Fetch;
  readonly scheduler?: Scheduler;
  /** How operations are published again that were lost on the way. */
  readonly retry?: RetryOptions;
}

type Push = CustomerReply | CustomerFailure;

interface Signals {
  readonly push: Push;
  /** A connection took the place of a lost one: what is under way is to be published again. */
  readonly renewed: undefined;
}

/** The names of the operations on the channel, where they differ from those of the forms (gms-customer-api §6.3). */
const names: Partial<Record<CustomerFormName, string>> = {
  send: 'sendMessage',
  refresh: 'requestNotifications',
};

/**
 * Over CometD (gms-customer-api §6): operations are published, what happens is pushed. Every publish carries an
 * idempotency key, and the push with this key is its answer.
 */
export class CustomerPushClient extends CustomerOperations {
  readonly #options: CustomerPushClientOptions;
  readonly #scheduler: Scheduler;
  readonly #channel: string;
  readonly #signals = new Emitter<Signals>();
  readonly #closed = new AbortController();
  #connecting: Promise<BayeuxClient> | undefined;

  constructor(options: CustomerPushClientOptions) {
    super();
    this.#options = options;
    this.#scheduler = options.scheduler ?? systemScheduler;
    this.#channel = `/service/chatV2/${options.service}`;
  }

  async *events({ from = 1, signal }: EventsOptions = {}): AsyncGenerator<CustomerEvent, void, void> {
    const stream = new PushedEvents(from);
    let isOver = false;
    const over = new AbortController();
    const end = (): void => {
      isOver = true;
      over.abort();
      stream.end();
    };
    /** Asks for everything from here on; what comes before the answer is part of it. */
    const catchUp = (): void => {
      const key = newIdempotencyKey();
      const fields = { transcriptPosition: String(stream.awaitAnswer(key)) };
      const call = { idempotencyKey: key, signal: over.signal, deadlineMs: longestDeadlineMs };
      this.#publish('refresh', fields, call).catch((error: unknown) => {
        if (stream.isAwaiting(key) && !isOver) stream.fail(error);
      });
    };
    const listening = [
      this.#signals.on('push', (push) => stream.take(push)),
      this.#signals.on('renewed', catchUp),
    ];
    signal?.addEventListener('abort', end);
    this.#closed.signal.addEventListener('abort', end);
    if (signal?.aborted || this.#closed.signal.aborted) end();
    else catchUp();
    try {
      while (!isOver) {
        const event = await stream.next();
        if (!event) return;
        yield event;
      }
    } finally {
      end();
      for (const unlisten of listening) unlisten();
      signal?.removeEventListener('abort', end);
      this.#closed.signal.removeEventListener('abort', end);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const connecting = this.#connecting;
    this.#connecting = undefined;
    // A connection that is not there needs no goodbye.
    await connecting?.then((bayeux) => bayeux.disconnect()).catch(() => undefined);
  }

  protected async ask(
    operation: CustomerFormName,
    fields: OperationFields,
    call: CallOptions,
  ): Promise<CustomerReply> {
    return this.#publish(operation, fields, call);
  }

  #publish(operation: CustomerFormName, fields: OperationFields, call: CallOptions): Promise<CustomerReply> {
    const idempotencyKey = call.idempotencyKey ?? newIdempotencyKey();
    const { chatId, secureKey } = operation === 'requestChat' ? {} : this.credentials;
    const data = {
      operation: names[operation] ?? operation,
      ...(chatId === undefined ? {} : { chatId, secureKey }),
      ...fields,
      idempotencyKey,
    };
    const attempt = async (signal: AbortSignal): Promise<CustomerReply> => {
      const bayeux = await this.#connected();
      const answer = this.#answerTo(idempotencyKey, signal);
      // Whichever fails first counts; the other must not be reported as unhandled.
      answer.catch(() => undefined);
      await Promise.race([bayeux.publish(this.#channel, data), answer]);
      const reply = await answer;
      this.learn(reply);
      if (reply.statusCode === 0) return reply;
      throw refusedReply(String(data.operation), reply);
    };
    return retrying(attempt, { ...this.#options.retry, scheduler: this.#scheduler }, call);
  }

  /** The push that repeats the key; rejects when the connection it would come on is gone. */
  #answerTo(key: string, signal: AbortSignal): Promise<Push> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        for (const unlisten of listening) unlisten();
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        done();
        reject(signal.reason as Error);
      };
      const listening = [
        this.#signals.on('push', (push) => {
          if (push.idempotencyKey !== key) return;
          done();
          resolve(push);
        }),
        this.#signals.on('renewed', () => {
          done();
          reject(new Error('the connection was lost'));
        }),
      ];
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }

  #connected(): Promise<BayeuxClient> {
    if (this.#closed.signal.aborted) return Promise.reject(new Error('the client is closed'));
    this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  async #connect(): Promise<BayeuxClient> {
    const { baseUrl, fetch } = this.#options;
    // It keeps the cookie that the push engine sets.
    const cookies = new LoginSession({ baseUrl, ...(fetch ? { fetch } : {}) });
    const url = cookies.url('/genesys/cometd');
    const { signal } = this.#closed;
    const bayeux = new BayeuxClient({ url, fetch: cookies.fetch, scheduler: this.#scheduler, signal });
    bayeux.on('message', ({ channel, data }) => {
      if (channel === this.#channel) this.#signals.emit('push', data as Push);
    });
    bayeux.on('renewed', () => this.#signals.emit('renewed', undefined));
    let isConnected = false;
    bayeux.on('state', (state: ConnectionState) => {
      // One that does not come about is tried again by whoever wants it, after a pause.
      if (state !== 'closed' || signal.aborted || !isConnected) return;
      // Sent away for good: the next operation begins anew, and so does who listens.
      this.#connecting = undefined;
      this.#signals.emit('renewed', undefined);
    });
    await bayeux.handshake();
    await bayeux.subscribe(this.#channel);
    isConnected = true;
    return bayeux;
  }
}

/** As long as timers run: whoever listens waits for the server however long it is away. */
const longestDeadlineMs = 2 ** 31 - 1;

/** What was pushed and not read yet, each event once and in order. */
class PushedEvents {
  readonly #unread: CustomerEvent[] = [];
  #position: number;
  #awaited: string | undefined;
  #ended = false;
  #error: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(position: number) {
    this.#position = position;
  }

  /** Nothing counts before the answer with this key; the index from which it has to tell. */
  awaitAnswer(key: string): number {
    this.#awaited = key;
    return this.#position;
  }

  isAwaiting(key: string): boolean {
    return this.#awaited === key;
  }

  take(push: Push): void {
    if (this.#awaited !== undefined && push.idempotencyKey !== this.#awaited) return;
    if (push.statusCode !== 0) return;
    this.#awaited = undefined;
    for (const event of push.messages) {
      if (event.index < this.#position) continue;
      this.#position = event.index + 1;
      this.#unread.push(event);
    }
    this.#ended ||= push.chatEnded;
    this.#wakeUp();
  }

  fail(error: unknown): void {
    this.#error = { error: endOfEvents(error, this.#position) };
    this.#wakeUp();
  }

  /** Nothing more will be read. */
  end(): void {
    this.#ended = true;
    this.#unread.length = 0;
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** The next event; undefined after the last. Rejects when the events cannot be read on. */
  async next(): Promise<CustomerEvent | undefined> {
    while (this.#unread.length === 0 && !this.#ended && !this.#error)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    const event = this.#unread.shift();
    if (!event && this.#error) throw this.#error.error;
    return event;
  }
}

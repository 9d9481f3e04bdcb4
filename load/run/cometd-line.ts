import { BayeuxClient } from '@parley/client/bayeux-client.ts';
import { BayeuxError } from '@parley/client/bayeux-message.ts';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { ParleyError } from '@parley/client/parley-error.ts';
import type { CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { entryOfCustomer, type LogEntry } from '../history/chat-history.ts';
import type { Connections } from '../wire/connections.ts';
import { attempted } from './attempted.ts';
import type { CustomerLine, LineEvents } from './customer-line.ts';
import type { RunContext } from './run-context.ts';

export const cometdPath = '/genesys/cometd';

/** Where the push is waited for that answers a publish: the customer's own message, or one with its key. */
interface Echo {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A customer whose page publishes and is pushed to (gms-customer-api §6). A publish is acknowledged whatever becomes of
 * it: that a message was accepted says its push, that it was refused a push with a failure.
 */
export class CometdLine implements CustomerLine {
  /** Asks for the chat and reads it at the end; over HTTP both are answered at once. */
  readonly #rest: CustomerClient;
  readonly #connections: Connections;
  readonly #context: RunContext;
  readonly #on: LineEvents;
  readonly #channel: string;
  #isClosed = false;
  /** Ends the present push client; one that came to nothing must not go on beside the next. */
  #stop = new AbortController();
  readonly #echoes = new Map<string, Echo>();
  #bayeux: BayeuxClient | undefined;
  /** Counts the sessions. */
  #turn = 0;
  /** This session was told what came before it: it brings what comes. */
  #isAttached = false;
  /** Of the request for what came before, however often it is sent. */
  #attachKey: string | undefined;
  #nextIndex = 1;

  constructor(context: RunContext, connections: Connections, on: LineEvents) {
    const { url: baseUrl, service } = context.options;
    this.#rest = new CustomerClient({ baseUrl, service, fetch: connections.fetch });
    this.#connections = connections;
    this.#context = context;
    this.#on = on;
    this.#channel = `/service/chatV2/${service}`;
  }

  get isConnected(): boolean {
    return this.#isAttached && this.#bayeux?.state === 'connected';
  }

  async open(nickname: string): Promise<string> {
    await this.#rest.requestChat({ nickname });
    await this.#listen();
    return this.#rest.chatId;
  }

  async send(text: string): Promise<void> {
    const bayeux = this.#bayeux;
    if (!bayeux) throw new TypeError('not connected');
    await this.#echoed(text, this.#publish(bayeux, 'sendMessage', { message: text }));
  }

  async leave(): Promise<void> {
    await this.#rest.disconnect();
  }

  async readAll(): Promise<readonly LogEntry[]> {
    return (await this.#rest.refresh(1)).messages.map(entryOfCustomer);
  }

  close(): void {
    this.#isClosed = true;
    this.#stop.abort();
  }

  /** Once more and again until it works: without it the customer would hear nothing. */
  async #listen(): Promise<void> {
    while (!this.#isClosed && !this.#context.isGivenUp()) {
      const opened = await attempted(this.#openPush());
      if (opened.outcome === 'acknowledged') return;
      this.#on.failed(`push: ${opened.kind}`);
      await this.#context.pause(500);
    }
  }

  async #openPush(): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    const bayeux = new BayeuxClient({
      url: `${this.#context.options.url}${cometdPath}`,
      fetch: this.#browserFetch(),
      signal: this.#stop.signal,
    });
    bayeux.on('message', ({ data }) => this.#received(data as CustomerReply | CustomerFailure));
    bayeux.on('failure', () => this.#on.failed('push: lost'));
    bayeux.on('renewed', () => void this.#attach(bayeux));
    bayeux.on('state', (state) => {
      if (state === 'closed' && bayeux === this.#bayeux && !this.#isClosed) void this.#listen();
    });
    await bayeux.handshake();
    await bayeux.subscribe(this.#channel);
    this.#bayeux = bayeux;
    await this.#attach(bayeux);
  }

  /** In a new session: asks for everything from where the old one ended, until there is an answer. */
  async #attach(bayeux: BayeuxClient): Promise<void> {
    const turn = (this.#turn += 1);
    const idempotencyKey = crypto.randomUUID();
    this.#attachKey = idempotencyKey;
    this.#isAttached = false;
    this.#on.restarted(this.#nextIndex);
    while (turn === this.#turn && !this.#isClosed && !this.#context.isGivenUp()) {
      const fields = { transcriptPosition: String(this.#nextIndex), idempotencyKey };
      const published = this.#publish(bayeux, 'requestNotifications', fields);
      const asked = await attempted(this.#echoed(idempotencyKey, published));
      if (turn !== this.#turn || asked.outcome === 'acknowledged') return;
      // When the publish was refused the session is gone as well: its renewal asks again.
      if (asked.outcome === 'refused' && asked.error instanceof BayeuxError) return;
      this.#on.failed(asked.kind);
      await this.#context.pause(200);
    }
  }

  /** Waits for the acknowledgement of a publish and for the push that answers it. */
  async #echoed(name: string, published: Promise<void>): Promise<void> {
    const echo = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => echo.reject(new TypeError('the answer was not pushed')),
      this.#context.options.requestTimeoutMs,
    );
    this.#echoes.set(name, echo);
    try {
      await Promise.all([published, echo.promise]);
    } finally {
      clearTimeout(timer);
      this.#echoes.delete(name);
      echo.resolve();
    }
  }

  #publish(bayeux: BayeuxClient, operation: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const { chatId, secureKey } = this.#rest;
    return bayeux.publish(this.#channel, { operation, chatId, secureKey, ...fields });
  }

  #received(reply: CustomerReply | CustomerFailure): void {
    if (reply.statusCode !== 0) {
      const { statusCode, errors } = reply;
      const errorCodes = errors.map(({ code }) => code);
      const refused = new ParleyError('refused by a push', { statusCode, httpStatus: 200, errorCodes });
      for (const { reject } of this.#echoes.values()) reject(refused);
      return;
    }
    const entries = reply.messages.map(entryOfCustomer);
    if (this.#counts(reply)) {
      this.#on.entries(entries);
      this.#nextIndex = Math.max(this.#nextIndex, ...entries.map(({ index }) => index + 1));
    }
    this.#echoes.get(reply.idempotencyKey ?? '')?.resolve();
    for (const { text = '' } of entries) this.#echoes.get(text)?.resolve();
  }

  /**
   * What comes before the answer to the request for everything so far is part of that answer; another answer to the same
   * request holds nothing new.
   */
  #counts({ idempotencyKey }: CustomerReply): boolean {
    const isAnswer = idempotencyKey !== undefined && idempotencyKey === this.#attachKey;
    const counts = isAnswer !== this.#isAttached;
    this.#isAttached ||= isAnswer;
    return counts;
  }

  /** As a browser, which brings the push engine's cookie back. */
  #browserFetch(): Connections['fetch'] {
    let cookie: string | undefined;
    return async (url, init) => {
      const headers = new Headers(init?.headers);
      if (cookie !== undefined) headers.set('cookie', cookie);
      const response = await this.#connections.fetch(url, { ...init, headers });
      cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie;
      return response;
    };
  }
}

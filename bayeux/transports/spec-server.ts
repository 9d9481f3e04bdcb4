/** A server on a free port of the loopback for the specs of transports, with a clock that stands still, and clients for it. */

import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { BayeuxServerOptions } from '../options.ts';
import { BayeuxServer } from '../server.ts';
import { ManualClock } from '../sessions/manual-clock.ts';
import type { MountOptions } from './mount.ts';

/** A message as a spec reads it. */
export interface SpecMessage {
  readonly channel?: string | undefined;
  readonly id?: unknown;
  readonly clientId?: string | undefined;
  readonly data?: unknown;
  readonly successful?: boolean | undefined;
}

/** A server under test. Principals are the values of the `user` header or query parameter. */
export class SpecServer {
  readonly clock = new ManualClock();
  readonly engine: BayeuxServer<string>;
  readonly errors: unknown[] = [];
  readonly #http: Server;
  #grants: ((isGranted: boolean) => void)[] = [];
  #asked: (() => void) | undefined = undefined;

  private constructor(options: BayeuxServerOptions<string>, mount: Partial<MountOptions<string>>) {
    this.engine = new BayeuxServer<string>({
      clock: this.clock,
      ...options,
      policy: {
        publish: (_, channel) => !channel.startsWith('/slow') || this.#ask(),
        ...options.policy,
      },
      hooks: { onError: (error) => void this.errors.push(error), ...options.hooks },
    });
    this.engine.mount({
      path: '/cometd',
      authenticate: (request) => ({ principal: userOf(request) }),
      connectionTypes: ['websocket', 'long-polling', 'callback-polling'],
      ...mount,
    });
    this.#http = createServer((request, response) => this.engine.handleRequest(request, response));
    this.#http.on('upgrade', (request, socket, head) => this.engine.handleUpgrade(request, socket, head));
  }

  static async start(
    options: BayeuxServerOptions<string> = {},
    mount: Partial<MountOptions<string>> = {},
  ): Promise<SpecServer> {
    const server = new SpecServer(options, mount);
    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** Waits until so many connects are held. */
  async held(count: number): Promise<void> {
    await turnsUntil(
      () => [...this.engine.sessions()].filter((each) => each.hold !== undefined).length === count,
    );
  }

  /** Waits until the publish policy has been asked about a slow channel. */
  async asked(): Promise<void> {
    if (this.#grants.length === 0) await new Promise<void>((resolve) => (this.#asked = resolve));
  }

  /** Lets everything pass that the publish policy was asked about. */
  grant(): void {
    for (const grant of this.#grants.splice(0)) grant(true);
  }

  async stop(): Promise<void> {
    await this.engine.close();
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, 'close');
    if (this.errors.length > 0) throw this.errors[0];
  }

  #ask(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#grants.push(resolve);
      this.#asked?.();
    });
  }
}

function userOf(request: IncomingMessage): string {
  const header = request.headers['x-user'];
  return typeof header === 'string' ? header : 'alice';
}

/** Lets the event loop turn until something is so. Fails the test by its time limit when it never is. */
export async function turnsUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

/** A client that speaks one transport and does nothing by itself. */
export abstract class SpecClient {
  readonly server: SpecServer;
  user = 'alice';
  cookie: string | undefined = undefined;
  readonly #events: SpecMessage[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(server: SpecServer) {
    this.server = server;
  }

  /** The transport's name. */
  abstract readonly name: string;

  /** Sends one request; the messages of its response. */
  abstract send(messages: unknown): Promise<readonly SpecMessage[]>;

  /** Cuts all connections of this client. */
  abstract cut(): void;

  /** Sends one message; its reply, by id, without the events that came with it. */
  async reply(messages: readonly SpecMessage[]): Promise<SpecMessage | undefined> {
    const replies = await this.send(messages);
    return replies.find((each) => each.id === messages[0]?.id);
  }

  /** Waits for an event of a channel, past or to come. */
  async received(channel: string): Promise<SpecMessage> {
    for (;;) {
      const found = this.#events.findIndex((each) => each.channel === channel);
      const [event] = found < 0 ? [] : this.#events.splice(found, 1);
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Shakes hands, connects and subscribes; the connect to send next. */
  async connected(subscription?: string) {
    const [hello] = await this.send([{ channel: '/meta/handshake', version: '1.0' }]);
    const clientId = String(hello?.clientId);
    const connect = { channel: '/meta/connect', clientId, connectionType: this.name };
    await this.send([{ ...connect, id: 'first' }]);
    if (subscription !== undefined)
      await this.send([{ channel: '/meta/subscribe', id: 's', clientId, subscription }]);
    return connect;
  }

  /** Keeps what has arrived, for `received`. */
  protected take(messages: readonly SpecMessage[]): void {
    for (const each of messages) if (each.successful === undefined) this.#events.push(each);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** An HTTP response, read whole. */
export interface SpecResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Sends one HTTP request. Rejects when the connection breaks first. */
export function http(
  server: SpecServer,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
    readonly agent?: Agent;
  } = {},
): Promise<SpecResponse> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        method: options.method ?? 'POST',
        path: options.path ?? '/cometd',
        headers: { 'Content-Type': 'application/json', ...options.headers },
        ...(options.agent && { agent: options.agent }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}

/** Speaks long-polling. */
export class LongPollingClient extends SpecClient {
  readonly name: string = 'long-polling';
  readonly agent = new Agent({ keepAlive: true });

  async send(messages: unknown): Promise<readonly SpecMessage[]> {
    const response = await this.post(messages);
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    const parsed = JSON.parse(response.body) as SpecMessage[];
    this.take(parsed);
    return parsed;
  }

  /** Sends a request and keeps the browser's cookie of its response. */
  async post(messages: unknown): Promise<SpecResponse> {
    const body = JSON.stringify(messages);
    return this.keepCookie(await http(this.server, { body, headers: this.headers(), agent: this.agent }));
  }

  cut(): void {
    this.agent.destroy();
  }

  protected headers(): Record<string, string> {
    return { 'X-User': this.user, ...(this.cookie !== undefined && { Cookie: this.cookie }) };
  }

  protected keepCookie(response: SpecResponse): SpecResponse {
    const [setCookie] = response.headers['set-cookie'] ?? [];
    if (setCookie !== undefined) this.cookie = setCookie.split(';')[0];
    return response;
  }
}

/** Speaks callback-polling. */
export class CallbackPollingClient extends LongPollingClient {
  override readonly name = 'callback-polling';

  override async post(messages: unknown): Promise<SpecResponse> {
    const query = new URLSearchParams({ jsonp: 'cb', message: JSON.stringify(messages) });
    const options = { method: 'GET', path: `/cometd?${query}`, headers: this.headers(), agent: this.agent };
    const response = this.keepCookie(await http(this.server, options));
    const script = /^\/\*\*\/cb\((.*)\);$/s.exec(response.body);
    return { ...response, body: script?.[1] ?? '' };
  }

  override async send(messages: unknown): Promise<readonly SpecMessage[]> {
    const replies = await super.send(messages);
    // Events arrive with connects only.
    const last = replies.at(-1);
    const hasEvents = replies.some((each) => each.successful === undefined);
    if (hasEvents && last?.channel !== '/meta/connect') throw new Error('an event outside a connect');
    return replies;
  }
}

/** Speaks WebSocket. One request at a time is matched by the id of its last message; frames without ids by their order. */
export class WebSocketClient extends SpecClient {
  readonly name = 'websocket';
  #socket: WebSocket | undefined = undefined;
  readonly frames: (readonly SpecMessage[])[] = [];
  #awaited: {
    readonly ids: readonly unknown[];
    readonly resolve: (frame: readonly SpecMessage[]) => void;
  }[] = [];

  async open(): Promise<WebSocket> {
    if (this.#socket === undefined) {
      this.#socket = new WebSocket(`ws://127.0.0.1:${this.server.port}/cometd`, {
        headers: { 'X-User': this.user },
      });
      this.#socket.on('message', (bytes) => this.#received(JSON.parse(String(bytes)) as SpecMessage[]));
      this.#socket.on('error', () => {});
    }
    if (this.#socket.readyState === WebSocket.CONNECTING) await once(this.#socket, 'open');
    return this.#socket;
  }

  async send(messages: unknown): Promise<readonly SpecMessage[]> {
    const socket = await this.open();
    const list = (Array.isArray(messages) ? messages : [messages]) as (SpecMessage | null)[];
    const answered = new Promise<readonly SpecMessage[]>((resolve) => {
      this.#awaited.push({ ids: list.map((each) => each?.id).filter((id) => id !== undefined), resolve });
    });
    socket.send(JSON.stringify(messages));
    return answered;
  }

  cut(): void {
    this.#socket?.terminate();
  }

  #received(frame: readonly SpecMessage[]): void {
    this.frames.push(frame);
    const ids = new Set(frame.filter((each) => each.successful !== undefined).map((each) => each.id));
    const isEvents = frame.length > 0 && frame.every((each) => each.successful === undefined);
    const isAnswered = (each: { readonly ids: readonly unknown[] }) =>
      !isEvents && each.ids.every((id) => ids.has(id));
    const answered = this.#awaited.filter(isAnswered);
    this.#awaited = this.#awaited.filter((each) => !answered.includes(each));
    for (const each of answered) each.resolve(frame);
    this.take(frame);
  }
}

import { WebSocket, type RawData } from 'ws';

interface BayeuxReply {
  readonly channel: string;
  readonly id?: string;
}

/** A request whose replies are awaited. */
interface Waiting {
  readonly missing: Set<string>;
  readonly received: BayeuxReply[];
  readonly isConnect: boolean;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: TypeError) => void;
}

/**
 * Carries Bayeux requests over a WebSocket behind the face of `fetch`, so that the SDK's client, which asks and waits,
 * runs over it. That fits because the client asks for acknowledgements: events then come with replies to connects
 * only, on any transport (bayeux.md A.8).
 */
export class SocketWire {
  readonly #url: string;
  readonly #waiting = new Set<Waiting>();
  #socket: WebSocket | undefined;
  #early: BayeuxReply[] = [];

  constructor(url: URL) {
    this.#url = url.href.replace(/^http/, 'ws');
  }

  async fetch(init: RequestInit): Promise<Response> {
    const asked = JSON.parse(String(init.body)) as readonly (BayeuxReply & {
      readonly connectionType?: string;
    })[];
    const messages = asked.map((message) =>
      message.connectionType === undefined ? message : { ...message, connectionType: 'websocket' },
    );
    const { signal } = init;
    const socket = this.#socket ?? this.#open(new Headers(init.headers).get('cookie'));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        missing: new Set(messages.map(({ id = '' }) => id)),
        received: [],
        isConnect: messages.some(({ channel }) => channel === '/meta/connect'),
        resolve,
        reject,
      };
      this.#waiting.add(waiting);
      // Whoever gives up takes the connection for dead.
      signal?.addEventListener('abort', () => this.#waiting.has(waiting) && this.#gone(socket), {
        once: true,
      });
      const send = (): void => socket.send(JSON.stringify(messages), (error) => error && this.#gone(socket));
      if (socket.readyState === WebSocket.OPEN) send();
      else socket.once('open', send);
    });
  }

  cut(): void {
    if (this.#socket) this.#gone(this.#socket);
  }

  #open(cookie: string | null): WebSocket {
    const socket = new WebSocket(this.#url, {
      headers: cookie === null ? {} : { cookie },
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.on('message', (frame) => this.#read(frame));
    socket.on('unexpected-response', (_, { statusCode = 500 }) => this.#refused(socket, statusCode));
    socket.on('error', () => this.#gone(socket));
    socket.on('close', () => this.#gone(socket));
    return socket;
  }

  #read(frame: RawData): void {
    const text = Buffer.isBuffer(frame) ? frame.toString('utf8') : '[]';
    for (const message of JSON.parse(text) as BayeuxReply[]) {
      const waiting = [...this.#waiting].find(
        ({ missing }) => message.id !== undefined && missing.has(message.id),
      );
      if (!waiting) this.#early.push(message);
      else {
        waiting.missing.delete(message.id ?? '');
        waiting.received.push(message);
      }
    }
    for (const waiting of this.#waiting) {
      if (waiting.missing.size > 0) continue;
      this.#waiting.delete(waiting);
      const events = waiting.isConnect ? this.#early.splice(0) : [];
      waiting.resolve(new Response(JSON.stringify([...events, ...waiting.received])));
    }
  }

  /** The server answers the upgrade over HTTP, as it would a request: who is not signed in learns it from the status. */
  #refused(socket: WebSocket, status: number): void {
    const refused = [...this.#waiting];
    this.#waiting.clear();
    for (const { resolve } of refused) resolve(new Response(null, { status }));
    this.#gone(socket);
  }

  #gone(socket: WebSocket): void {
    socket.terminate();
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#early = [];
    const lost = [...this.#waiting];
    this.#waiting.clear();
    for (const { reject } of lost) reject(new TypeError('the WebSocket is gone'));
  }
}

import { randomUUID } from 'node:crypto';
import type { Fetch } from '@parley/client/fetch.ts';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { SocketWire } from './socket-wire.ts';

export interface ConnectionsOptions {
  /** Requests at a time; more wait. A browser has six. */
  readonly maxSockets: number;
  /** A request without a signal of its own that takes longer is given up, as unanswered. */
  readonly requestTimeoutMs: number;
  /** Requests to these paths go over a WebSocket: Bayeux's. Default: none. */
  readonly socketPaths?: readonly string[];
}

/** Polls and Bayeux, which have ways of their own. */
const readsOnly = /\/(refresh|cometd|notifications)$/;

/** Headers of an answer that the SDK reads. */
const readHeaders = ['set-cookie', 'x-csrf-header', 'x-csrf-token', 'retry-after', 'content-type'];

/**
 * The connections of one client, apart from everybody else's as in the field, and all cut at once when its network is
 * gone. `fetch` is that of the platform as far as the SDK uses it, at a third of its processor time; it rejects with a
 * `TypeError` when there was no whole answer.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #wires = new Map<string, SocketWire>();
  readonly #open = new Set<() => void>();

  constructor(options: ConnectionsOptions) {
    const { maxSockets } = options;
    this.#options = options;
    this.#http = new HttpAgent({ keepAlive: true, maxSockets });
    this.#https = new HttpsAgent({ keepAlive: true, maxSockets });
  }

  readonly fetch: Fetch = (url, init = {}) => {
    const target = new URL(url);
    return this.#options.socketPaths?.includes(target.pathname)
      ? this.#wire(target).fetch(init)
      : this.#request(target, init);
  };

  /** Cuts everything that is open, without a goodbye; what comes next opens new connections. */
  cut(): void {
    for (const end of [...this.#open]) end();
    for (const wire of this.#wires.values()) wire.cut();
    this.#http.destroy();
    this.#https.destroy();
  }

  #wire(target: URL): SocketWire {
    let wire = this.#wires.get(target.pathname);
    if (!wire) this.#wires.set(target.pathname, (wire = new SocketWire(target)));
    return wire;
  }

  #request(target: URL, init: RequestInit): Promise<Response> {
    const secure = target.protocol === 'https:';
    const signal = init.signal ?? undefined;
    const options = {
      agent: secure ? this.#https : this.#http,
      method: init.method ?? 'GET',
      headers: repeatable(target, init),
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(target, options);
      const end = (): void => void request.destroy(new Error('cut'));
      const timer = signal ? undefined : setTimeout(end, this.#options.requestTimeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        this.#open.delete(end);
        signal?.removeEventListener('abort', end);
      };
      const fail = (cause: Error): void => {
        settle();
        reject(new TypeError('the request failed', { cause }));
      };
      this.#open.add(end);
      signal?.addEventListener('abort', end);
      request.on('error', fail);
      request.on('response', (answer) => {
        read(answer, fail, (response) => {
          settle();
          resolve(response);
        });
      });
      request.end(init.body ?? undefined);
      if (signal?.aborted) end();
    });
  }
}

function read(
  answer: IncomingMessage,
  fail: (cause: Error) => void,
  done: (response: Response) => void,
): void {
  const pieces: Buffer[] = [];
  answer.on('data', (piece: Buffer) => pieces.push(piece));
  answer.on('error', fail);
  answer.on('close', () => {
    if (!answer.complete) fail(new Error('the answer was cut off'));
  });
  answer.on('end', () => {
    if (!answer.complete) return;
    const { statusCode: status = 0 } = answer;
    const body = status === 204 || status === 304 ? null : Buffer.concat(pieces);
    done(new Response(body, { status, headers: keptHeaders(answer) }));
  });
}

function keptHeaders(answer: IncomingMessage): [string, string][] {
  const kept: [string, string][] = [];
  for (const name of readHeaders) {
    const value = answer.headers[name];
    for (const one of Array.isArray(value) ? value : value === undefined ? [] : [value])
      kept.push([name, one]);
  }
  return kept;
}

/** Requests that change something have a key, so that whoever sends them twice changes it once (docs/adr/0010). */
function repeatable(target: URL, init: RequestInit): Record<string, string> {
  const headers = plainHeaders(init.headers);
  const isChange = init.method === 'POST' && !readsOnly.test(target.pathname);
  if (isChange && headers['idempotency-key'] === undefined) headers['idempotency-key'] = randomUUID();
  return headers;
}

function plainHeaders(headers: RequestInit['headers']): Record<string, string> {
  return headers instanceof Headers
    ? Object.fromEntries(headers)
    : { ...(headers as Record<string, string>) };
}

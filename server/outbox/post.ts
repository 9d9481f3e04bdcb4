import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Where something is posted. */
export interface Address {
  readonly url: string;
  /** Whether it may be an address of this machine or of a private network. */
  readonly allowPrivateAddresses: boolean;
  /** Connections at the same time. */
  readonly parallel: number;
}

/** How the receiver answered: its status and, when it says so, how long it wants to be left alone. */
export interface Answer {
  readonly status: number;
  readonly retryAfterMs?: number;
}

export interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Resolves a name to its addresses; `dns.lookup` but in tests. */
export type Resolver = (
  name: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Of an answer's body so much is read, so that its connection can be used again; a longer one costs the connection. */
const maxAnswerBytes = 4096;

function forbidden(host: string): Error {
  return new Error(`${host} is not an address of the public internet (allowPrivateAddresses)`);
}

/**
 * Looks names up for connections and drops what is not public, so that the address that is checked is the one that is
 * connected to, whatever the name resolves to the next time.
 */
function publicLookup(resolver: Resolver) {
  return (
    name: string,
    options: LookupOptions,
    callback: (
      error: NodeJS.ErrnoException | null,
      address: string | LookupAddress[],
      family?: number,
    ) => void,
  ): void => {
    resolver(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = found.filter(({ address }) => isPublicAddress(address));
      const [first] = addresses;
      if (!first) return callback(forbidden(name), []);
      return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

/** Posts to one address over connections of its own, which stay open between posts. Redirects are not followed. */
export class Poster {
  readonly #url: URL;
  readonly #agent: HttpAgent;
  readonly #literalIsForbidden: boolean;

  constructor({ url, allowPrivateAddresses, parallel }: Address, resolver: Resolver = resolve) {
    this.#url = new URL(url);
    const lookup = allowPrivateAddresses ? {} : { lookup: publicLookup(resolver) };
    const options = { keepAlive: true, maxSockets: parallel, maxFreeSockets: parallel, ...lookup };
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    // An address in the URL itself is not looked up.
    const host = this.#url.hostname.replace(/^\[(.*)\]$/, '$1');
    this.#literalIsForbidden = !allowPrivateAddresses && isIP(host) !== 0 && !isPublicAddress(host);
  }

  /** Resolves with the answer, whatever its status. Rejects when none came: no connection, or the signal was given. */
  async post(posted: Posted): Promise<Answer> {
    if (this.#literalIsForbidden) throw forbidden(this.#url.hostname);
    try {
      return await this.#once(posted);
    } catch (error) {
      // The other side closed a connection that stood idle just as it was used again: nothing was wrong.
      if (!(error instanceof StaleConnection)) throw error;
      return this.#once(posted);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #once({ headers, body, signal }: Posted): Promise<Answer> {
    const send = this.#url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((done, fail) => {
      const request = send(this.#url, {
        method: 'POST',
        agent: this.#agent,
        signal,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      });
      request.on(
        'response',
        (response) => void readAway(response).then(() => done(answerOf(response)), fail),
      );
      request.on('error', (error: NodeJS.ErrnoException) =>
        fail(request.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection() : error),
      );
      request.end(body);
    });
  }
}

class StaleConnection extends Error {}

/** Reads what is left of a short answer. One that is long, breaks off or is too slow ends its connection; its status counts. */
function readAway(response: IncomingMessage): Promise<void> {
  return new Promise((resolvePromise) => {
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxAnswerBytes) response.destroy();
    });
    response.on('error', () => {});
    response.on('close', resolvePromise);
  });
}

function answerOf(response: IncomingMessage): Answer {
  const seconds = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.ceil(seconds * 1000) } : {}),
  };
}

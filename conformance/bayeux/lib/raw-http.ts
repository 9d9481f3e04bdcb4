import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { mountPath } from './engine-calls.ts';

/** What came back: the status, the body as text, and the cookie if one was set. */
export type RawAnswer = { status: number; body: string; cookie: string | undefined };

export type RawRequest = {
  body?: string | Buffer;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
};

const answerWithinMs = 5_000;
/** Long enough for the other side to read one packet before the next is there. */
const packetGapMs = 4;

/** Sends whatever it is told to over a few kept connections; a request that is not answered in 5 seconds is an error. */
export class RawHttp {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 24 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  send({ body = '', path = mountPath, method = 'POST', headers = {} }: RawRequest): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          port: this.#port,
          host: '127.0.0.1',
          path,
          method,
          agent: this.#agent,
          headers: {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(body),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            const cookie = incoming.headers['set-cookie']?.[0]?.split(';')[0];
            resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString(), cookie });
          });
          incoming.on('error', reject);
        },
      );
      outgoing.setTimeout(answerWithinMs, () =>
        outgoing.destroy(new Error(`no answer to ${method} ${path} ${body}`)),
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/**
 * Writes bytes to a fresh connection and reads until the other side closes or `readMs` have passed since the last byte;
 * `hangUp` closes right after writing, `gap` lets each piece leave in a packet of its own. Never fails: what breaks is the answer.
 */
export function sendBytes(
  port: number,
  pieces: readonly (string | Buffer)[],
  options: { readMs: number; hangUp?: boolean; gap?: boolean },
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const done = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(options.readMs, done);
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
    socket.on('error', done);
    socket.on('close', done);
    socket.setNoDelay(true);
    const write = (at: number): void => {
      const piece = pieces[at];
      if (piece === undefined) {
        if (options.hangUp === true) socket.destroy();
        return;
      }
      socket.write(piece);
      if (options.gap === true) setTimeout(() => write(at + 1), packetGapMs);
      else write(at + 1);
    };
    socket.on('connect', () => write(0));
  });
}

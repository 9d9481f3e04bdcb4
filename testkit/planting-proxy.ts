import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request on its way to the server, and what a planted bug may do with it. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Sends it on, once more each time it is called; resolves with the body of the answer. */
  readonly pass: (body?: string) => Promise<string>;
}

/** Stands for a bug of the server: answers what the server would not. Resolves with the body that the client gets. */
export type PlantedBug = (passing: Passing) => Promise<string>;

/** An HTTP proxy on 127.0.0.1 that plants a bug between a server that has none and its clients. */
export class PlantingProxy {
  readonly #server: Server;

  private constructor(targetPort: number, bug: PlantedBug) {
    this.#server = createServer((incoming, outgoing) => {
      void (async () => {
        const body = await textOf(incoming);
        // Without the key a request that the bug sends twice is carried out twice.
        const { 'idempotency-key': _key, ...headers } = incoming.headers;
        const { method = 'GET', url: path = '/' } = incoming;
        let answered: IncomingMessage | undefined;
        const pass = async (changed = body): Promise<string> => {
          const sent = { ...headers, 'content-length': String(Buffer.byteLength(changed)) };
          answered = await answerOf(
            { port: targetPort, host: '127.0.0.1', method, path, headers: sent },
            changed,
          );
          return textOf(answered);
        };
        const text = await bug({ method, path, body, pass });
        const { statusCode = 200, headers: answer = { 'content-type': 'application/json' } } = answered ?? {};
        const { 'transfer-encoding': _, ...kept } = answer;
        outgoing
          .writeHead(statusCode, { ...kept, 'content-length': String(Buffer.byteLength(text)) })
          .end(text);
      })().catch(() => outgoing.destroy());
    });
  }

  static async open(targetPort: number, bug: PlantedBug): Promise<PlantingProxy> {
    const proxy = new PlantingProxy(targetPort, bug);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function answerOf(options: Parameters<typeof request>[1], body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(options as object, resolve)
      .on('error', reject)
      .end(body);
  });
}

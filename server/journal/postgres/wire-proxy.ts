import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The message by which PostgreSQL says that a transaction is over and the next may come (protocol version 3). */
const readyForQuery = 'Z'.charCodeAt(0);

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes of a message that has not arrived whole. */
  rest: Buffer;
  readonly held: Buffer[];
}

/** For tests only: stands between a journal and PostgreSQL, holds back what the server says, cuts, refuses. */
export class WireProxy {
  readonly url: string;
  readonly #listener: Server;
  readonly #links = new Set<Link>();
  readonly #target: { readonly host: string; readonly port: number };
  #holdsReady = false;
  #swallows = false;
  /** Whether new connections are let in. */
  isOpen = true;

  private constructor(listener: Server, target: URL) {
    this.#listener = listener;
    this.#target = { host: target.hostname, port: Number(target.port || 5432) };
    const url = new URL(target);
    url.host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
    this.url = url.href;
    listener.on('connection', (client) => this.#join(client));
  }

  static async start(url: string): Promise<WireProxy> {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return new WireProxy(listener, new URL(url));
  }

  /** From now on the server's "ready for query" does not arrive; everything else does. */
  holdReady(): void {
    this.#holdsReady = true;
  }

  /** What was held back arrives. */
  releaseReady(): void {
    this.#holdsReady = false;
    for (const { client, held } of this.#links) for (const message of held.splice(0)) client.write(message);
  }

  /** From now on nothing that clients send arrives. */
  swallow(): void {
    this.#swallows = true;
  }

  /** Cuts every connection; whatever was held back or swallowed is lost. */
  cut(): void {
    this.#holdsReady = false;
    this.#swallows = false;
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.destroy();
    }
    this.#links.clear();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #join(client: Socket): void {
    client.on('error', () => undefined);
    if (!this.isOpen) {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    const link: Link = { client, server, rest: Buffer.alloc(0), held: [] };
    this.#links.add(link);
    server.on('error', () => client.destroy());
    server.on('close', () => client.end());
    client.on('close', () => {
      server.end();
      this.#links.delete(link);
    });
    client.on('data', (piece) => void (this.#swallows || server.write(piece)));
    server.on('data', (piece: Buffer) => this.#answer(link, piece));
  }

  #answer(link: Link, piece: Buffer): void {
    let bytes = Buffer.concat([link.rest, piece]);
    // A message is a letter, its length without the letter, and its content.
    while (bytes.length >= 5) {
      const length = 1 + bytes.readUInt32BE(1);
      if (bytes.length < length) break;
      const message = bytes.subarray(0, length);
      if (this.#holdsReady && message[0] === readyForQuery) link.held.push(message);
      else link.client.write(message);
      bytes = bytes.subarray(length);
    }
    link.rest = bytes;
  }
}

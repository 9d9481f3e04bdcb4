import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * A TCP proxy in front of a server on 127.0.0.1 that breaks connections as networks do. `swallow` is the hard case: the
 * server has written an answer and believes it gone, the client never sees it.
 */
export class LossyProxy {
  readonly #server: Server;
  readonly #pairs = new Set<{ near: Socket; far: Socket }>();
  readonly #targetPort: number;
  #swallows = 0;
  #blocked = false;
  /** How many times an answer was swallowed: a test that swallowed nothing has shown nothing. */
  swallowed = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((near) => this.#join(near));
  }

  /** Listens on a free port and passes everything on to `targetPort`. */
  static async open(targetPort: number): Promise<LossyProxy> {
    const proxy = new LossyProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Cuts every connection, both ends, at once. */
  cut(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** The next `times` pieces that the server sends are thrown away, each with its connection. */
  swallow(times = 1): void {
    this.#swallows += times;
  }

  /** Cuts everything and refuses new connections until `unblock`. */
  block(): void {
    this.#blocked = true;
    this.cut();
  }

  unblock(): void {
    this.#blocked = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket): void {
    if (this.#blocked) {
      near.on('error', () => near.destroy());
      near.destroy();
      return;
    }
    const far = connect(this.#targetPort, '127.0.0.1');
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.#end(pair));
      socket.on('close', () => this.#end(pair));
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (this.#swallows > 0) {
        this.#swallows -= 1;
        this.swallowed += 1;
        this.#end(pair);
      } else near.write(bytes);
    });
  }

  #end(pair: { near: Socket; far: Socket }): void {
    if (!this.#pairs.delete(pair)) return;
    pair.near.destroy();
    pair.far.destroy();
  }
}

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Sockets that share the address. */
const count = 64;
/** Connections that wait at each of them to be accepted, if the system allows so many: after a lost network all come at once. */
const backlog = 4096;
/** Where the system spreads the connections of an address over its sockets (`SO_REUSEPORT`). */
const canShare = process.platform === 'linux';

/**
 * Listens on one address with several sockets. The event loop accepts one connection of each in a turn, and under load a
 * turn takes a tenth of a second: by a single socket ten clients a second would come in, health checks among them (ADR 19).
 * Elsewhere than on Linux it is one.
 */
export class Listeners {
  readonly #http: FastifyInstance;
  readonly #others: Server[] = [];

  constructor(http: FastifyInstance) {
    this.#http = http;
  }

  /** Resolves with the address it got. Rejects with the system's error when it cannot listen, as when the port is in use. */
  async listen(host: string, port: number): Promise<AddressInfo> {
    // Sockets that share would also share with another Parley: who comes second is refused, as anywhere.
    if (canShare && port !== 0) await closed(await listening(createServer(), { host, port }));
    const shared = { backlog, ...(canShare ? { reusePort: true } : {}) };
    await this.#http.listen({ host, port, ...shared });
    const address = this.#http.server.address() as AddressInfo;
    for (let number = 2; canShare && number <= count; number += 1)
      this.#others.push(await this.#listenToo({ host: address.address, port: address.port, ...shared }));
    return address;
  }

  #listenToo(options: ListenOptions): Promise<Server> {
    const { server } = this.#http;
    return listening(
      createServer({ noDelay: true }, (socket) => void server.emit('connection', socket)),
      options,
    );
  }

  /** Takes no more connections and closes those that are open. */
  async close(): Promise<void> {
    const others = this.#others.map(closed);
    await this.#http.close();
    await Promise.all(others);
  }
}

type ListenOptions = Parameters<Server['listen']>[0] & object;

async function listening(server: Server, options: ListenOptions): Promise<Server> {
  server.listen(options);
  await once(server, 'listening');
  return server;
}

async function closed(server: Server): Promise<void> {
  await once(server.close(), 'close');
}

import { createServer, type RequestListener, type Server } from 'node:http';
import { Duplex } from 'node:stream';

/** The server's end of a connection without a socket: takes bytes, and keeps what is written to it. */
export class ByteLine extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly #written: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written.push(chunk);
    done();
  }

  override _destroy(_error: Error | null, done: (error: null) => void): void {
    done(null);
  }

  written(): Buffer {
    return Buffer.concat(this.#written);
  }
}

/** Turns of the event loop in which an answer is there that waits for nothing but promises. */
const turns = 4;

export async function rest(count = turns): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Node's HTTP server with connections made of memory: bytes in, bytes out, through all that reads a real one. */
export class ByteServer {
  readonly #server: Server;

  constructor(serve: RequestListener, upgrade: (...args: Parameters<UpgradeListener>) => void = closeLine) {
    // Its timers are of no use here: a connection lasts for some turns of the event loop.
    this.#server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }, serve);
    this.#server.on('upgrade', upgrade);
  }

  /** Sends the pieces one after the other over a connection of their own, and hangs up; what had come back by then. */
  async send(...pieces: readonly Buffer[]): Promise<Buffer> {
    const line = new ByteLine();
    line.on('error', () => {});
    this.#server.emit('connection', line);
    for (const piece of pieces) {
      if (line.destroyed) break;
      line.push(piece);
      await rest();
    }
    line.destroy();
    await rest(1);
    return line.written();
  }

  close(): void {
    this.#server.closeAllConnections();
  }
}

type UpgradeListener = (request: Parameters<RequestListener>[0], connection: Duplex, head: Buffer) => void;

function closeLine(_request: unknown, connection: Duplex): void {
  connection.destroy();
}

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The test file of EICAR: harmless, and found by every virus check. In two pieces, so that this file is not. */
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

/** Speaks INSTREAM as clamd does, and finds the test file of EICAR anywhere in what it is shown. */
export class FakeClamd {
  readonly port: number;
  /** How many bytes it was shown each time. */
  readonly seen: readonly number[];
  readonly close: () => Promise<void>;

  private constructor(server: Server, sockets: ReadonlySet<Socket>, seen: readonly number[]) {
    this.port = (server.address() as AddressInfo).port;
    this.seen = seen;
    this.close = () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      });
  }

  static async start(): Promise<FakeClamd> {
    const sockets = new Set<Socket>();
    const seen: number[] = [];
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      void answer(socket, seen).catch(() => socket.destroy());
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return new FakeClamd(server, sockets, seen);
  }
}

const command = 'zINSTREAM\0';

async function answer(socket: Socket, seen: number[]): Promise<void> {
  let left = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    left = Buffer.concat([left, chunk]);
    const content = streamed(left);
    if (!content) continue;
    seen.push(content.length);
    socket.end(content.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0');
    return;
  }
}

/** What was streamed, once its end has come. */
function streamed(received: Buffer): Buffer | null {
  const chunks: Buffer[] = [];
  let at = command.length;
  if (received.length > at && received.toString('latin1', 0, at) !== command)
    throw new Error('another command');
  while (at + 4 <= received.length) {
    const length = received.readUInt32BE(at);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(received.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}

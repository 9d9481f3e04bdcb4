import { connect } from 'node:net';

/** What has come back over one connection; `body` is undefined when it is not all of an answer. */
export interface RawAnswer {
  readonly body: string | undefined;
  readonly isReplayed: boolean;
}

export interface RawRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** The bytes of a POST after whose answer the server ends the connection. */
export function rawPost({ path, headers, body }: RawRequest): Buffer {
  const lines = Object.entries({
    host: 'localhost',
    connection: 'close',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
}

/** Sends the bytes over a connection of their own and reads until it is gone. Never rejects. */
export function exchange(port: number, bytes: Buffer): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('error', () => socket.destroy())
      .on('close', () => resolve(readAnswer(Buffer.concat(pieces))));
  });
}

function readAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, Math.max(0, end)).toString('latin1');
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
  const body = bytes.subarray(end + 4);
  return {
    body: end >= 0 && body.length === length ? body.toString('utf8') : undefined,
    isReplayed: /^idempotent-replayed: true/im.test(head),
  };
}

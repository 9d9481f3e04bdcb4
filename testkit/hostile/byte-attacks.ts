import { connect } from 'node:net';
import type { HostileAnswer } from './answers.ts';

const form = 'application/x-www-form-urlencoded';

/** Requests that no client would make: what HTTP itself forbids. Each is one connection. */
export const byteAttacks: Readonly<Record<string, (host: string) => string>> = {
  'a line break in a header': (host) =>
    `GET /health HTTP/1.1\r\nHost: ${host}\r\nX-A: a\nX-Injected: 1\r\nConnection: close\r\n\r\n`,
  'a line break in a path': (host) => `GET /health\r\nX-Injected: 1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  'a null in a header': (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nX-A: a\u0000b\r\n\r\n`,
  'two lengths': (host) =>
    `POST /genesys/2/chat/customer-support HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\naaaaa`,
  'a length and chunks': (host) =>
    `POST /genesys/2/chat/customer-support HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${form}\r\nContent-Length: 5\r\n` +
    'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nX-A: a\r\n\r\n',
  'a negative length': (host) => `POST /api/v2/me HTTP/1.1\r\nHost: ${host}\r\nContent-Length: -1\r\n\r\n`,
  'a length without an end': (host) =>
    `POST /api/v2/me HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${'9'.repeat(400)}\r\n\r\n`,
  'a bad chunk': (host) =>
    `POST /api/v2/me HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\naa\r\n`,
  'a folded header': (host) => `GET /health HTTP/1.1\r\nHost: ${host}\r\nX-A: a\r\n X-Injected: 1\r\n\r\n`,
  'headers without an end': (host) =>
    `GET /health HTTP/1.1\r\nHost: ${host}\r\n${'X-A: a\r\n'.repeat(5000)}\r\n`,
  'a long header': (host) =>
    `GET /health HTTP/1.1\r\nHost: ${host}\r\nCookie: ${'a'.repeat(100_000)}\r\n\r\n`,
  'a long path': (host) => `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  'a climbing path': (host) =>
    `GET /docs/static/../../../../../etc/passwd HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  'an encoded climbing path': (host) =>
    `GET /docs/static/..%2f..%2f..%2fpackage.json HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  'a whole URL as path': (host) =>
    `GET http://example.com/health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  'a path of bad escapes': (host) =>
    `POST /genesys/2/chat/%E0%A4%A/%ZZ/send HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  'a tunnel': (host) => `CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  'an unknown method': (host) => `BREW /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  'no host': () => 'GET /health HTTP/1.1\r\n\r\n',
  'another protocol': () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'an upgrade to nothing': (host) =>
    `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n`,
  'an upgrade without a key': (host) =>
    `GET /genesys/cometd HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\n\r\n`,
  'an expectation': (host) =>
    `POST /genesys/2/chat/customer-support HTTP/1.1\r\nHost: ${host}\r\nExpect: 200-ok\r\nContent-Length: 1\r\nConnection: close\r\n\r\na`,
};

/** Writes the bytes and reads what comes until the other side closes, or says nothing for a while. */
export function sendBytes(port: number, bytes: string): Promise<HostileAnswer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    const done = (): void => {
      socket.destroy();
      resolve(answerIn(text));
    };
    socket.setTimeout(500, done);
    socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
    socket.on('error', done);
    socket.on('close', done);
  });
}

export function answerIn(text: string): HostileAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split(':');
      return [name.toLowerCase(), value.join(':').trim()] as const;
    }),
  );
  return { way: 'bytes', status: Number(first.split(' ')[1] ?? 0) || 0, headers, body };
}

import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Where reads land before they are looked at; one for all sockets, as each read is used up before the next. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/**
 * One keep-alive HTTP/1.1 connection with one request under way at a time, as little work as can be: a request is bytes
 * made beforehand, an answer is a latin1 string of its body. Not a general client: no redirects, no trailers.
 */
export class HttpPipe {
  readonly #socket: Socket;
  readonly #onBody: (body: string, head: string) => void;
  #rest = '';

  /** `onBody` is called once for each complete answer with status 200; any other status ends the load. */
  constructor(port: number, onBody: (body: string, head: string) => void) {
    this.#onBody = onBody;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: readBuffer,
        callback: (length) => {
          this.#read(readBuffer.toString('latin1', 0, length));
          return true;
        },
      },
    });
    this.#socket.setNoDelay(true);
  }

  send(request: string): void {
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(piece: string): void {
    let text = this.#rest === '' ? piece : this.#rest + piece;
    for (;;) {
      const headEnd = text.indexOf('\r\n\r\n');
      const bodyEnd = headEnd === -1 ? undefined : endOfBody(text, headEnd);
      if (bodyEnd === undefined) break;
      const head = text.slice(0, headEnd);
      const body = text.slice(headEnd + 4, bodyEnd);
      if (!head.startsWith('HTTP/1.1 200'))
        throw new Error(`the server answered ${head.split('\r\n')[0]} ${body}`);
      text = text.slice(bodyEnd);
      this.#onBody(body, head);
    }
    this.#rest = text;
  }
}

/** Where the answer ends, or undefined while it is not all there. A chunked body is left with its chunk lines. */
export function endOfBody(text: string, headEnd: number): number | undefined {
  let at = text.indexOf('Content-Length: ');
  if (at === -1 || at > headEnd) at = text.indexOf('content-length: ');
  if (at === -1 || at > headEnd) {
    if (!/transfer-encoding: chunked/i.test(text.slice(0, headEnd)))
      throw new Error('an answer without a length');
    const last = text.indexOf('\r\n0\r\n\r\n', headEnd + 2);
    return last === -1 ? undefined : last + 7;
  }
  const end = headEnd + 4 + Number.parseInt(text.slice(at + 16, at + 26), 10);
  return text.length < end ? undefined : end;
}

/** The bytes of a POST of JSON; the body must be ASCII. */
export function postBytes(path: string, body: string, cookie: string): string {
  const cookieLine = cookie === '' ? '' : `Cookie: ${cookie}\r\n`;
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json;charset=UTF-8\r\n` +
    `${cookieLine}Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

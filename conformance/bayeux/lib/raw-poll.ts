import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { mountPath } from './engine-calls.ts';

/** One connection on which a session is polled, that can be left in every way a connection can. */
export class RawPoll {
  readonly #socket: Socket;
  readonly #headers: string;
  #received = '';
  #cookie = '';
  #changed: () => void = () => {};
  #isClosed = false;

  constructor(port: number, headers = '') {
    this.#headers = headers;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#changed();
    });
    this.#socket.on('data', (bytes) => {
      this.#received += bytes.toString();
      this.#changed();
    });
  }

  /** The cookie the server gave, as it goes into a request. */
  get cookie(): string {
    return this.#cookie;
  }

  /** Sends messages and does not wait for the answer. */
  send(messages: object[]): void {
    const body = JSON.stringify(messages);
    const cookie = this.#cookie === '' ? '' : `Cookie: ${this.#cookie}\r\n`;
    this.#socket.write(
      `POST ${mountPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${this.#headers}${cookie}` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  /** Sends messages and waits for the answer's body; throws when the connection closes before. */
  async ask(messages: object[]): Promise<Record<string, unknown>[]> {
    this.#received = '';
    this.send(messages);
    for (;;) {
      const body = this.#whole();
      if (body !== undefined) return JSON.parse(body) as Record<string, unknown>[];
      if (this.#isClosed) throw new Error(`closed before the answer to ${JSON.stringify(messages)}`);
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  /** Stops reading, as a client on a dead line does; the connection stays. */
  pause(): void {
    this.#socket.pause();
  }

  /** Ends the connection; `reset` sends RST instead of FIN. */
  destroy(reset = false): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #whole(): string | undefined {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return undefined;
    const head = this.#received.slice(0, headEnd);
    const body = this.#received.slice(headEnd + 4);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) throw new Error(`an answer without length: ${head}`);
    this.#cookie = /set-cookie: ([^;\r]+)/i.exec(head)?.[1] ?? this.#cookie;
    return Buffer.byteLength(body) >= length ? body : undefined;
  }
}

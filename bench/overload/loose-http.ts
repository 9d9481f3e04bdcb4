import { connect, type Socket } from 'node:net';
import { endOfBody } from '../push/http-pipe.ts';

export type LooseAnswer = { status: number; head: string; body: string };

/** A keep-alive connection with one request under way, to a server that may refuse or hang up; then it is made anew. */
export class LooseHttp {
  readonly #port: number;
  #socket: Socket | undefined;
  #rest = '';
  #answered: ((answer: LooseAnswer | null) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** The answer; null when the connection broke before it. */
  ask(request: string, answered: (answer: LooseAnswer | null) => void): void {
    this.#answered = answered;
    this.#socket ??= this.#connect();
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#answered = undefined;
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#rest = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#settle(null);
    });
    return socket;
  }

  #settle(answer: LooseAnswer | null): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(answer);
  }

  #read(piece: string): void {
    const text = this.#rest + piece;
    const headEnd = text.indexOf('\r\n\r\n');
    const bodyEnd = headEnd === -1 ? undefined : endOfBody(text, headEnd);
    if (bodyEnd === undefined) return void (this.#rest = text);
    this.#rest = text.slice(bodyEnd);
    const head = text.slice(0, headEnd);
    this.#settle({ status: Number(head.slice(9, 12)), head, body: text.slice(headEnd + 4, bodyEnd) });
  }
}

import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Whoever takes requests at present. */
export interface Target {
  serve(request: IncomingMessage, response: ServerResponse): void;
}

/** A request as node:http reads it from a connection; names of headers in lower case. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The server's end of a connection: keeps what is written to it. */
class SimulatedSocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly #written: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written.push(chunk);
    done();
  }

  written(): string {
    return Buffer.concat(this.#written).toString();
  }
}

/**
 * One request on a connection of its own, served by the server's own node:http objects. It is asked in HTTP/1.0, so the
 * answer is written as it is, without chunks.
 */
export class SimulatedConnection {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #socket = new SimulatedSocket();
  readonly #asked: Asked;

  constructor(asked: Asked) {
    this.#asked = asked;
    // What a request and a response use of a socket, this one has.
    const socket = this.#socket as unknown as Socket;
    const request = new IncomingMessage(socket);
    const { method, url, headers, body } = asked;
    Object.assign(request, { method, url, httpVersion: '1.0', httpVersionMajor: 1, httpVersionMinor: 0 });
    request.headers = {
      host: 'simulated',
      ...headers,
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    };
    this.#request = request;
    this.#response = new ServerResponse(request);
    this.#response.assignSocket(socket);
  }

  /** Calls back with the answer when all of it is written. */
  serve(target: Target, onAnswer: (answer: Answered) => void): void {
    const request = this.#request;
    const { body } = this.#asked;
    this.#response.once('finish', () => onAnswer(answerIn(this.#socket.written())));
    target.serve(request, this.#response);
    if (body !== undefined) request.push(body);
    request.push(null);
    request.complete = true;
  }

  /** The server learns that the other side is gone. */
  breakOff(): void {
    this.#response.destroy();
  }
}

const headEnd = '\r\n\r\n';

function answerIn(written: string): Answered {
  const end = written.indexOf(headEnd);
  const [statusLine = '', ...lines] = written.slice(0, end).split('\r\n');
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { status: Number(statusLine.split(' ')[1]), headers, body: written.slice(end + headEnd.length) };
}

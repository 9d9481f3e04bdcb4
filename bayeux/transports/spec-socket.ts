import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { SpecEngine } from '../exchange/spec-engine.ts';
import type { PushSession } from '../sessions/push-session.ts';
import { SocketOutlet } from './socket-outlet.ts';

/** The WebSocket as the outlet uses it. What goes out does not go through it, but straight to the connection. */
class SpecWebSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  /** The code it was closed with; 1006 when it was cut. */
  code: number | undefined = undefined;

  close(code: number): void {
    this.readyState = 2;
    this.code ??= code;
  }

  terminate(): void {
    this.close(1006);
  }

  pause(): void {}
  resume(): void {}
}

/** A WebSocket in memory, for specs that need no network: it takes what is written, in the same turn, while its client reads. */
export class SpecSocket {
  /** One list of messages for each frame written. */
  readonly frames: (readonly unknown[])[] = [];
  readonly webSocket = new SpecWebSocket();
  readonly outlet: SocketOutlet<string>;
  readonly #waiting: (() => void)[] = [];
  #isRead = true;
  readonly #connection: Duplex;

  constructor(engine: SpecEngine, browserId?: string) {
    this.#connection = new Duplex({
      highWaterMark: 1_000,
      read: () => {},
      write: (bytes: Buffer, _encoding, done) => {
        this.frames.push(JSON.parse(contentOf(bytes)) as unknown[]);
        if (this.#isRead) done();
        else this.#waiting.push(done);
      },
    });
    this.outlet = new SocketOutlet({
      ...{ core: engine.core, webSocket: this.webSocket as unknown as WebSocket, browserId },
      ...{ connection: this.#connection, principal: 'alice', offered: ['websocket'] },
    });
  }

  /** The messages of all frames, in order. */
  get messages(): readonly unknown[] {
    return this.frames.flat();
  }

  /** A frame of messages comes in. */
  send(...messages: readonly object[]): void {
    this.webSocket.emit('message', Buffer.from(JSON.stringify(messages)), false);
  }

  /** A connect of a session comes in. */
  connect(session: PushSession<string>, fields: object = {}): void {
    this.send({ channel: '/meta/connect', clientId: session.id, connectionType: 'websocket', ...fields });
  }

  /** The client stops reading; from 1,000 bytes on the connection is congested. */
  stopReading(): void {
    this.#isRead = false;
  }

  /** The client reads what has been written so far, and whatever comes. */
  readAgain(): void {
    this.#isRead = true;
    for (const done of this.#waiting.splice(0)) done();
  }

  /** The connection breaks. */
  cut(): void {
    this.webSocket.readyState = 3;
    this.webSocket.emit('close');
  }
}

/** The text of an unmasked frame (RFC 6455 section 5.2). */
function contentOf(frame: Buffer): string {
  const length = frame[1] ?? 0;
  return frame.subarray(length === 127 ? 10 : length === 126 ? 4 : 2).toString('utf8');
}

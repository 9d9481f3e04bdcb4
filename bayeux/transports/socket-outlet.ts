/** One WebSocket: frames in, one frame out per turn of the event loop, and what its client does not read. */

import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Core } from '../core.ts';
import { type Caller, Exchange } from '../exchange/exchange.ts';
import type { PreparedEvent } from '../protocol/event.ts';
import type { ConnectionType } from '../protocol/handshake.ts';
import { parseBatch } from '../protocol/message.ts';
import { joined } from '../sessions/delivery.ts';
import type { Outlet } from '../sessions/outlet.ts';
import type { PushSession, SessionEndReason } from '../sessions/push-session.ts';
import { type TimerOwner, WheelTimer } from '../sessions/timer-wheel.ts';
import { textFrame } from './text-frame.ts';

/** What a WebSocket is opened with. */
export interface SocketOutletOptions<P> {
  readonly core: Core<P>;
  readonly webSocket: WebSocket;
  /** The connection under the WebSocket; frames are written to it as bytes, between frames of `ws`. */
  readonly connection: Duplex;
  readonly principal: P;
  readonly offered: readonly ConnectionType[];
  readonly browserId: string | undefined;
}

/** Events written to the connection whose bytes the kernel has not taken yet. */
interface Unwritten {
  /** Number of the write that carries them. */
  readonly write: number;
  readonly events: readonly PreparedEvent[];
}

/** A WebSocket and the session attached to it. */
export class SocketOutlet<P> implements Outlet<P>, TimerOwner {
  readonly isOneShot = false;
  readonly #options: SocketOutletOptions<P>;
  readonly #caller: Caller<P>;
  readonly #core: Core<P>;
  #session: PushSession<P> | undefined = undefined;
  #out = '';
  /** A lone event, for which a frame may exist already. */
  #single: PreparedEvent | undefined = undefined;
  #outEvents: PreparedEvent[] = [];
  #isDirty = false;
  #frames: string[] | undefined = undefined;
  #unwritten: Unwritten[] = [];
  #writesBegun = 0;
  #writesDone = 0;
  readonly #wrote = (error?: Error | null) => {
    if (error) return;
    this.#writesDone++;
    while (this.#unwritten[0] !== undefined && this.#unwritten[0].write <= this.#writesDone)
      this.#unwritten.shift();
  };
  /** Without a session: the time to get one. With a reader that does not read: the time to read. */
  readonly #timer = new WheelTimer(this);

  constructor(options: SocketOutletOptions<P>) {
    this.#options = options;
    this.#core = options.core;
    const { webSocket, connection, principal, offered, browserId } = options;
    this.#caller = {
      principal,
      offered,
      browserId,
      trustsClientId: true,
      outlet: this,
      socket: this,
      drains: true,
    };
    this.#core.sockets.add(this);
    this.#core.wheel.arm(this.#timer, this.#core.options.socketIdleMs);
    webSocket.on('message', (bytes, isBinary) => this.#received(bytes, isBinary));
    webSocket.on('close', () => this.#closed());
    webSocket.on('error', (error: Error & { code?: string }) => {
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#core.counters.requestsTooLarge++;
    });
    connection.on('drain', () => this.#drained());
  }

  /** True while the client reads too slowly for more events: they stay in the session's queue. */
  get isCongested(): boolean {
    return this.#options.connection.writableNeedDrain;
  }

  /** Makes this the socket of a session; whatever either was attached to before is let go. */
  attach(session: PushSession<P>): void {
    if (session.socket === this) return;
    session.socket?.detach(session, 'moved');
    if (this.#session !== undefined) this.#letGo(this.#session);
    this.#session = session;
    session.socket = this;
    if (!this.isCongested) this.#core.wheel.disarm(this.#timer);
    if (session.queue?.isUrgent === true) this.#core.delivery.wake(session);
  }

  /** Lets a session go that has ended, or moved to another connection, and closes when there is nothing to stay for. */
  detach(session: PushSession<P>, reason: SessionEndReason | 'moved'): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    session.socket = undefined;
    this.#core.wheel.arm(this.#timer, this.#core.options.socketIdleMs);
    // A client that reads too slowly would not read a close frame either.
    if (reason === 'slowReader' || this.isCongested) {
      this.#core.counters.slowReadersCut++;
      this.#options.webSocket.terminate();
      return;
    }
    // After its disconnect a client closes by itself, once it has read the reply; others have nothing more to say.
    if (reason === 'disconnected') return;
    this.flush();
    this.#options.webSocket.close(reason === 'serverClosed' ? 1001 : 1000);
  }

  /** Closes the socket because the server goes away. */
  closeForGood(): void {
    this.flush();
    this.#options.webSocket.close(1001);
  }

  /** Who opened the socket. */
  get principal(): P {
    return this.#options.principal;
  }

  /** Closes the socket because its client may not be here any more. */
  closeByPolicy(): void {
    this.#options.webSocket.close(1008);
  }

  /** Cuts the connection. */
  terminate(): void {
    this.#options.webSocket.terminate();
  }

  /** Adds events to what goes out at the end of this turn. */
  push(events: readonly PreparedEvent[], session: PushSession<P>): void {
    const [only] = events;
    if (only === undefined) return;
    this.#outEvents.push(...events);
    if (
      events.length === 1 &&
      this.#out === '' &&
      this.#single === undefined &&
      session.replay === undefined
    ) {
      this.#single = only;
    } else {
      this.#append(joined(events, session).slice(0, -1));
    }
    this.#markDirty();
  }

  send(text: string, events: readonly PreparedEvent[]): void {
    this.#outEvents.push(...events);
    this.#append(text);
    this.#markDirty();
  }

  supersede(): void {
    // The newer connect came by another connection, which takes the session from this one and closes it.
  }

  /** Writes what has gathered, as one frame. */
  flush(): void {
    this.#isDirty = false;
    const frame =
      this.#single?.frame(textFrame) ?? (this.#out === '' ? undefined : textFrame(`[${this.#out}]`));
    const events = this.#outEvents;
    if (frame === undefined) return;
    this.#single = undefined;
    this.#out = '';
    this.#outEvents = [];
    const { webSocket, connection } = this.#options;
    if (webSocket.readyState !== webSocket.OPEN) {
      this.#return(events);
      return;
    }
    this.#writesBegun++;
    connection.write(frame, this.#wrote);
    if (connection.writableLength > 0) this.#keepTrack(events);
  }

  finished(exchange: Exchange<P>): void {
    if (!exchange.isHeld) exchange.send();
  }

  timerFired(): void {
    if (this.isCongested) {
      if (this.#session !== undefined) this.#core.delivery.end(this.#session, 'slowReader');
      else this.#options.webSocket.terminate();
    } else if (this.#session === undefined) {
      this.#options.webSocket.close(1000, 'Idle');
    }
  }

  #append(text: string): void {
    if (this.#single !== undefined) {
      this.#out = this.#single.json;
      this.#single = undefined;
    }
    // An empty text is the reply to an empty array: some clients ping that way.
    if (text === '') {
      if (this.#out === '') this.#out = ' ';
      return;
    }
    this.#out = this.#out.trim() === '' ? text : `${this.#out},${text}`;
  }

  #markDirty(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#core.delivery.flushLater(this);
  }

  #keepTrack(events: readonly PreparedEvent[]): void {
    if (events.length > 0) this.#unwritten.push({ write: this.#writesBegun, events });
    if (this.isCongested && !this.#timer.isArmed) {
      this.#core.wheel.arm(this.#timer, this.#core.options.slowReaderTimeoutMs);
    }
  }

  #drained(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#core.wheel.disarm(this.#timer);
    if (session.queue !== undefined) this.#core.delivery.wake(session);
  }

  #received(bytes: unknown, isBinary: boolean): void {
    const { webSocket, core } = this.#options;
    if (isBinary || !Buffer.isBuffer(bytes)) {
      webSocket.close(1003);
      return;
    }
    const text = bytes.toString('utf8');
    if (this.#frames === undefined) {
      this.#process(text);
    } else if (this.#frames.length < core.options.maxWaitingRequests) {
      this.#frames.push(text);
    } else {
      core.counters.requestsOverLane++;
      webSocket.close(1008);
    }
  }

  /** Frames are worked through in order: while a policy thinks, the next ones wait, and the socket is not read. */
  #process(text: string): void {
    const { core, webSocket } = this.#options;
    const batch = parseBatch(text, core.options.maxMessagesPerBatch);
    if (batch.kind !== 'messages') {
      const isTooMany = batch.kind === 'tooMany';
      if (isTooMany) core.counters.requestsTooLarge++;
      else core.counters.requestsMalformed++;
      webSocket.close(isTooMany ? 1009 : 1007);
      return;
    }
    const exchange = new Exchange<P>(core, { caller: this.#caller, messages: batch.messages }, this);
    const pending = exchange.run();
    if (pending === undefined) return;
    this.#frames ??= [];
    webSocket.pause();
    pending.then(
      () => this.#next(),
      (error: unknown) => {
        core.report(error);
        this.#next();
      },
    );
  }

  #next(): void {
    const frames = this.#frames ?? [];
    this.#frames = undefined;
    this.#options.webSocket.resume();
    for (const text of frames) this.#received(Buffer.from(text), false);
  }

  #return(events: readonly PreparedEvent[]): void {
    const session = this.#session;
    if (session !== undefined && session.ack === undefined) this.#core.delivery.putBack(session, events);
  }

  #letGo(session: PushSession<P>): void {
    this.#session = undefined;
    if (session.socket === this) session.socket = undefined;
    if (session.hold?.outlet === this) this.#core.delivery.unhold(session);
    this.#core.delivery.armExpiry(session);
  }

  #closed(): void {
    const { core } = this.#options;
    core.sockets.delete(this);
    core.wheel.remove(this.#timer);
    const lost = this.#unwritten.flatMap((each) => each.events);
    this.#return([...lost, ...this.#outEvents]);
    this.#unwritten = [];
    this.#outEvents = [];
    if (this.#session !== undefined) this.#letGo(this.#session);
  }
}

/** The public entry: an engine, its mounts, and the requests they are given. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Core, type MessageHandler } from './core.ts';
import { type BayeuxServerOptions, resolveOptions } from './options.ts';
import { channelKind } from './protocol/channel.ts';
import type { EventOptions, PreparedEvent } from './protocol/event.ts';
import type { Counters } from './sessions/counters.ts';
import type { PushSession } from './sessions/push-session.ts';
import { WheelTimer } from './sessions/timer-wheel.ts';
import { serveHttp } from './transports/http.ts';
import { Mount, type MountOptions } from './transports/mount.ts';
import { WebSocketTransport } from './transports/websocket.ts';

/** Counters since the start, and what is open at present. */
export interface Metrics extends Counters {
  readonly sessions: number;
  readonly browsers: number;
  readonly principals: number;
  readonly subscribedChannels: number;
  readonly sockets: number;
  readonly timers: number;
}

/** A Bayeux server. `P` is whatever a mount's `authenticate` says a client is. */
export class BayeuxServer<P> {
  readonly #core: Core<P>;
  readonly #webSockets: WebSocketTransport<P>;
  readonly #mounts: Mount<P>[] = [];
  #closed: Promise<void> | undefined = undefined;

  /** Throws a RangeError for bounds and times that make no sense. */
  constructor(options: BayeuxServerOptions<P> = {}) {
    this.#core = new Core<P>(resolveOptions(options));
    this.#webSockets = new WebSocketTransport<P>(this.#core);
  }

  /** Adds a mount. Several can share one engine: a session belongs to the engine and to its principal, not to a mount. */
  mount(options: MountOptions<P>): Mount<P> {
    const mount = new Mount<P>(options, this.#core.options.trustClientId);
    this.#mounts.push(mount);
    return mount;
  }

  /** The mount that a URL falls under; undefined when it is none of ours. */
  matches(url: string | undefined): Mount<P> | undefined {
    if (url === undefined) return undefined;
    return this.#mounts.find((mount) => mount.covers(url));
  }

  /** Serves a request of `node:http`. Without `mount`, by its URL; 404 when that is none of ours. Its body must not have been read. */
  handleRequest(request: IncomingMessage, response: ServerResponse, mount = this.matches(request.url)): void {
    if (mount === undefined) response.writeHead(404, { 'Content-Length': 0 }).end();
    else serveHttp(this.#core, mount, { request, response });
  }

  /** Serves an upgrade of `node:http`. A URL that is none of ours is cut off: ask `matches` first when there are other takers. */
  handleUpgrade(
    request: IncomingMessage,
    connection: Duplex,
    head: Buffer,
    mount: Mount<P> | undefined = this.matches(request.url),
  ): void {
    if (mount === undefined) connection.destroy();
    else this.#webSockets.serve(mount, { request, connection, head });
  }

  /** A live session by its clientId. */
  session(id: string): PushSession<P> | undefined {
    return this.#core.sessions.get(id);
  }

  /** All sessions. */
  sessions(): IterableIterator<PushSession<P>> {
    return this.#core.sessions.values();
  }

  /** Prepares an event as `prepareEvent` does, with a timestamp when that extension is on. */
  prepare(channel: string, content: unknown, options: EventOptions = {}): PreparedEvent {
    return this.#core.prepare(channel, content, options);
  }

  /**
   * Publishes to everybody subscribed to a channel, one copy a session. Throws a TypeError for a meta or service channel,
   * and for a payload that cannot be serialised.
   */
  publish(event: PreparedEvent): void;
  publish(channel: string, content: unknown, options?: EventOptions): void;
  publish(what: PreparedEvent | string, content?: unknown, options: EventOptions = {}): void {
    this.#core.publish(typeof what === 'string' ? this.#core.prepare(what, content, options) : what);
  }

  /** Number of sessions subscribed to exactly this channel or pattern. */
  subscriberCount(channel: string): number {
    return this.#core.index.count(channel);
  }

  /**
   * Answers messages that clients publish to a service channel or pattern (`/service/chat/*`). `reply` answers the sender under
   * the id of its message, which is how a `remoteCall` finds its answer. A returned `false` or refusal, a throw
   * and a rejection refuse the message. A promise is waited for, and the session's later requests wait with it.
   */
  onService(pattern: string, handler: MessageHandler<P>): void {
    if (channelKind(pattern) !== 'service') throw new TypeError(`${pattern} is not under /service`);
    this.#core.addHandler(pattern, handler);
  }

  /** Sees what clients publish to a broadcast channel or pattern before it goes out; otherwise as `onService`. */
  onPublish(pattern: string, handler: MessageHandler<P>): void {
    if (channelKind(pattern) !== 'broadcast') throw new TypeError(`${pattern} is not a broadcast channel`);
    this.#core.addHandler(pattern, handler);
  }

  /**
   * Closes the WebSockets that were opened by these principals, with code 1008 (RFC 6455: a breach of policy). Sessions are
   * not ended by it: they have the usual time to come back by another connection.
   */
  closeSockets(isMeant: (principal: P) => boolean): void {
    for (const socket of this.#core.sockets) if (isMeant(socket.principal)) socket.closeByPolicy();
  }

  /** Asks all clients to wait at least this long between connects; 0 takes it back. The valve of a loaded process. */
  setLoadInterval(intervalMs: number): void {
    this.#core.setLoadInterval(intervalMs);
  }

  /** Counters and gauges. */
  snapshot(): Metrics {
    const { counters, sessions, browsers, principals, index, sockets, wheel } = this.#core;
    return {
      ...counters,
      sessions: sessions.size,
      browsers: browsers.size,
      principals: principals.size,
      subscribedChannels: index.size,
      sockets: sockets.size,
      timers: wheel.size,
    };
  }

  /** Events with `acceptedAtMs` that wait in queues: not handed out yet, or handed out and not acknowledged. */
  eventsNotSeen(): number {
    let count = 0;
    for (const { queue } of this.#core.sessions.values())
      for (const { acceptedAtMs } of queue?.events ?? []) if (acceptedAtMs !== undefined) count += 1;
    return count;
  }

  /** UTF-8 bytes that wait for the session for which most do. */
  largestQueueBytes(): number {
    let largest = 0;
    for (const { queuedBytes } of this.#core.sessions.values()) largest = Math.max(largest, queuedBytes);
    return largest;
  }

  /**
   * Closes the engine. Held connects are answered at once with what is queued and with advice to come back after a random part of
   * `spreadMs`; for `graceMs` connects are still answered that way and handshakes are refused; then all sessions end and
   * sockets close with 1001. Resolves when that is done. A second call returns the first one's promise.
   */
  close(options: { readonly graceMs?: number; readonly spreadMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.graceMs ?? 0, options.spreadMs ?? 10_000);
    return this.#closed;
  }

  async #close(graceMs: number, spreadMs: number): Promise<void> {
    const core = this.#core;
    core.beginClosing(spreadMs);
    if (graceMs > 0) {
      await new Promise<void>((resolve) =>
        core.wheel.arm(new WheelTimer({ timerFired: () => resolve() }), graceMs),
      );
    }
    for (const session of [...core.sessions.values()]) core.delivery.end(session, 'serverClosed');
    for (const socket of core.sockets) socket.closeForGood();
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (const socket of core.sockets) socket.terminate();
    core.wheel.stop();
  }
}

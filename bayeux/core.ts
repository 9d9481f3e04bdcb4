/** The parts of one engine, put together. Knows sessions and channels; knows no transport. */

import { readAhead } from './exchange/read-ahead.ts';
import type { ClientMessage, EngineOptions, MaybePromise, Verdict } from './options.ts';
import { channelKind, subscriptionsMatching } from './protocol/channel.ts';
import { type EventOptions, prepareEvent, type PreparedEvent } from './protocol/event.ts';
import { Browsers, Tally } from './sessions/browsers.ts';
import { type Counters, newCounters } from './sessions/counters.ts';
import { Delivery } from './sessions/delivery.ts';
import type { PushSession, SessionEndReason } from './sessions/push-session.ts';
import { SubscriptionIndex } from './sessions/subscription-index.ts';
import { TimerWheel } from './sessions/timer-wheel.ts';
import type { SocketOutlet } from './transports/socket-outlet.ts';

/** Answers a message on a service channel, or sees one on a broadcast channel before it goes out. `false` vetoes it. */
export type MessageHandler<P> = (
  session: PushSession<P>,
  message: ClientMessage,
  reply: (answer: unknown) => void,
) => MaybePromise<Verdict | void>;

/** What the handlers of the protocol work on. */
export class Core<P> {
  readonly options: EngineOptions<P>;
  readonly counters: Counters = newCounters();
  readonly wheel: TimerWheel;
  readonly delivery: Delivery<P>;
  readonly sessions = new Map<string, PushSession<P>>();
  readonly browsers = new Browsers();
  readonly principals = new Tally();
  readonly index = new SubscriptionIndex<PushSession<P>>();
  /** Requests that wait for a policy: while there are none, no request looks whether it has to wait. */
  busyLanes = 0;
  /** Open WebSockets, with or without a session. */
  readonly sockets = new Set<SocketOutlet<P>>();
  readonly #handlers = new Map<string, MessageHandler<P>[]>();
  /** True from the start of closing: nothing is held any more. */
  isClosing = false;
  /** The interval set by hand, in force while it exceeds what the number of sessions asks for. */
  #loadIntervalMs = 0;
  readonly #deliverBound = (session: PushSession<P>, event: PreparedEvent) =>
    void this.delivery.deliver(session, event);
  /** Within this many milliseconds after closing began clients are asked to come back, each at its own moment. */
  #spreadMs = 0;

  constructor(options: EngineOptions<P>) {
    this.options = options;
    this.wheel = new TimerWheel(options.clock, (error) => this.report(error));
    this.delivery = new Delivery<P>({
      ...options,
      wheel: this.wheel,
      counters: this.counters,
      queue: {
        maxEvents: options.maxQueueEvents,
        maxBytes: options.maxQueueBytes,
        overflow: options.queueOverflow,
      },
      forget: (session, reason) => this.#forget(session, reason),
      readAhead: (session) => readAhead(this, session),
      onError: (error) => this.report(error),
      onSent: options.hooks.onSent,
    });
  }

  /** Counts an error that is not a client's and passes it on. An `onError` that throws is on its own. */
  report(error: unknown): void {
    this.counters.errors++;
    try {
      this.options.hooks.onError?.(error);
    } catch {
      this.counters.errors++;
    }
  }

  /** Runs a hook; what it throws is reported. */
  tell(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.report(error);
    }
  }

  /** Prepares an event, with a timestamp when that extension is on. */
  prepare(channel: string, content: unknown, options: EventOptions = {}): PreparedEvent {
    const timestamp = this.delivery.timestamp();
    return prepareEvent(channel, content, timestamp === undefined ? options : { ...options, timestamp });
  }

  /** Fans an event out to its subscribers but `except`. Throws a TypeError for a channel that has none by nature. */
  publish(event: PreparedEvent, except?: PushSession<P>): void {
    if (channelKind(event.channel) !== 'broadcast') {
      throw new TypeError(`cannot publish to ${event.channel}: only broadcast channels have subscribers`);
    }
    if (except === undefined) this.index.fanOut(event, this.#deliverBound);
    else
      this.index.fanOut(
        event,
        (session) => void (session !== except && this.delivery.deliver(session, event)),
      );
  }

  /** Adds a handler for a channel name or pattern. */
  addHandler(pattern: string, handler: MessageHandler<P>): void {
    this.#handlers.set(pattern, [...(this.#handlers.get(pattern) ?? []), handler]);
  }

  /** The handlers of a channel, exact ones first. */
  handlersOf(channel: string): readonly MessageHandler<P>[] {
    if (this.#handlers.size === 0) return [];
    const found: MessageHandler<P>[] = [];
    for (const name of subscriptionsMatching(channel)) found.push(...(this.#handlers.get(name) ?? []));
    return found;
  }

  /** Enters a session into every map. */
  remember(session: PushSession<P>): void {
    this.sessions.set(session.id, session);
    const key = this.options.principalKey(session.principal);
    if (key !== undefined) this.principals.increase(key);
    this.#shed();
  }

  /** Asks all clients to wait at least this long between connects: the valve for a loaded process. 0 opens it again. */
  setLoadInterval(intervalMs: number): void {
    this.#loadIntervalMs = intervalMs;
    this.#shed();
  }

  /** Holds nothing from now on, and answers what is held; clients are asked to come back spread over `spreadMs`. */
  beginClosing(spreadMs: number): void {
    this.isClosing = true;
    this.#spreadMs = spreadMs;
    for (const session of this.sessions.values()) this.delivery.release(session, this.closingAdvice());
  }

  /** Advice to come back after a random part of the spread. */
  closingAdvice(): string {
    return this.delivery.adviceJson({ interval: Math.floor(this.options.random() * this.#spreadMs) });
  }

  #shed(): void {
    const { intervalMs, shedAtSessions, shedIntervalMs } = this.options;
    const isShedding = this.sessions.size >= shedAtSessions;
    this.delivery.adviseInterval(Math.max(isShedding ? shedIntervalMs : intervalMs, this.#loadIntervalMs));
  }

  #forget(session: PushSession<P>, reason: SessionEndReason): void {
    this.sessions.delete(session.id);
    this.index.removeAll(session);
    if (session.browser !== undefined) this.browsers.leave(session.browser);
    const key = this.options.principalKey(session.principal);
    if (key !== undefined) this.principals.decrease(key);
    this.#shed();
    this.tell(() => this.options.hooks.onSessionEnd?.(session, reason));
  }
}

/** One client's session: what it is subscribed to, what waits for it, and where its messages leave. */

import { matchesChannel } from '../protocol/channel.ts';
import type { PreparedEvent } from '../protocol/event.ts';
import type { AckLedger } from '../extensions/ack.ts';
import type { ReplayCursor } from '../extensions/replay.ts';
import type { SocketOutlet } from '../transports/socket-outlet.ts';
import type { Browser } from './browsers.ts';
import type { Delivery } from './delivery.ts';
import type { EventQueue } from './event-queue.ts';
import type { Hold } from './outlet.ts';
import { noSubscriptions, type Subscriber } from './subscription-index.ts';
import { type TimerOwner, WheelTimer } from './timer-wheel.ts';

/**
 * `handshaken` until the first connect, `connected` after it. `leaving`: the server has ended it and waits for a connect to
 * say so. `ended`: it is in no map any more.
 */
export type SessionState = 'handshaken' | 'connected' | 'leaving' | 'ended';

/** Why a session ended. */
export type SessionEndReason =
  | 'disconnected'
  | 'disconnectedByServer'
  | 'expired'
  | 'queueOverflow'
  | 'slowReader'
  | 'replayFailed'
  | 'serverClosed';

/**
 * A session. `id`, `principal`, `createdAtMs`, `attributes` and the methods are for users of the engine; the rest is the
 * engine's own bookkeeping.
 */
export class PushSession<P> implements Subscriber, TimerOwner {
  /** The clientId: a secret between this client and the server. */
  readonly id: string;
  /** Who the mount's `authenticate` said this is. */
  readonly principal: P;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;

  state: SessionState = 'handshaken';
  subscriptions: readonly string[] = noSubscriptions;
  fanOut = 0;
  queue: EventQueue | undefined = undefined;
  hold: Hold<P> | undefined = undefined;
  /** The WebSocket this session is attached to. */
  socket: SocketOutlet<P> | undefined = undefined;
  browser: Browser | undefined;
  ack: AckLedger | undefined = undefined;
  replay: ReplayCursor | undefined = undefined;
  /** Milliseconds the client said it would stay away between connects; undefined when it follows advice. */
  awayMs: number | undefined = undefined;
  /** Number of the advice last given. */
  advisedStamp = 0;
  /** While a request of this session is processed, what it causes travels in its response. */
  isBatching = false;
  isDirty = false;
  /** The exchange that later ones of this session wait for, while a policy takes its time. */
  lane: Promise<void> | undefined = undefined;
  laneLength = 0;
  /** Ends a hold, or the session. */
  readonly timer: WheelTimer;
  lazyTimer: WheelTimer | undefined = undefined;
  /**
   * For whoever has more for this session than its queue holds: called when deliveries have left the queue, handed to the
   * connection or acknowledged. `queuedBytes` says how much still waits.
   */
  onTaken: (() => void) | undefined = undefined;
  readonly #delivery: Delivery<P>;
  #attributes: Map<string, unknown> | undefined = undefined;

  constructor(
    delivery: Delivery<P>,
    fields: { id: string; principal: P; createdAtMs: number; browser: Browser | undefined },
  ) {
    this.#delivery = delivery;
    this.id = fields.id;
    this.principal = fields.principal;
    this.createdAtMs = fields.createdAtMs;
    this.browser = fields.browser;
    this.timer = new WheelTimer(this);
  }

  /** A place for the user of the engine to keep what belongs to this session. */
  get attributes(): Map<string, unknown> {
    this.#attributes ??= new Map();
    return this.#attributes;
  }

  /** True until the session has ended or the server has asked it to leave. */
  get isLive(): boolean {
    return this.state === 'handshaken' || this.state === 'connected';
  }

  /** UTF-8 bytes of the events that wait for this session, or for its acknowledgement. */
  get queuedBytes(): number {
    return this.queue?.bytes ?? 0;
  }

  /**
   * Delivers an event to this session alone, whether it subscribed to the channel or not. Returns false when the session
   * is over or the event was dropped by its queue's bound.
   */
  deliver(event: PreparedEvent, options?: { readonly lazy?: boolean }): boolean {
    return this.#delivery.deliver(this, options?.lazy === true ? event.asLazy : event);
  }

  /** Delivers an event if one of this session's own subscriptions, exact or wildcard, matches its channel. */
  deliverIfSubscribed(event: PreparedEvent, options?: { readonly lazy?: boolean }): boolean {
    return this.isSubscribedTo(event) && this.deliver(event, options);
  }

  /** True when one of this session's subscriptions matches the event's channel. */
  isSubscribedTo(event: PreparedEvent): boolean {
    for (const name of this.subscriptions) {
      if (matchesChannel(name, event.channel)) return true;
    }
    return false;
  }

  /** Ends the session. Its client is told not to come back: after what is queued, and with its next connect at the latest. */
  disconnect(): void {
    this.#delivery.disconnect(this);
  }

  /** Ends the session because it cannot be told all that it should be. Its client shakes hands again and asks anew. */
  renew(): void {
    this.#delivery.end(this, 'replayFailed');
  }

  timerFired(timer: WheelTimer): void {
    this.#delivery.timerFired(this, timer);
  }
}

/**
 * From an event to a client: queues, wake-ups, holds, expiry and the end of a session. Everything that has to happen on
 * every path out of a state (arming the expiry, counting a browser's holds) happens here and nowhere else.
 */

import { AckLedger } from '../extensions/ack.ts';
import { timesyncPart } from '../extensions/timesync.ts';
import { type Advice, adviceJson } from '../protocol/advice.ts';
import { connectReply } from '../protocol/connect.ts';
import { errorText, type ErrorLine } from '../protocol/error-texts.ts';
import type { PreparedEvent } from '../protocol/event.ts';
import { extJson, renderPlainSuccess, renderReply } from '../protocol/reply.ts';
import type { SocketOutlet } from '../transports/socket-outlet.ts';
import type { Clock } from './clock.ts';
import type { Counters } from './counters.ts';
import { EventQueue, type QueueBounds } from './event-queue.ts';
import type { Hold, Outlet } from './outlet.ts';
import type { PushSession, SessionEndReason } from './push-session.ts';
import { type TimerWheel, WheelTimer } from './timer-wheel.ts';

/** What delivery is told when it is made. Durations in milliseconds. */
export interface DeliveryOptions<P> {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly counters: Counters;
  readonly errorTexts: ErrorLine;
  readonly timestamps: boolean;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly maxIntervalMs: number;
  readonly advertiseMaxInterval: boolean;
  readonly maxLazyMs: number;
  readonly queue: QueueBounds;
  /** Takes a session out of every map. Called once per session, before its client is told. */
  readonly forget: (session: PushSession<P>, reason: SessionEndReason) => void;
  /** Called when deliveries have left a queue and there may be more to replay. */
  readonly readAhead: (session: PushSession<P>) => void;
  readonly onError: (error: unknown) => void;
  /** See `Hooks.onSent`. */
  readonly onSent?: ((acceptedAtMs: number) => void) | undefined;
}

const disconnectMessage = '{"channel":"/meta/disconnect","successful":true}';

/** The engine's heart. One per server. */
export class Delivery<P> {
  readonly options: DeliveryOptions<P>;
  readonly counters: Counters;
  readonly #wheel: TimerWheel;
  #dirty: PushSession<P>[] = [];
  #dirtySockets: SocketOutlet<P>[] = [];
  #isFlushScheduled = false;
  readonly #flushBound = () => this.flush();
  #intervalMs: number;
  #adviceJson = '';
  #adviceStamp = 0;

  constructor(options: DeliveryOptions<P>) {
    this.options = options;
    this.counters = options.counters;
    this.#wheel = options.wheel;
    this.#intervalMs = options.intervalMs;
    this.adviseInterval(options.intervalMs);
  }

  /** Milliseconds clients are asked to wait between connects at present. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Asks all clients to wait this long between connects, each with its next connect reply. */
  adviseInterval(intervalMs: number): void {
    if (this.#adviceStamp > 0 && intervalMs === this.#intervalMs) return;
    this.#intervalMs = intervalMs;
    this.#adviceJson = this.adviceJson({});
    this.#adviceStamp++;
  }

  /** Whole advice, starting from what holds for everybody. */
  adviceJson(change: Partial<Advice>): string {
    const { timeoutMs, maxIntervalMs, advertiseMaxInterval } = this.options;
    const common = { reconnect: 'retry', interval: this.#intervalMs, timeout: timeoutMs } as const;
    return adviceJson({
      ...common,
      ...(advertiseMaxInterval ? { maxInterval: maxIntervalMs } : {}),
      ...change,
    });
  }

  /** The common advice, marked as given to this session. */
  adviseOf(session: PushSession<P>): string {
    session.advisedStamp = this.#adviceStamp;
    return this.#adviceJson;
  }

  /** RFC 1123 date for the timestamp extension; undefined when that is off. */
  timestamp(): string | undefined {
    return this.options.timestamps ? new Date(this.options.clock.epochMs()).toUTCString() : undefined;
  }

  /** Queues an event for a session and wakes it. False when the session is over or its bound dropped the event. */
  deliver(session: PushSession<P>, event: PreparedEvent): boolean {
    if (!session.isLive) {
      this.counters.eventsForEndedSessions++;
      return false;
    }
    if (session.replay !== undefined && !session.replay.admits(event)) return true;
    return this.enqueue(session, event);
  }

  /** Queues an event that has passed replay's gate. */
  enqueue(session: PushSession<P>, event: PreparedEvent): boolean {
    const queue = (session.queue ??= new EventQueue());
    const offered = queue.offer(event, session.ack?.batch ?? 0, this.options.queue);
    this.counters.eventsDropped += offered.evicted;
    const hasGap = session.replay !== undefined && (offered.evicted > 0 || offered.kind !== 'queued');
    if (offered.kind === 'overflow' || hasGap) {
      this.counters.sessionsOverflowed++;
      this.end(session, 'queueOverflow');
      return false;
    }
    if (offered.kind === 'dropped') {
      this.counters.eventsDropped++;
      return false;
    }
    if (queue.isUrgent) this.wake(session);
    else this.#armLazy(session);
    return true;
  }

  /** Has the session's queue looked at when this turn of the event loop is over. */
  wake(session: PushSession<P>): void {
    if (session.isDirty || session.isBatching) return;
    session.isDirty = true;
    this.#dirty.push(session);
    this.#schedule();
  }

  /** Has a socket write what it has gathered when this turn of the event loop is over. */
  flushLater(socket: SocketOutlet<P>): void {
    this.#dirtySockets.push(socket);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    setImmediate(this.#flushBound);
  }

  /** Writes what waits for the sessions woken in this turn: first their events to their outlets, then the sockets' frames. */
  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const session of dirty) {
      session.isDirty = false;
      try {
        this.#flushSession(session);
      } catch (error) {
        this.options.onError(error);
      }
    }
    const sockets = this.#dirtySockets;
    this.#dirtySockets = [];
    this.#isFlushScheduled = false;
    for (const socket of sockets) {
      try {
        socket.flush();
      } catch (error) {
        this.options.onError(error);
      }
    }
    if (this.#dirty.length > 0) this.#schedule();
  }

  /** One that is over has neither a socket nor a hold. */
  #flushSession(session: PushSession<P>): void {
    const socket = session.socket;
    if (socket !== undefined && session.ack === undefined) {
      if (!socket.isCongested) socket.push(this.take(session), session);
      return;
    }
    if (session.queue?.isUrgent === true) this.release(session);
  }

  /** Takes everything out of a session's queue, or, with acknowledgement, a look at everything in it. */
  take(session: PushSession<P>): readonly PreparedEvent[] {
    const queue = session.queue;
    if (queue === undefined) return [];
    if (session.lazyTimer !== undefined) this.#wheel.disarm(session.lazyTimer);
    this.counters.eventsOut += queue.length;
    this.#tellSent(queue);
    if (session.ack === undefined) {
      session.queue = undefined;
      this.taken(session);
    }
    return queue.events;
  }

  /** Deliveries have left a session's queue: there may be more for it. */
  taken(session: PushSession<P>): void {
    this.options.readAhead(session);
    session.onTaken?.();
  }

  #tellSent(queue: EventQueue): void {
    const { onSent } = this.options;
    if (onSent === undefined) return;
    const { events } = queue;
    for (let at = queue.markSent(); at < events.length; at += 1) {
      const acceptedAtMs = events[at]?.acceptedAtMs;
      if (acceptedAtMs !== undefined) onSent(acceptedAtMs);
    }
  }

  /** Gives back events that their connection did not carry. */
  putBack(session: PushSession<P>, events: readonly PreparedEvent[]): void {
    if (!session.isLive || events.length === 0) return;
    this.counters.eventsPutBack += events.length;
    this.counters.eventsOut -= events.length;
    const queue = (session.queue ??= new EventQueue());
    queue.putBack(events);
    this.wake(session);
  }

  /** Holds a connect for `timeoutMs`. An older one must have been superseded before. */
  hold(session: PushSession<P>, hold: Hold<P>, timeoutMs: number): void {
    session.hold = hold;
    if (hold.outlet.isOneShot && session.browser !== undefined) session.browser.holds++;
    this.#wheel.arm(session.timer, timeoutMs);
  }

  /** Takes the held connect off a session and starts its expiry. Every path out of a hold goes through here. */
  unhold(session: PushSession<P>): Hold<P> | undefined {
    const hold = session.hold;
    if (hold === undefined) return undefined;
    session.hold = undefined;
    if (hold.outlet.isOneShot && session.browser !== undefined) session.browser.holds--;
    this.armExpiry(session);
    return hold;
  }

  /** Gives up a held connect for a newer one that came by `outlet`: exactly one answer to each, and no event in the older. */
  supersede(session: PushSession<P>, outlet: Outlet<P>): void {
    const hold = this.unhold(session);
    if (hold === undefined) return;
    this.counters.connectsSuperseded++;
    if (hold.outlet === outlet) outlet.send(renderPlainSuccess(hold.idJson, '/meta/connect'), [], session);
    else hold.outlet.supersede();
  }

  /** Answers the held connect with what is queued, or with nothing when its time is over. */
  release(session: PushSession<P>, advice?: string): void {
    const hold = this.unhold(session);
    if (hold === undefined) return;
    const events = this.take(session);
    const text = joined(events, session) + this.connectReply(session, hold, advice);
    hold.outlet.send(text, session.ack === undefined ? events : [], session);
  }

  /** The reply to a connect. With acknowledgement it closes the batch, so what is queued must travel with it. */
  connectReply(session: PushSession<P>, connect: Omit<Hold<P>, 'outlet'>, advice?: string): string {
    const isAdviceDue = connect.advised || session.advisedStamp !== this.#adviceStamp;
    const sync = connect.timesync && timesyncPart(connect.timesync, this.options.clock.epochMs());
    const ack = session.ack?.close();
    return connectReply({
      idJson: connect.idJson,
      adviceJson: advice ?? (isAdviceDue ? this.adviseOf(session) : undefined),
      extJson: extJson([ack, sync]),
      timestamp: this.timestamp(),
    });
  }

  /** Negotiates acknowledgement for a new session. */
  acknowledgeWith(session: PushSession<P>): void {
    session.ack = new AckLedger();
  }

  /** Starts or restarts the time after which a session without a held connect is over. */
  armExpiry(session: PushSession<P>): void {
    if (session.hold !== undefined || session.state === 'ended') return;
    const awayMs = Math.max(session.awayMs ?? 0, this.#intervalMs);
    this.#wheel.arm(session.timer, awayMs + this.options.maxIntervalMs);
  }

  timerFired(session: PushSession<P>, timer: WheelTimer): void {
    if (timer === session.lazyTimer) {
      session.queue?.makeUrgent();
      this.wake(session);
    } else if (session.hold !== undefined) {
      this.release(session);
    } else {
      this.counters.sessionsExpired++;
      this.end(session, 'expired');
    }
  }

  /** Asks a session's client to leave for good. It hears it now, or with its next connect; until then nothing else gets in. */
  disconnect(session: PushSession<P>): void {
    if (!session.isLive) return;
    if (session.hold === undefined && session.socket === undefined) {
      session.state = 'leaving';
      return;
    }
    this.end(session, 'disconnectedByServer');
  }

  /** The answer to the connect of a session that was asked to leave, its last. */
  farewell(session: PushSession<P>, connect: Omit<Hold<P>, 'outlet'>): string {
    const text =
      joined(this.take(session), session) +
      `${disconnectMessage},` +
      this.connectReply(session, connect, this.adviceJson({ reconnect: 'none' }));
    this.end(session, 'disconnectedByServer');
    return text;
  }

  /** Ends a session: out of every map, its timers off the wheel, its held connect answered, its socket let go. */
  end(session: PushSession<P>, reason: SessionEndReason): void {
    if (session.state === 'ended') return;
    const wasLeaving = session.state === 'leaving';
    const hold = this.unhold(session);
    const socket = session.socket;
    const events = reason === 'disconnectedByServer' && !wasLeaving ? this.take(session) : [];
    session.state = 'ended';
    session.socket = undefined;
    session.queue = undefined;
    this.#wheel.remove(session.timer);
    if (session.lazyTimer !== undefined) this.#wheel.remove(session.lazyTimer);
    if (reason === 'disconnected') this.counters.sessionsDisconnected++;
    this.options.forget(session, reason);
    const outlet = hold?.outlet ?? (reason === 'disconnectedByServer' ? socket : undefined);
    if (outlet !== undefined) outlet.send(this.#lastWords(session, { hold, events, reason }), [], session);
    socket?.detach(session, reason);
  }

  #lastWords(
    session: PushSession<P>,
    ending: { hold: Hold<P> | undefined; events: readonly PreparedEvent[]; reason: SessionEndReason },
  ): string {
    let text = joined(ending.events, session);
    if (ending.reason === 'disconnectedByServer') text += disconnectMessage;
    if (ending.hold === undefined) return text;
    if (ending.reason === 'disconnectedByServer') text += ',';
    const isFinal = ending.reason === 'disconnectedByServer' || ending.reason === 'disconnected';
    if (isFinal)
      return text + this.connectReply(session, ending.hold, this.adviceJson({ reconnect: 'none' }));
    return text + this.unknownClient('/meta/connect', ending.hold.idJson);
  }

  /** The reply to a message of a session that does not exist (any more). A connect is told to shake hands again. */
  unknownClient(channel: string, idJson: string | undefined): string {
    this.counters.messagesRefused++;
    const isConnect = channel === '/meta/connect';
    return renderReply({
      channel,
      idJson,
      error: errorText(this.options.errorTexts, 'unknownClient'),
      adviceJson: isConnect ? this.adviceJson({ reconnect: 'handshake', interval: 0 }) : undefined,
      timestamp: this.timestamp(),
    });
  }

  #armLazy(session: PushSession<P>): void {
    session.lazyTimer ??= new WheelTimer(session);
    if (!session.lazyTimer.isArmed) this.#wheel.arm(session.lazyTimer, this.options.maxLazyMs);
  }
}

/** Events as JSON, each followed by a comma. */
export function joined<P>(events: readonly PreparedEvent[], session: PushSession<P>): string {
  let text = '';
  const isPositioned = session.replay !== undefined;
  for (const event of events) text += (isPositioned ? event.positionedJson : event.json) + ',';
  return text;
}

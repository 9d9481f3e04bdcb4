/** What the engine is configured with: bounds, times, policies and hooks. Every bound says what happens when it is reached. */

import type { ErrorLine } from './protocol/error-texts.ts';
import type { Advice } from './protocol/advice.ts';
import type { ReplaySource } from './extensions/replay.ts';
import { type Clock, systemClock } from './sessions/clock.ts';
import type { QueueOverflow } from './sessions/event-queue.ts';
import type { PushSession, SessionEndReason } from './sessions/push-session.ts';
import { randomToken } from './sessions/random-token.ts';

/** A value, or a promise of it. Values are taken at once: a synchronous policy costs no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** A policy's answer. `reason` goes into the error text, `advice` and `ext` into the reply. */
export type Verdict =
  | boolean
  | {
      readonly allow: boolean;
      readonly reason?: string;
      readonly advice?: Partial<Advice>;
      readonly ext?: Readonly<Record<string, unknown>>;
    };

/** A message as policies and handlers see it. `data` and `ext` are what the client sent, unchecked. */
export interface ClientMessage {
  readonly channel: string;
  readonly id: string | number | undefined;
  readonly data: unknown;
  readonly ext: Readonly<Record<string, unknown>>;
}

/**
 * Who may do what. Each may answer at once or later; a throw or a rejection refuses and goes to `onError`; no answer within
 * `policyTimeoutMs` refuses. Absent policies allow.
 */
export interface Policy<P> {
  handshake?(principal: P, message: ClientMessage): MaybePromise<Verdict>;
  /** Asked before a subscribe or publish that names a channel nobody is subscribed to. */
  create?(session: PushSession<P>, channel: string, message: ClientMessage): MaybePromise<Verdict>;
  subscribe?(session: PushSession<P>, channel: string, message: ClientMessage): MaybePromise<Verdict>;
  /** Asked for broadcast and service channels alike. */
  publish?(session: PushSession<P>, channel: string, message: ClientMessage): MaybePromise<Verdict>;
}

/** What the engine tells its user. A throw goes to `onError` and changes nothing. */
export interface Hooks<P> {
  /** A handshake succeeded; the reply has not been written yet. */
  onSession?(session: PushSession<P>): void;
  /** The session is out of every map; its client may not know yet. */
  onSessionEnd?(session: PushSession<P>, reason: SessionEndReason): void;
  /** A subscription, `/service` channels included, was accepted. */
  onSubscribe?(session: PushSession<P>, channel: string): void;
  onUnsubscribe?(session: PushSession<P>, channel: string): void;
  /** A `/meta/disconnect` came from the client, with this message, before the session ended. */
  onDisconnect?(session: PushSession<P>, message: ClientMessage): void;
  /** A request of this session has come in, from `principal`: the session's own user, as `authenticate` said it this time. */
  onActivity?(session: PushSession<P>, principal: P): void;
  /**
   * An event with `acceptedAtMs` was handed to a connection for the first time, once for each session. Called for every
   * delivery: it must be quick.
   */
  onSent?(acceptedAtMs: number): void;
  /** Anything thrown by policies, hooks, handlers or the engine itself. Never an error of a client. */
  onError?(error: unknown): void;
}

/** The configuration with all its defaults filled in. Durations in milliseconds. */
export interface EngineOptions<P> {
  readonly clock: Clock;
  /** A fresh secret of at least 128 random bits, letters and digits only: clientIds and browser cookies. */
  readonly randomId: () => string;
  /** A number in [0, 1) for spreading reconnects; no secret. */
  readonly random: () => number;
  /** Letters and digits put in front of every clientId, so that any node can tell whose it is. */
  readonly nodeTag: string;
  readonly errorTexts: ErrorLine;
  /** How long a connect is held. A client's own `advice.timeout` may shorten it, never lengthen it. */
  readonly timeoutMs: number;
  /** How long clients are asked to wait between connects. */
  readonly intervalMs: number;
  /** How long, beyond the interval, a session lives without a connect. */
  readonly maxIntervalMs: number;
  /** Tells clients `maxIntervalMs` in advice, so that after a longer silence they shake hands without trying first. */
  readonly advertiseMaxInterval: boolean;
  /** How long a lazy event waits at most. */
  readonly maxLazyMs: number;
  /** A policy or handler that takes longer counts as a refusal. */
  readonly policyTimeoutMs: number;
  /** A session is found by its clientId alone, without the browser's cookie. For pages whose cookies are blocked. */
  readonly trustClientId: boolean;
  /** The status of a held connect that is given up for a newer one. CometD 2.x and 3.0 used 408. */
  readonly supersededStatus: number;
  /** Two principals are the same user. A session serves only the principal that created it. */
  readonly samePrincipal: (a: P, b: P) => boolean;
  /** The key by which a principal's sessions are counted; undefined counts nothing. */
  readonly principalKey: (principal: P) => string | undefined;
  /** A publisher that is subscribed gets its own copy, in the response to its publish. */
  readonly broadcastToPublisher: boolean;

  /** Bytes of a request body or a WebSocket message. Beyond: HTTP 413, close code 1009. */
  readonly maxBodyBytes: number;
  /** Messages in one request. Beyond: HTTP 413, close code 1009. */
  readonly maxMessagesPerBatch: number;
  /** Characters of a channel name. Beyond: the name is invalid. */
  readonly maxChannelLength: number;
  /** Beyond: the subscribe is refused. */
  readonly maxSubscriptionsPerSession: number;
  /** Beyond: handshakes are refused and told to try again after `shedIntervalMs`. */
  readonly maxSessions: number;
  /** From this number of sessions on, all clients are asked to wait `shedIntervalMs` between connects. */
  readonly shedAtSessions: number;
  readonly shedIntervalMs: number;
  /** Sessions of one browser cookie. Beyond: the handshake is refused. */
  readonly maxSessionsPerBrowser: number;
  /** Connects of one browser held at a time over HTTP. Beyond: answered at once with `multiple-clients` advice. -1: no bound. */
  readonly maxHoldsPerBrowser: number;
  /** The interval advised beyond `maxHoldsPerBrowser`; 0 or less refuses such connects for good. */
  readonly multiSessionIntervalMs: number;
  /** Sessions of one `principalKey`. Beyond: the handshake is refused. */
  readonly maxSessionsPerPrincipal: number;
  /** Events that wait for one session. Beyond: `queueOverflow`. */
  readonly maxQueueEvents: number;
  /** Their bytes. Beyond: `queueOverflow`. */
  readonly maxQueueBytes: number;
  /** What happens when a queue is full: lazy events go first, then this. */
  readonly queueOverflow: QueueOverflow;
  /** Requests of one session that wait for a policy of an earlier one. Beyond: HTTP 503, close code 1008. */
  readonly maxWaitingRequests: number;
  /** How long a connection may be unable to take more bytes before it is cut. */
  readonly slowReaderTimeoutMs: number;
  /** How long a WebSocket may stay open without a session. */
  readonly socketIdleMs: number;

  /** Acknowledged messages, when the client asks for them. */
  readonly ack: boolean;
  /** Clock synchronisation, when the client asks for it. */
  readonly timesync: boolean;
  /** A `timestamp` on everything that goes out. */
  readonly timestamps: boolean;
  /** Where replay reads what a subscriber missed; undefined switches replay off. */
  readonly replay: ReplaySource<P> | undefined;
  readonly replayPageEvents: number;

  readonly policy: Policy<P>;
  readonly hooks: Hooks<P>;
}

/** What may be said about the configuration: anything, or nothing. */
export type BayeuxServerOptions<P> = {
  readonly [K in keyof EngineOptions<P>]?: EngineOptions<P>[K] | undefined;
};

/** Fills in the defaults. Throws a RangeError for a bound or a time that makes no sense. */
export function resolveOptions<P>(given: BayeuxServerOptions<P>): EngineOptions<P> {
  const principalKey = given.principalKey ?? (() => undefined);
  const maxSessions = given.maxSessions ?? 50_000;
  const defaults: EngineOptions<P> = {
    clock: systemClock,
    randomId: randomToken,
    random: Math.random,
    nodeTag: '',
    errorTexts: '3.1',
    timeoutMs: 25_000,
    intervalMs: 0,
    maxIntervalMs: 30_000,
    advertiseMaxInterval: false,
    maxLazyMs: 5_000,
    policyTimeoutMs: 10_000,
    trustClientId: false,
    supersededStatus: 500,
    samePrincipal: (a, b) =>
      Object.is(a, b) || (principalKey(a) !== undefined && principalKey(a) === principalKey(b)),
    principalKey,
    broadcastToPublisher: true,
    maxBodyBytes: 256 * 1024,
    maxMessagesPerBatch: 200,
    maxChannelLength: 256,
    maxSubscriptionsPerSession: 200,
    maxSessions,
    shedAtSessions: Math.ceil(maxSessions * 0.9),
    shedIntervalMs: 5_000,
    maxSessionsPerBrowser: 20,
    maxHoldsPerBrowser: 4,
    multiSessionIntervalMs: 2_000,
    maxSessionsPerPrincipal: 50,
    maxQueueEvents: 1_000,
    maxQueueBytes: 1024 * 1024,
    queueOverflow: 'disconnect',
    maxWaitingRequests: 32,
    slowReaderTimeoutMs: 30_000,
    socketIdleMs: 30_000,
    ack: true,
    timesync: true,
    timestamps: false,
    replay: undefined,
    replayPageEvents: 100,
    policy: {},
    hooks: {},
  };
  const options = { ...defaults, ...withoutUndefined(given) };
  assertBounds(options);
  return options;
}

function withoutUndefined<P>(given: BayeuxServerOptions<P>): Partial<EngineOptions<P>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function assertBounds<P>(options: EngineOptions<P>): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'number') continue;
    const least = name === 'maxHoldsPerBrowser' || name === 'multiSessionIntervalMs' ? -1 : 0;
    if (!Number.isFinite(value) || value < least)
      throw new RangeError(`${name} must be a number of at least ${least}`);
  }
  if (!/^[A-Za-z0-9]*$/.test(options.nodeTag)) throw new RangeError('nodeTag must be letters and digits');
}

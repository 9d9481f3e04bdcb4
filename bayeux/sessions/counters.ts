/** What the engine counts. Every bound has its counter, so that a limit that bites is seen. */
export interface Counters {
  /** Messages received, well formed or not. */
  messagesIn: number;
  /** Messages answered with `successful: false`. */
  messagesRefused: number;
  /** Events handed to a transport, counting each receiver. */
  eventsOut: number;
  /** Events that waited in a queue and came back because their connection broke. */
  eventsPutBack: number;
  /** Lazy events that gave way, and events dropped by `dropOldest` or `dropNewest`. */
  eventsDropped: number;
  /** Events for sessions that were over. */
  eventsForEndedSessions: number;
  handshakes: number;
  handshakesRefused: number;
  /** Handshakes refused by `maxSessions`, `maxSessionsPerBrowser` or `maxSessionsPerPrincipal`. */
  handshakesOverLimit: number;
  connects: number;
  /** Held connects answered because a newer one came. */
  connectsSuperseded: number;
  /** Connects not held because the browser holds as many as it may. */
  connectsOverBrowserLimit: number;
  subscribesOverLimit: number;
  sessionsExpired: number;
  sessionsDisconnected: number;
  /** Sessions ended by `queueOverflow: 'disconnect'`. */
  sessionsOverflowed: number;
  /** Sockets cut because their reader was too slow. */
  slowReadersCut: number;
  /** Requests and frames over `maxBodyBytes` or `maxMessagesPerBatch`. */
  requestsTooLarge: number;
  /** Requests and frames that were not JSON. */
  requestsMalformed: number;
  /** Requests refused by the mount's `authenticate`. */
  requestsUnauthenticated: number;
  /** Requests and upgrades refused because of their `Origin`. */
  originsRefused: number;
  /** Requests and frames refused because too many waited for policies of the same session. */
  requestsOverLane: number;
  /** Policies that gave no answer within `policyTimeoutMs`. */
  policiesTimedOut: number;
  /** Errors thrown by policies, hooks, handlers and the engine itself; each also went to `onError`. */
  errors: number;
}

/** Counters at zero. */
export function newCounters(): Counters {
  return {
    messagesIn: 0,
    messagesRefused: 0,
    eventsOut: 0,
    eventsPutBack: 0,
    eventsDropped: 0,
    eventsForEndedSessions: 0,
    handshakes: 0,
    handshakesRefused: 0,
    handshakesOverLimit: 0,
    connects: 0,
    connectsSuperseded: 0,
    connectsOverBrowserLimit: 0,
    subscribesOverLimit: 0,
    sessionsExpired: 0,
    sessionsDisconnected: 0,
    sessionsOverflowed: 0,
    slowReadersCut: 0,
    requestsTooLarge: 0,
    requestsMalformed: 0,
    requestsUnauthenticated: 0,
    originsRefused: 0,
    requestsOverLane: 0,
    policiesTimedOut: 0,
    errors: 0,
  };
}

/** The seam between sessions and transports: where messages leave. Implemented by held HTTP polls and by WebSockets. */

import type { PreparedEvent } from '../protocol/event.ts';
import type { TimesyncRequest } from '../extensions/timesync.ts';
import type { PushSession } from './push-session.ts';

/** A way out to one client. A transport makes one per HTTP request, or one per WebSocket. */
export interface Outlet<P> {
  /** True when one outlet carries one response and is then used up: long-polling and callback-polling. */
  readonly isOneShot: boolean;
  /**
   * Writes `text`, messages joined by commas. `events` are those among them that the session gets back, in front of its
   * queue, if the connection turns out to be broken before they were written.
   */
  send(text: string, events: readonly PreparedEvent[], session: PushSession<P> | undefined): void;
  /** Gives up a held connect because a newer one came another way. No message may leave by it any more. */
  supersede(): void;
}

/** A connect that waits for something to deliver: the parked poll. */
export interface Hold<P> {
  readonly outlet: Outlet<P>;
  readonly idJson: string | undefined;
  /** True when the request carried advice, so that the reply must too. */
  readonly advised: boolean;
  readonly timesync: TimesyncRequest | undefined;
}

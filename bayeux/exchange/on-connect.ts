/** `/meta/connect`: hold it, or answer it now. */

import type { Core } from '../core.ts';
import { acknowledgedBatch } from '../extensions/ack.ts';
import { readTimesync } from '../extensions/timesync.ts';
import { readConnect } from '../protocol/connect.ts';
import { joined } from '../sessions/delivery.ts';
import type { Hold } from '../sessions/outlet.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { Exchange } from './exchange.ts';
import type { Received } from './received.ts';
import type { Pending } from './settle.ts';

/**
 * Handles a connect. It is held when it is alone in its request, the session was connected before, nothing urgent waits,
 * and neither the client nor its browser's number of held connects stands against it.
 */
export function onConnect<P>(exchange: Exchange<P>, session: PushSession<P>, received: Received): Pending {
  const { core, caller } = exchange;
  const { delivery, options } = core;
  core.counters.connects++;
  const request = readConnect(received.message);
  const ext = received.message.ext;
  const connect: Omit<Hold<P>, 'outlet'> = {
    idJson: received.idJson,
    advised: request.advised,
    timesync: options.timesync ? readTimesync(ext, options.clock) : undefined,
  };
  if (session.state === 'leaving') {
    exchange.reply(delivery.farewell(session, connect));
    return undefined;
  }
  delivery.supersede(session, caller.outlet);
  if (caller.socket !== undefined) caller.socket.attach(session);
  else session.socket?.detach(session, 'moved');
  session.awayMs =
    request.intervalMs === undefined ? undefined : Math.min(request.intervalMs, options.maxIntervalMs);
  if (session.ack !== undefined) acknowledge(core, session, acknowledgedBatch(ext));

  const isFirst = session.state === 'handshaken';
  session.state = 'connected';
  const timeoutMs = Math.min(request.timeoutMs ?? options.timeoutMs, options.timeoutMs);
  const isIdle = session.queue?.isUrgent !== true;
  if (!isFirst && isIdle && timeoutMs > 0 && exchange.messages.length === 1 && !core.isClosing) {
    if (isBrowserFull(exchange, session)) return answerFullBrowser(exchange, session, connect);
    exchange.isHeld = true;
    delivery.hold(session, { ...connect, outlet: caller.outlet }, timeoutMs);
    return undefined;
  }
  delivery.armExpiry(session);
  answer(exchange, session, connect);
  return undefined;
}

function acknowledge<P>(core: Core<P>, session: PushSession<P>, batch: number | undefined): void {
  if (batch === undefined || session.queue === undefined) return;
  const { length } = session.queue;
  session.queue.acknowledge(batch);
  if (session.queue.length === length) return;
  if (session.queue.length === 0) session.queue = undefined;
  core.delivery.taken(session);
}

function answer<P>(exchange: Exchange<P>, session: PushSession<P>, connect: Omit<Hold<P>, 'outlet'>): void {
  const { core } = exchange;
  // With acknowledgement the reply closes a batch, so the batch has to be taken before it.
  if (session.ack !== undefined) exchange.addEvents(joined(core.delivery.take(session), session));
  const advice = core.isClosing ? core.closingAdvice() : undefined;
  exchange.reply(core.delivery.connectReply(session, connect, advice));
  exchange.hasConnectReply = true;
}

/** True when as many connects of this browser are held as it may have, this session's own not counted. */
function isBrowserFull<P>({ core, caller }: Exchange<P>, session: PushSession<P>): boolean {
  const { maxHoldsPerBrowser } = core.options;
  if (!caller.outlet.isOneShot || session.browser === undefined || maxHoldsPerBrowser < 0) return false;
  return session.browser.holds >= maxHoldsPerBrowser;
}

/** Holding one more would take the browser's last connection to us: it is told to come back after a while instead. */
function answerFullBrowser<P>(
  exchange: Exchange<P>,
  session: PushSession<P>,
  connect: Omit<Hold<P>, 'outlet'>,
): undefined {
  const { delivery, counters, options } = exchange.core;
  counters.connectsOverBrowserLimit++;
  const intervalMs = options.multiSessionIntervalMs;
  session.awayMs = Math.max(intervalMs, session.awayMs ?? 0);
  delivery.armExpiry(session);
  session.advisedStamp = 0;
  const isFinal = intervalMs <= 0;
  const advice = delivery.adviceJson({
    reconnect: isFinal ? 'none' : 'retry',
    interval: Math.max(0, intervalMs),
    'multiple-clients': true,
  });
  if (isFinal)
    exchange.refuse({
      channel: '/meta/connect',
      idJson: connect.idJson,
      error: 'handshakeDenied',
      adviceJson: advice,
    });
  else exchange.reply(delivery.connectReply(session, connect, advice));
  return undefined;
}

/** `/meta/handshake`: policy and limits, then a new session. */

import type { Core } from '../core.ts';
import { asksForAck } from '../extensions/ack.ts';
import { ReplayCursor } from '../extensions/replay.ts';
import { readTimesync, timesyncPart } from '../extensions/timesync.ts';
import type { Verdict } from '../options.ts';
import type { Advice } from '../protocol/advice.ts';
import type { ErrorCase } from '../protocol/error-texts.ts';
import { handshakeReply, readHandshake } from '../protocol/handshake.ts';
import { extJson } from '../protocol/reply.ts';
import { PushSession } from '../sessions/push-session.ts';
import { isBrowserId } from '../transports/cookie.ts';
import type { Exchange } from './exchange.ts';
import { clientMessage, type Received } from './received.ts';
import { failed, type Pending, settle, type Settled } from './settle.ts';

/** Handles a handshake. It must be alone in its request: the other messages belong to no session yet. */
export function onHandshake<P>(exchange: Exchange<P>, received: Received): Pending {
  const { core, caller } = exchange;
  const request = readHandshake(received.message, caller.offered);
  if (exchange.messages.length !== 1 || request.kind === 'noCommonTransport' || core.isClosing) {
    refuse(exchange, received, core.isClosing ? retryLater(core) : {});
    return undefined;
  }
  if (isOverLimit(exchange)) {
    core.counters.handshakesOverLimit++;
    refuse(exchange, received, { error: 'tooManySessions', ...retryLater(core) });
    return undefined;
  }
  const policy = core.options.policy;
  return settle<P, Verdict>(
    core,
    () => policy.handshake?.(caller.principal, clientMessage(received)) ?? true,
    (verdict) => decide(exchange, { received, ext: request.ext }, verdict),
  );
}

interface Refusal {
  readonly error?: ErrorCase;
  readonly advice?: Partial<Advice>;
  readonly ext?: Readonly<Record<string, unknown>> | undefined;
}

function retryLater<P>(core: Core<P>): Refusal {
  return { advice: { reconnect: 'handshake', interval: core.options.shedIntervalMs } };
}

function refuse<P>(exchange: Exchange<P>, received: Received, refusal: Refusal): void {
  exchange.core.counters.handshakesRefused++;
  exchange.refuse({
    channel: '/meta/handshake',
    idJson: received.idJson,
    error: refusal.error ?? 'handshakeDenied',
    adviceJson: exchange.core.delivery.adviceJson({ reconnect: 'none', interval: 0, ...refusal.advice }),
    extJson: refusal.ext === undefined ? undefined : JSON.stringify(refusal.ext),
  });
}

function isOverLimit<P>({ core, caller }: Exchange<P>): boolean {
  const { maxSessions, maxSessionsPerBrowser, maxSessionsPerPrincipal, principalKey } = core.options;
  if (core.sessions.size >= maxSessions) return true;
  if (caller.browserId !== undefined && core.browsers.sessionsOf(caller.browserId) >= maxSessionsPerBrowser)
    return true;
  const key = principalKey(caller.principal);
  return key !== undefined && core.principals.of(key) >= maxSessionsPerPrincipal;
}

function decide<P>(
  exchange: Exchange<P>,
  request: { readonly received: Received; readonly ext: Readonly<Record<string, unknown>> },
  verdict: Settled<Verdict>,
): void {
  const answer = typeof verdict === 'object' ? verdict : { allow: verdict === true };
  if (verdict === failed || !answer.allow) {
    refuse(exchange, request.received, { ...(answer.advice && { advice: answer.advice }), ext: answer.ext });
    return;
  }
  // The limits once more: others may have shaken hands while a policy thought about it.
  if (isOverLimit(exchange)) {
    exchange.core.counters.handshakesOverLimit++;
    refuse(exchange, request.received, { error: 'tooManySessions', ...retryLater(exchange.core) });
    return;
  }
  const session = open(exchange);
  exchange.reply(accept(exchange, session, { ...request, added: answer.ext }));
  const { onSession } = exchange.core.options.hooks;
  if (onSession !== undefined) exchange.core.tell(() => onSession(session));
}

function open<P>(exchange: Exchange<P>): PushSession<P> {
  const { core, caller } = exchange;
  const { options } = core;
  core.counters.handshakes++;
  let browserId =
    caller.browserId !== undefined && isBrowserId(caller.browserId) ? caller.browserId : undefined;
  if (browserId === undefined && caller.socket === undefined) {
    browserId = options.randomId();
    exchange.newBrowserId = browserId;
  }
  const session = new PushSession<P>(core.delivery, {
    id: options.nodeTag + options.randomId(),
    principal: caller.principal,
    createdAtMs: options.clock.epochMs(),
    browser: browserId === undefined ? undefined : core.browsers.enter(browserId),
  });
  core.remember(session);
  caller.socket?.attach(session);
  core.delivery.armExpiry(session);
  return session;
}

function accept<P>(
  exchange: Exchange<P>,
  session: PushSession<P>,
  request: {
    readonly received: Received;
    readonly ext: Readonly<Record<string, unknown>>;
    readonly added: Readonly<Record<string, unknown>> | undefined;
  },
): string {
  const { options, delivery } = exchange.core;
  const parts: (string | undefined)[] = [];
  if (options.ack && asksForAck(request.ext)) {
    delivery.acknowledgeWith(session);
    parts.push('"ack":true');
  }
  if (options.replay !== undefined && request.ext['replay'] === true) {
    session.replay = new ReplayCursor();
    parts.push('"replay":true');
  }
  if (options.timesync) {
    const sync = readTimesync(request.ext, options.clock);
    parts.push(timesyncPart(sync, options.clock.epochMs()));
  }
  for (const [key, value] of Object.entries(request.added ?? {})) {
    parts.push(`${JSON.stringify(key)}:${JSON.stringify(value) ?? 'null'}`);
  }
  return handshakeReply({
    idJson: request.received.idJson,
    clientId: session.id,
    offered: exchange.caller.offered,
    adviceJson: delivery.adviseOf(session),
    extJson: extJson(parts),
    timestamp: delivery.timestamp(),
  });
}

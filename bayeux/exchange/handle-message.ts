/** From one message to the handler of its channel. */

import { channelKind } from '../protocol/channel.ts';
import { checkChannel, type InboundMessage, isRecord } from '../protocol/message.ts';
import { idJson } from '../protocol/reply.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { Exchange } from './exchange.ts';
import { onConnect } from './on-connect.ts';
import { onDisconnect } from './on-disconnect.ts';
import { onHandshake } from './on-handshake.ts';
import { onPublish } from './on-publish.ts';
import { onSubscribe } from './on-subscribe.ts';
import { onUnsubscribe } from './on-unsubscribe.ts';
import type { Received } from './received.ts';
import type { Pending } from './settle.ts';

/** Handles one message of an exchange: adds its reply, or returns what it waits for. */
export function handleMessage<P>(exchange: Exchange<P>, value: unknown): Pending {
  if (!isRecord(value)) {
    exchange.refuse({ channel: undefined, idJson: undefined, error: 'channelMissing' });
    return undefined;
  }
  const message: InboundMessage = value;
  const { options } = exchange.core;
  const checked = checkChannel(message, options.errorTexts, options.maxChannelLength);
  const id = idJson(message.id);
  if ('refused' in checked) {
    const channel = typeof message.channel === 'string' ? message.channel : undefined;
    exchange.refuse({ channel, idJson: id, error: checked.refused });
    return undefined;
  }
  const received: Received = { message, channel: checked.channel, idJson: id };
  if (received.channel === '/meta/handshake') return onHandshake(exchange, received);
  const session = findSession(exchange, message.clientId);
  if (session === undefined || (session.state === 'leaving' && received.channel !== '/meta/connect')) {
    exchange.reply(exchange.core.delivery.unknownClient(received.channel, id));
    return undefined;
  }
  exchange.enter(session);
  const { onActivity } = exchange.core.options.hooks;
  if (onActivity !== undefined) exchange.core.tell(() => onActivity(session, exchange.caller.principal));
  if (received.channel === '/meta/connect') return onConnect(exchange, session, received);
  exchange.core.delivery.armExpiry(session);
  return dispatch(exchange, session, received);
}

function dispatch<P>(exchange: Exchange<P>, session: PushSession<P>, received: Received): Pending {
  switch (received.channel) {
    case '/meta/subscribe':
      return onSubscribe(exchange, session, received);
    case '/meta/unsubscribe':
      return onUnsubscribe(exchange, session, received);
    case '/meta/disconnect':
      return onDisconnect(exchange, session, received);
    default:
      if (channelKind(received.channel) !== 'meta') return onPublish(exchange, session, received);
      exchange.refuse({ channel: received.channel, idJson: received.idJson, error: 'channelInvalid' });
      return undefined;
  }
}

/**
 * The session of a clientId, if this caller may use it: the same principal, and over HTTP the browser that made it, unless
 * clientIds are trusted. A session made over WebSocket has no browser and can go on over HTTP.
 */
export function findSession<P>(exchange: Exchange<P>, clientId: unknown): PushSession<P> | undefined {
  if (typeof clientId !== 'string') return undefined;
  const { core, caller } = exchange;
  const session = core.sessions.get(clientId);
  if (session === undefined || !core.options.samePrincipal(session.principal, caller.principal))
    return undefined;
  if (caller.socket !== undefined || caller.trustsClientId || session.browser === undefined) return session;
  return session.browser.id === caller.browserId ? session : undefined;
}

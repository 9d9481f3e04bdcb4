/** `/meta/unsubscribe`: a channel that does not exist is refused, as CometD does; one the session is not subscribed to is not. */

import { renderReply } from '../protocol/reply.ts';
import { readSubscription } from '../protocol/subscribe.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { Exchange } from './exchange.ts';
import type { Received } from './received.ts';
import type { Pending } from './settle.ts';

/** Handles an unsubscribe: all of its names, or none. */
export function onUnsubscribe<P>(
  exchange: Exchange<P>,
  session: PushSession<P>,
  received: Received,
): Pending {
  const { core } = exchange;
  const { maxMessagesPerBatch, maxChannelLength } = core.options;
  const request = readSubscription(received.message, { maxNames: maxMessagesPerBatch, maxChannelLength });
  const fields = { channel: '/meta/unsubscribe', idJson: received.idJson };
  if (request.kind === 'missing') {
    exchange.refuse({ ...fields, error: 'subscriptionMissing' });
    return undefined;
  }
  const echo = { ...fields, subscriptionJson: request.echoJson };
  if (request.kind !== 'names') {
    exchange.refuse({ ...echo, error: 'subscriptionInvalid' });
    return undefined;
  }
  if (!request.names.every((name) => core.index.has(name))) {
    exchange.refuse({ ...echo, error: 'channelMissing' });
    return undefined;
  }
  for (const name of request.names) {
    if (!core.index.remove(session, name)) continue;
    session.replay?.stop(name);
    const { onUnsubscribe: hook } = core.options.hooks;
    if (hook !== undefined) core.tell(() => hook(session, name));
  }
  exchange.reply(renderReply({ ...echo, timestamp: core.delivery.timestamp() }));
  return undefined;
}

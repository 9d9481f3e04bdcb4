/** Publishing to broadcast and service channels. */

import type { MessageHandler } from '../core.ts';
import type { Verdict } from '../options.ts';
import { channelKind } from '../protocol/channel.ts';
import { deniedByPolicy, type ErrorCase } from '../protocol/error-texts.ts';
import { binaryJsonOf } from '../protocol/publish.ts';
import { renderPlainSuccess, renderReply } from '../protocol/reply.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { Exchange } from './exchange.ts';
import { clientMessage, type Received } from './received.ts';
import { type Pending, settle, type Settled } from './settle.ts';

/** Handles a publish: may the channel come to be, may this session publish to it, do its handlers agree; then it goes out. */
export function onPublish<P>(exchange: Exchange<P>, session: PushSession<P>, received: Received): Pending {
  const { core } = exchange;
  const { policy } = core.options;
  const { channel } = received;
  if (policy.create === undefined || channelKind(channel) === 'service' || core.index.has(channel)) {
    return askPublish(exchange, session, received);
  }
  return settle<P, Verdict>(
    core,
    () => policy.create?.(session, channel, clientMessage(received)) ?? true,
    (verdict) => {
      if (isAllowed(verdict)) return askPublish(exchange, session, received);
      return deny(exchange, received, { error: 'createDenied', verdict });
    },
  );
}

function askPublish<P>(exchange: Exchange<P>, session: PushSession<P>, received: Received): Pending {
  const { core } = exchange;
  const { policy } = core.options;
  if (policy.publish === undefined) return askHandlers(exchange, session, received);
  return settle<P, Verdict>(
    core,
    () => policy.publish?.(session, received.channel, clientMessage(received)) ?? true,
    (verdict) => {
      if (isAllowed(verdict)) return askHandlers(exchange, session, received);
      return deny(exchange, received, { error: 'publishDenied', verdict });
    },
  );
}

function askHandlers<P>(
  exchange: Exchange<P>,
  session: PushSession<P>,
  received: Received,
  from = 0,
): Pending {
  if (!session.isLive) {
    exchange.reply(exchange.core.delivery.unknownClient(received.channel, received.idJson));
    return undefined;
  }
  const handlers = exchange.core.handlersOf(received.channel);
  const handler = handlers[from];
  if (handler === undefined) {
    goOut(exchange, session, received);
    return undefined;
  }
  return settle<P, Verdict | void>(
    exchange.core,
    () => callHandler(exchange, session, { received, handler }),
    (verdict) => {
      if (verdict === undefined || isAllowed(verdict))
        return askHandlers(exchange, session, received, from + 1);
      return deny(exchange, received, { error: 'messageDeleted', verdict });
    },
  );
}

function callHandler<P>(
  { core }: Exchange<P>,
  session: PushSession<P>,
  call: { readonly received: Received; readonly handler: MessageHandler<P> },
) {
  const message = clientMessage(call.received);
  const id = message.id;
  // The request's id stays on its answer on purpose: that is how a `remoteCall` knows it.
  const reply = (answer: unknown) =>
    void session.deliver(core.prepare(message.channel, answer, id === undefined ? {} : { id }));
  return call.handler(session, message, reply);
}

function goOut<P>(exchange: Exchange<P>, session: PushSession<P>, received: Received): void {
  const { core } = exchange;
  const { channel, message } = received;
  if (channelKind(channel) === 'broadcast' && (core.index.has(channel) || core.index.hasWildcards)) {
    const binaryJson = binaryJsonOf(message);
    const event = core.prepare(channel, message.data, binaryJson === undefined ? {} : { binaryJson });
    core.publish(event, core.options.broadcastToPublisher ? undefined : session);
  }
  const timestamp = core.delivery.timestamp();
  // A checked channel name holds nothing that JSON would have to escape.
  if (timestamp === undefined) exchange.reply(renderPlainSuccess(received.idJson, channel));
  else exchange.reply(renderReply({ channel, idJson: received.idJson, timestamp }));
}

function isAllowed(verdict: Settled<Verdict>): boolean {
  return verdict === true || (typeof verdict === 'object' && verdict.allow);
}

function deny<P>(
  exchange: Exchange<P>,
  received: Received,
  denial: { readonly error: ErrorCase; readonly verdict: Settled<Verdict | void> },
): undefined {
  const { verdict } = denial;
  const answer = typeof verdict === 'object' && verdict !== null ? verdict : undefined;
  exchange.refuse({
    channel: received.channel,
    idJson: received.idJson,
    error: denial.error,
    argument: answer?.reason ?? deniedByPolicy,
    extJson: answer?.ext === undefined ? undefined : JSON.stringify(answer.ext),
  });
  return undefined;
}

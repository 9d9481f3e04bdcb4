/** `/meta/subscribe`: everything is checked first, then everything is applied. */

import { readPositions } from '../extensions/replay.ts';
import type { Verdict } from '../options.ts';
import { deniedByPolicy, type ErrorCase } from '../protocol/error-texts.ts';
import { renderReply } from '../protocol/reply.ts';
import { readSubscription } from '../protocol/subscribe.ts';
import type { PushSession } from '../sessions/push-session.ts';
import type { Exchange } from './exchange.ts';
import { clientMessage, type Received } from './received.ts';
import { readPage } from './read-ahead.ts';
import { type Pending, settle } from './settle.ts';

interface Subscribing {
  readonly received: Received;
  readonly names: readonly string[];
  readonly serviceNames: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
  readonly fields: {
    readonly channel: string;
    readonly idJson: string | undefined;
    readonly subscriptionJson: string;
  };
}

/** Handles a subscribe: all of its names, or none. */
export function onSubscribe<P>(exchange: Exchange<P>, session: PushSession<P>, received: Received): Pending {
  const { core } = exchange;
  const { maxSubscriptionsPerSession, maxChannelLength } = core.options;
  const head = { channel: '/meta/subscribe', idJson: received.idJson };
  const request = readSubscription(received.message, {
    maxNames: maxSubscriptionsPerSession,
    maxChannelLength,
  });
  if (request.kind === 'missing') {
    exchange.refuse({ ...head, error: 'subscriptionMissing' });
    return undefined;
  }
  const fields = { ...head, subscriptionJson: request.echoJson };
  const refuse = (error: ErrorCase, argument: string): undefined => {
    exchange.refuse({ ...fields, error, argument });
  };
  if (request.kind === 'invalid') return refuse('subscriptionInvalid', '');
  if (request.kind === 'meta') return refuse('subscribeDenied', deniedByPolicy);
  const fresh = request.names.filter((name) => !session.subscriptions.includes(name));
  if (session.subscriptions.length + fresh.length > maxSubscriptionsPerSession) {
    core.counters.subscribesOverLimit++;
    return refuse('subscribeFailed', 'too_many_subscriptions');
  }
  const positions =
    session.replay === undefined ? new Map() : readPositions(clientMessage(received).ext, request.names);
  if (positions === 'invalid') return refuse('replayUnavailable', 'invalid_position');
  const { names, serviceNames } = request;
  return askNext(exchange, session, { received, names, serviceNames, positions, fields });
}

/** Asks the policies name by name, in order, then applies. */
function askNext<P>(
  exchange: Exchange<P>,
  session: PushSession<P>,
  subscribing: Subscribing,
  from = 0,
): Pending {
  const { core } = exchange;
  const { policy } = core.options;
  const name = subscribing.names[from];
  if (name === undefined) return apply(exchange, session, subscribing);
  const message = clientMessage(subscribing.received);
  const ask = (question: 'create' | 'subscribe', error: ErrorCase, goOn: () => Pending): Pending => {
    if (policy[question] === undefined) return goOn();
    return settle<P, Verdict>(
      core,
      () => policy[question]?.(session, name, message) ?? true,
      (verdict) => {
        if (verdict === true || (typeof verdict === 'object' && verdict.allow)) return goOn();
        const reason = typeof verdict === 'object' ? verdict.reason : undefined;
        exchange.refuse({ ...subscribing.fields, error, argument: reason ?? deniedByPolicy });
        return undefined;
      },
    );
  };
  const askSubscribe = () =>
    ask('subscribe', 'subscribeDenied', () => askNext(exchange, session, subscribing, from + 1));
  return core.index.has(name) ? askSubscribe() : ask('create', 'createDeniedBySubscribe', askSubscribe);
}

function apply<P>(exchange: Exchange<P>, session: PushSession<P>, subscribing: Subscribing): Pending {
  const { core } = exchange;
  if (!session.isLive) {
    exchange.reply(core.delivery.unknownClient('/meta/subscribe', subscribing.fields.idJson));
    return undefined;
  }
  const added = subscribing.names.filter((name) => core.index.add(session, name));
  for (const [channel, position] of subscribing.positions) session.replay?.start(channel, position);
  return replayNext(exchange, session, { subscribing, added, channels: [...subscribing.positions.keys()] });
}

/** Reads the first page of each channel to be replayed; one that cannot be served fails the whole request. */
function replayNext<P>(
  exchange: Exchange<P>,
  session: PushSession<P>,
  work: {
    readonly subscribing: Subscribing;
    readonly added: readonly string[];
    readonly channels: readonly string[];
  },
): Pending {
  const { core } = exchange;
  const { subscribing } = work;
  const [channel, ...channels] = work.channels;
  if (channel === undefined) {
    confirm(exchange, session, subscribing);
    return undefined;
  }
  const { maxQueueEvents, replayPageEvents } = core.options;
  const share = Math.floor(maxQueueEvents / 2 / subscribing.positions.size);
  let isRefused = false;
  const refuse = () => {
    isRefused = true;
    for (const name of work.added) core.index.remove(session, name);
    for (const each of subscribing.positions.keys()) session.replay?.stop(each);
    exchange.refuse({ ...subscribing.fields, error: 'replayUnavailable', argument: channel });
  };
  const goOn = () => (isRefused ? undefined : replayNext(exchange, session, { ...work, channels }));
  const maxEvents = Math.max(1, Math.min(replayPageEvents, share));
  const pending = readPage(core, session, { channel, maxEvents, failed: refuse });
  return pending === undefined ? goOn() : pending.then(goOn);
}

function confirm<P>(exchange: Exchange<P>, session: PushSession<P>, subscribing: Subscribing): void {
  const { core } = exchange;
  if (!session.isLive) {
    exchange.reply(core.delivery.unknownClient('/meta/subscribe', subscribing.fields.idJson));
    return;
  }
  exchange.reply(renderReply({ ...subscribing.fields, timestamp: core.delivery.timestamp() }));
  const { onSubscribe: hook } = core.options.hooks;
  if (hook === undefined) return;
  for (const name of [...subscribing.names, ...subscribing.serviceNames])
    core.tell(() => hook(session, name));
}

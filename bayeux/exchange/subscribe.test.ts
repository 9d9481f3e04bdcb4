import { describe, expect, it } from 'vitest';
import { SpecEngine, type SpecRequest, settled } from './spec-engine.ts';

const refused = { id: '1', channel: '/meta/subscribe', subscription: '/foo', successful: false };

function subscribe(engine: SpecEngine, spoilt: object = {}) {
  const session = engine.connected();
  const valid = { channel: '/meta/subscribe', id: '1', clientId: session.id, subscription: '/foo' };
  const request = engine.send({ ...valid, ...spoilt });
  return { session, request };
}

function isSuccessful(request: SpecRequest): boolean {
  const [reply] = (request.reply ?? []) as { readonly successful: boolean }[];
  return reply?.successful === true;
}

describe('a subscribe', () => {
  it('is recorded, and its name echoed', () => {
    const { session, request } = subscribe(new SpecEngine());
    expect(request.reply).toEqual([
      { id: '1', channel: '/meta/subscribe', subscription: '/foo', successful: true },
    ]);
    expect(session.subscriptions).toEqual(['/foo']);
  });

  it.each([
    ['several names', ['/foo', '/bar/*'], ['/foo', '/bar/*']],
    ['a name twice', ['/foo', '/foo/', '/foo'], ['/foo']],
    ['every channel', '/**', ['/**']],
    ['a service channel, which is not recorded', '/service/chatV2/x', []],
    ['service and other channels', ['/service/*', '/foo'], ['/foo']],
  ])('takes %s', (_, subscription, recorded) => {
    const { session, request } = subscribe(new SpecEngine(), { subscription });
    expect(request.reply).toEqual([{ id: '1', channel: '/meta/subscribe', subscription, successful: true }]);
    expect(session.subscriptions).toEqual(recorded);
  });

  it.each([
    ['nothing', undefined, '403::subscription_missing'],
    ['null', null, '403::subscription_missing'],
    ['no names', [], '403::subscription_missing'],
    ['a number', 5, '403::subscription_invalid'],
    ['an object', { a: 1 }, '403::subscription_invalid'],
    ['a name of the wrong shape', 'foo', '403::subscription_invalid'],
    ['a wildcard in the middle', '/a/*/b', '403::subscription_invalid'],
    ['a good name and a bad one', ['/foo', '//'], '403::subscription_invalid'],
    ['a good name and a number', ['/foo', 1], '403::subscription_invalid'],
    ['a meta channel', '/meta/connect', '403:denied_by_security_policy:subscribe denied'],
    ['all meta channels', ['/foo', '/meta/*'], '403:denied_by_security_policy:subscribe denied'],
  ])('fails as a whole with %s', (_, subscription, error) => {
    const { session, request } = subscribe(new SpecEngine(), { subscription });
    const echo = error.endsWith('missing') ? {} : { subscription };
    expect(request.reply).toEqual([
      { id: '1', channel: '/meta/subscribe', successful: false, error, ...echo },
    ]);
    expect(session.subscriptions).toEqual([]);
  });

  it.each([undefined, 'nobody', 5])('fails with the clientId %s', (clientId) => {
    const { request } = subscribe(new SpecEngine(), { clientId });
    expect(request.reply).toEqual([
      { id: '1', channel: '/meta/subscribe', successful: false, error: '402::Unknown client' },
    ]);
  });

  it('is bounded in number, doubles and old ones not counted', () => {
    const engine = new SpecEngine({ maxSubscriptionsPerSession: 2 });
    const session = engine.connected();
    const isTaken = (names: string[]) => isSuccessful(engine.subscribe(session, names));
    expect([isTaken(['/a', '/b']), isTaken(['/a']), isTaken(['/c'])]).toEqual([true, true, false]);
    expect(session.subscriptions).toEqual(['/a', '/b']);
    expect(engine.core.counters.subscribesOverLimit).toBe(1);
  });
});

describe('a subscribe policy', () => {
  const create = { error: '403:denied_by_security_policy:create denied' };
  const deny = { error: '403:denied_by_security_policy:subscribe denied' };

  it.each([
    ['create says no', { create: () => false }, create],
    ['subscribe says no', { subscribe: () => false }, deny],
    [
      'subscribe says why not',
      { subscribe: () => ({ allow: false, reason: 'not_yours' }) },
      { error: '403:not_yours:subscribe denied' },
    ],
    ['subscribe rejects', { subscribe: () => Promise.reject(new Error('oops')) }, deny],
    ['create says no later', { create: () => Promise.resolve(false) }, create],
  ])('refuses when %s', async (_, policy, expected) => {
    const { session, request } = subscribe(new SpecEngine({ policy }));
    await settled();
    expect(request.reply).toEqual([{ ...refused, ...expected }]);
    expect(session.subscriptions).toEqual([]);
  });

  it('is asked for every name before any is recorded, and for creation only of names new to everybody', async () => {
    const asked: string[] = [];
    const engine = new SpecEngine({
      policy: {
        create: (_, channel) => asked.push(`create ${channel}`) > 0,
        subscribe: (_, channel) =>
          Promise.resolve(asked.push(`subscribe ${channel}`) > 0 && channel !== '/no'),
      },
    });
    const session = engine.connected();
    engine.subscribe(session, '/yes');
    await settled();
    const request = engine.subscribe(engine.connected(), ['/yes', '/new', '/no']);
    await settled();
    await settled();
    expect(isSuccessful(request)).toBe(false);
    expect(engine.core.index.has('/new')).toBe(false);
    expect(asked).toEqual([
      ...['create /yes', 'subscribe /yes'],
      ...['subscribe /yes', 'create /new', 'subscribe /new', 'create /no', 'subscribe /no'],
    ]);
  });

  it('that answers after the session has ended finds no session', async () => {
    const engine = new SpecEngine({ policy: { subscribe: () => Promise.resolve(true) } });
    const { session, request } = subscribe(engine);
    engine.core.delivery.end(session, 'expired');
    await settled();
    expect(request.reply).toEqual([
      { id: '1', channel: '/meta/subscribe', successful: false, error: '402::Unknown client' },
    ]);
    expect(engine.core.index.size).toBe(0);
  });
});

describe('an unsubscribe', () => {
  const valid = { channel: '/meta/unsubscribe', id: '2' };

  it('takes back one name or several', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, ['/a', '/b', '/c']);
    const request = engine.send({ ...valid, clientId: session.id, subscription: ['/a', '/c'] });
    expect(request.reply).toEqual([{ ...valid, subscription: ['/a', '/c'], successful: true }]);
    expect(session.subscriptions).toEqual(['/b']);
    engine.send({ ...valid, clientId: session.id, subscription: '/b' });
    expect(engine.core.index.size).toBe(0);
  });

  it('takes a service channel, and a channel only others are subscribed to', () => {
    const engine = new SpecEngine();
    engine.subscribe(engine.connected(), '/a');
    const session = engine.connected();
    for (const subscription of ['/service/x', '/a']) {
      const request = engine.send({ ...valid, clientId: session.id, subscription });
      expect(request.reply).toEqual([{ ...valid, subscription, successful: true }]);
    }
    expect(engine.core.index.count('/a')).toBe(1);
  });

  it.each([
    ['nothing', undefined, '403::subscription_missing'],
    ['a bad name', 'a', '403::subscription_invalid'],
    ['a meta channel', '/meta/connect', '403::subscription_invalid'],
    ['a channel that does not exist', '/nowhere', '400::channel missing'],
    ['a channel that does and one that does not', ['/a', '/nowhere'], '400::channel missing'],
  ])('fails with %s', (_, subscription, error) => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/a');
    const echo = subscription === undefined ? {} : { subscription };
    const request = engine.send({ ...valid, clientId: session.id, subscription });
    expect(request.reply).toEqual([{ ...valid, ...echo, successful: false, error }]);
    expect(session.subscriptions).toEqual(['/a']);
  });
});

it('tells its user of every name, service channels included', () => {
  const seen: string[] = [];
  const engine = new SpecEngine({
    hooks: {
      onSubscribe: (_, channel) => void seen.push(`+${channel}`),
      onUnsubscribe: (_, channel) => void seen.push(`-${channel}`),
    },
  });
  const { session } = subscribe(engine, { subscription: ['/service/x', '/foo'] });
  engine.send({ channel: '/meta/unsubscribe', clientId: session.id, subscription: '/foo' });
  expect(seen).toEqual(['+/foo', '+/service/x', '-/foo']);
});

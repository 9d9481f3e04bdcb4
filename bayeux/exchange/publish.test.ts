import { describe, expect, it } from 'vitest';
import { SpecEngine, settled } from './spec-engine.ts';

const published = { id: '1', channel: '/foo', successful: true };

function publish(engine: SpecEngine, spoilt: object = {}) {
  const session = engine.connected();
  return engine.send({ channel: '/foo', id: '1', clientId: session.id, data: { x: 1 }, ...spoilt });
}

describe('a publish', () => {
  it('is answered without data', () => {
    expect(publish(new SpecEngine()).reply).toEqual([published]);
  });

  it('reaches subscribers without id, clientId and ext', () => {
    const engine = new SpecEngine();
    const reader = engine.connected();
    engine.subscribe(reader, '/foo');
    const held = engine.connect(reader);
    publish(engine, { ext: { token: 'secret' }, extra: 1 });
    engine.core.delivery.flush();
    expect(held.reply).toEqual([
      { channel: '/foo', data: { x: 1 } },
      { channel: '/meta/connect', successful: true },
    ]);
  });

  it('reaches each session once, however many of its subscriptions match', () => {
    const engine = new SpecEngine();
    const reader = engine.connected();
    engine.subscribe(reader, ['/a/b', '/a/*', '/a/**', '/**', '/*', '/a']);
    const held = engine.connect(reader);
    publish(engine, { channel: '/a/b', data: 7 });
    engine.core.delivery.flush();
    expect(held.reply).toEqual([
      { channel: '/a/b', data: 7 },
      { channel: '/meta/connect', successful: true },
    ]);
  });

  it('gives the publisher its own copy in the same response, before the reply', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/foo');
    const held = engine.connect(session);
    const request = engine.send({ channel: '/foo', id: '1', clientId: session.id, data: 1 });
    engine.core.delivery.flush();
    expect(request.reply).toEqual([{ channel: '/foo', data: 1 }, published]);
    expect(held.reply).toBeUndefined();
  });

  it('gives the publisher none where that is switched off', () => {
    const engine = new SpecEngine({ broadcastToPublisher: false });
    const [session, other] = [engine.connected(), engine.connected()];
    for (const each of [session, other]) engine.subscribe(each, '/foo');
    const request = engine.send({ channel: '/foo', id: '1', clientId: session.id, data: 1 });
    expect([request.reply, session.queue, other.queue?.length]).toEqual([[published], undefined, 1]);
  });

  it('answers a batch in order', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/foo');
    const message = { channel: '/foo', clientId: session.id };
    const request = engine.send([
      { ...message, id: '1', data: 1 },
      { ...message, id: '2', data: 2 },
      { ...message, id: 3, data: 3, clientId: 'nobody' },
    ]);
    expect(request.reply).toEqual([
      { channel: '/foo', data: 1 },
      { channel: '/foo', data: 2 },
      published,
      { ...published, id: '2' },
      { id: 3, channel: '/foo', successful: false, error: '402::Unknown client' },
    ]);
  });

  it('keeps a binary marker, which readers need', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/foo');
    const data = { data: 'HelloWorld', last: true };
    const request = engine.send({
      channel: '/foo',
      id: '1',
      clientId: session.id,
      data,
      ext: { binary: {}, token: 1 },
    });
    expect(request.reply).toEqual([{ channel: '/foo', data, ext: { binary: {} } }, published]);
  });

  it.each([
    ['no data', { data: undefined }, published],
    ['no id', { id: undefined }, { channel: '/foo', successful: true }],
    ['a slash at the end', { channel: '/foo/' }, published],
    [
      'no clientId',
      { clientId: undefined },
      { ...published, successful: false, error: '402::Unknown client' },
    ],
    [
      'an unknown clientId',
      { clientId: 'x' },
      { ...published, successful: false, error: '402::Unknown client' },
    ],
    ['no channel', { channel: undefined }, { id: '1', successful: false, error: '400::channel missing' }],
    [
      'a wildcard',
      { channel: '/*' },
      { id: '1', channel: '/*', successful: false, error: '405::channel invalid' },
    ],
    [
      'an unknown meta channel',
      { channel: '/meta/foo' },
      { id: '1', channel: '/meta/foo', successful: false, error: '405::channel invalid' },
    ],
    [
      'a meta channel with a tail',
      { channel: '/meta/subscribe/x' },
      { id: '1', channel: '/meta/subscribe/x', successful: false, error: '405::channel invalid' },
    ],
    ['a name every object has', { channel: '/__proto__' }, { ...published, channel: '/__proto__' }],
  ])('with %s', (_, spoilt, reply) => {
    const engine = new SpecEngine();
    expect(publish(engine, spoilt).reply).toEqual([reply]);
    expect(engine.core.index.size).toBe(0);
  });

  it.each([null, 5, 'text', [], [[]]])('cannot be %j', (message) => {
    expect(new SpecEngine().send([message]).reply).toEqual([
      { successful: false, error: '400::channel missing' },
    ]);
  });
});

describe('a publish policy', () => {
  const refused = { ...published, successful: false };

  it.each([
    ['publish says no', { publish: () => false }, '403:denied_by_security_policy:publish denied'],
    [
      'publish says why not',
      { publish: () => ({ allow: false, reason: 'too_fast' }) },
      '403:too_fast:publish denied',
    ],
    [
      'publish rejects',
      { publish: () => Promise.reject(new Error('oops')) },
      '403:denied_by_security_policy:publish denied',
    ],
    [
      'create says no',
      { create: () => Promise.resolve(false) },
      '403:denied_by_security_policy:create denied',
    ],
  ])('refuses when %s', async (_, policy, error) => {
    const request = publish(new SpecEngine({ policy }));
    await settled();
    expect(request.reply).toEqual([{ ...refused, error }]);
  });

  it('that takes its time does not reorder the messages behind it', async () => {
    const answers: (() => void)[] = [];
    const engine = new SpecEngine({
      policy: {
        publish: (_, channel) =>
          channel === '/slow' ? new Promise((done) => answers.push(() => done(true))) : true,
      },
    });
    const session = engine.connected();
    engine.subscribe(session, '/**');
    const held = engine.connect(session);
    const message = { clientId: session.id };
    const request = engine.send([
      { ...message, channel: '/slow', id: '1', data: 1 },
      { ...message, channel: '/fast', id: '2', data: 2 },
    ]);
    await settled();
    expect(request.reply).toBeUndefined();
    answers[0]?.();
    await settled();
    expect(request.reply).toEqual([
      { channel: '/slow', data: 1 },
      { channel: '/fast', data: 2 },
      { id: '1', channel: '/slow', successful: true },
      { id: '2', channel: '/fast', successful: true },
    ]);
    expect(held.reply).toBeUndefined();
  });

  it('does not hold up events of others while it thinks', async () => {
    const engine = new SpecEngine({ policy: { publish: () => new Promise(() => {}) } });
    const session = engine.connected();
    const held = engine.connect(session);
    engine.send({ channel: '/foo', clientId: session.id });
    session.deliver(engine.core.prepare('/a', 1));
    engine.core.delivery.flush();
    expect(held.reply).toEqual([
      { channel: '/a', data: 1 },
      { channel: '/meta/connect', successful: true },
    ]);
  });
});

describe('a service channel', () => {
  it('is answered under the id of the request, to its sender alone', () => {
    const engine = new SpecEngine();
    engine.core.addHandler('/service/echo', (_session, message, reply) => reply(message.data));
    const session = engine.connected();
    const other = engine.connected();
    engine.subscribe(other, ['/service/echo', '/**']);
    const request = engine.send({ channel: '/service/echo', id: '7', clientId: session.id, data: [1] });
    expect(request.reply).toEqual([
      { id: '7', channel: '/service/echo', data: [1] },
      { id: '7', channel: '/service/echo', successful: true },
    ]);
    expect(other.queue).toBeUndefined();
  });

  it('may be named by a pattern, and succeeds when nobody handles it', () => {
    const engine = new SpecEngine();
    const seen: unknown[] = [];
    engine.core.addHandler('/service/chat/*', (_, message) => void seen.push(message));
    const session = engine.connected();
    engine.send({ channel: '/service/chat/a', clientId: session.id, data: 1, ext: { x: 1 } });
    const unhandled = engine.send({ channel: '/service/none', id: '1', clientId: session.id });
    expect(seen).toEqual([{ channel: '/service/chat/a', id: undefined, data: 1, ext: { x: 1 } }]);
    expect(unhandled.reply).toEqual([{ id: '1', channel: '/service/none', successful: true }]);
  });

  it.each([
    ['says no', () => false, '404::message deleted', 0],
    ['rejects', () => Promise.reject(new Error('oops')), '404::message deleted', 1],
    [
      'throws',
      () => {
        throw new Error('oops');
      },
      '404::message deleted',
      1,
    ],
  ])('whose handler %s refuses the message', async (_, handler, error, errors) => {
    const engine = new SpecEngine();
    engine.core.addHandler('/service/x', handler);
    const session = engine.connected();
    const request = engine.send({ channel: '/service/x', id: '1', clientId: session.id });
    await settled();
    expect(request.reply).toEqual([{ id: '1', channel: '/service/x', successful: false, error }]);
    expect(engine.errors.length).toBe(errors);
  });

  it('is waited for when its handler takes its time', async () => {
    const engine = new SpecEngine();
    engine.core.addHandler('/service/x', async (_session, _message, reply) => {
      await settled();
      reply('late');
    });
    const session = engine.connected();
    const request = engine.send({ channel: '/service/x', id: '1', clientId: session.id });
    expect(request.reply).toBeUndefined();
    await settled();
    await settled();
    expect(request.reply).toEqual([
      { id: '1', channel: '/service/x', data: 'late' },
      { id: '1', channel: '/service/x', successful: true },
    ]);
  });
});

it('shows a broadcast to its handlers first, who may veto it', () => {
  const engine = new SpecEngine();
  engine.core.addHandler('/rooms/**', (_, message) => message.data !== 'spam');
  const session = engine.connected();
  engine.subscribe(session, '/rooms/1');
  const message = { channel: '/rooms/1', clientId: session.id };
  const request = engine.send([
    { ...message, id: '1', data: 'spam' },
    { ...message, id: '2', data: 'ham' },
  ]);
  expect(request.reply).toEqual([
    { channel: '/rooms/1', data: 'ham' },
    { id: '1', channel: '/rooms/1', successful: false, error: '404::message deleted' },
    { id: '2', channel: '/rooms/1', successful: true },
  ]);
});

it('publishes from the server to broadcast channels only', () => {
  const engine = new SpecEngine();
  for (const channel of ['/meta/connect', '/service/x']) {
    expect(() => engine.publish(channel, 1)).toThrow(TypeError);
  }
});

it('policies are asked whether a channel may come to be only where it would', () => {
  const asked: string[] = [];
  const create = (_: unknown, channel: string) => asked.push(channel) > 0;
  const engine = new SpecEngine({ policy: { create } });
  const session = engine.connected();
  engine.subscribe(session, '/known');
  asked.length = 0;
  for (const channel of ['/known', '/service/echo', '/new'])
    engine.send({ channel, clientId: session.id, data: 1 });
  expect(asked).toEqual(['/new']);
});

it('a publish goes out when what its policy says allows it, and nowhere when the policy ends the session', () => {
  let ends = false;
  const policy = (session: { disconnect(): void }) => {
    if (ends) session.disconnect();
    return { allow: true };
  };
  const engine = new SpecEngine({ policy: { publish: policy } });
  const session = engine.connected();
  const message = { channel: '/a', id: '1', clientId: session.id, data: 1 };
  expect(engine.send(message).reply).toEqual([{ channel: '/a', id: '1', successful: true }]);
  ends = true;
  expect(engine.send(message).reply).toMatchObject([{ successful: false, error: '402::Unknown client' }]);
});

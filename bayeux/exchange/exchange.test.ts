import { describe, expect, it } from 'vitest';
import { SpecSocket } from '../transports/spec-socket.ts';
import { SpecEngine, settled } from './spec-engine.ts';

it('an error of ours is told to the client as no more than a lost message, and does not stop the others', () => {
  let isBroken = false;
  const engine = new SpecEngine({
    samePrincipal: (one, other) => {
      if (isBroken) throw new Error('oops');
      return one === other;
    },
  });
  const { id } = engine.connected();
  isBroken = true;
  const request = engine.send([
    { channel: '/foo', id: '1', clientId: id },
    { channel: '/foo', id: '2', clientId: 'unknown' },
  ]);
  expect(request.reply).toMatchObject([
    { channel: '/foo', id: '1', successful: false, error: '404::message deleted' },
    { channel: '/foo', id: '2', successful: false, error: expect.stringMatching(/^402/) },
  ]);
  expect([engine.errors, engine.core.counters.errors]).toEqual([[new Error('oops')], 1]);
});

it('what comes in and what is refused is counted', () => {
  const engine = new SpecEngine();
  const { id } = engine.connected();
  const { messagesIn, messagesRefused } = engine.core.counters;
  engine.send([{ channel: '/foo', clientId: id }, { channel: '' }, {}]);
  expect(engine.core.counters).toMatchObject({
    messagesIn: messagesIn + 3,
    messagesRefused: messagesRefused + 2,
  });
});

it('a request with messages of two sessions holds nothing back from the first', () => {
  const engine = new SpecEngine();
  const [one, other] = [engine.connected(), engine.connected()];
  engine.subscribe(one, '/foo');
  const held = engine.connect(one);
  const request = engine.send([
    { channel: '/foo', id: '1', clientId: one.id, data: 1 },
    { channel: '/bar', id: '2', clientId: other.id, data: 2 },
  ]);
  engine.core.delivery.flush();
  expect(request.reply).toEqual([
    { channel: '/foo', id: '1', successful: true },
    { channel: '/bar', id: '2', successful: true },
  ]);
  expect(held.reply).toMatchObject([{ channel: '/foo', data: 1 }, { channel: '/meta/connect' }]);
  expect([one.isBatching, other.isBatching]).toEqual([false, false]);
});

it('so does one that comes to light after a policy has taken its time', async () => {
  let isBroken = false;
  const engine = new SpecEngine({
    policy: { handshake: () => Promise.resolve((isBroken = true)) },
    principalKey: (user) => {
      if (isBroken) throw new Error('oops');
      return user;
    },
  });
  const request = engine.send({ channel: '/meta/handshake', id: '1', version: '1.0' });
  await settled();
  expect(request.reply).toMatchObject([
    { channel: '/meta/handshake', id: '1', successful: false, error: '404::message deleted' },
  ]);
  expect(engine.errors).toEqual([new Error('oops')]);
});

describe('events of the session a request belongs to', () => {
  const published = { id: '9', channel: '/a', successful: true };
  const event = { channel: '/a', data: 1 };
  const publish = (clientId: string) => ({ channel: '/a', id: '9', clientId, data: 1 });

  it('travel with its replies, and come back if the connection breaks', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/a');
    const request = engine.send(publish(session.id));
    expect([request.reply, request.events.length]).toEqual([[event, published], 1]);
    expect(engine.connect(session).reply).toBeUndefined();
  });

  it('wait for their acknowledgement anyway', () => {
    const engine = new SpecEngine();
    const session = engine.connected({ ack: true });
    engine.subscribe(session, '/a');
    const request = engine.send([publish(session.id), { channel: '/meta/connect', clientId: session.id }]);
    expect([request.reply?.length, request.events, session.queue?.length]).toEqual([3, [], 1]);
  });

  it('travel with the reply to a connect only where others carry none', () => {
    const engine = new SpecEngine();
    const caller = { drains: false };
    const session = engine.connected(undefined, caller);
    engine.subscribe(session, '/a');
    expect(engine.send(publish(session.id), caller).reply).toEqual([published]);
    expect(engine.connect(session, {}, caller).reply).toEqual([
      event,
      { channel: '/meta/connect', successful: true },
    ]);
  });

  it('travel on its socket, and not on another', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/a');
    const [own, other] = [new SpecSocket(engine), new SpecSocket(engine)];
    own.connect(session);
    engine.core.delivery.flush();
    other.send(publish(session.id));
    engine.core.delivery.flush();
    expect([own.frames, other.frames]).toEqual([[[event]], [[published]]]);
    own.send(publish(session.id));
    engine.core.delivery.flush();
    expect(own.frames.slice(1)).toEqual([[event, published]]);
  });

  it('wait while their socket is congested, and the replies do not', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/a');
    const socket = new SpecSocket(engine);
    socket.connect(session);
    engine.core.delivery.flush();
    socket.stopReading();
    session.deliver(engine.core.prepare('/b', 'x'.repeat(2_000)));
    engine.core.delivery.flush();
    socket.send(publish(session.id));
    engine.core.delivery.flush();
    // Behind the large event the connection takes nothing, so what it was given is only seen later.
    socket.readAgain();
    expect([socket.messages.at(-1), session.queue?.length]).toEqual([published, 1]);
  });
});

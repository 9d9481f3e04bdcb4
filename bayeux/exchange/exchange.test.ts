import { expect, it } from 'vitest';
import { SpecEngine } from './spec-engine.ts';

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

import { expect, it } from 'vitest';
import { acknowledgedBatch, asksForAck } from './ack.ts';
import { SpecEngine } from '../exchange/spec-engine.ts';

const ok = { channel: '/meta/connect', successful: true };
const event = (n: number) => ({ channel: '/a', data: n });

function acknowledged(options = {}) {
  const engine = new SpecEngine(options);
  const session = engine.handshake({ ack: true });
  const first = engine.connect(session, { ext: { ack: 0 }, advice: { timeout: 0 } });
  const deliver = (n: number) => {
    session.deliver(engine.core.prepare('/a', n));
    engine.core.delivery.flush();
  };
  return { engine, session, first, deliver };
}

it('numbers the batches from 1, in every connect reply', () => {
  const { engine, session, first, deliver } = acknowledged();
  expect(first.reply).toEqual([
    { ...ok, advice: { reconnect: 'retry', interval: 0, timeout: 25_000 }, ext: { ack: 1 } },
  ]);
  const held = engine.connect(session, { ext: { ack: 1 } });
  deliver(1);
  expect(held.reply).toEqual([event(1), { ...ok, ext: { ack: 2 } }]);
});

it('sends again what was not acknowledged, together with what came since, and forgets what was', () => {
  const { engine, session, deliver } = acknowledged();
  const lost = engine.connect(session, { ext: { ack: 1 } });
  deliver(1);
  expect(lost.reply).toEqual([event(1), { ...ok, ext: { ack: 2 } }]);
  deliver(2);
  const again = engine.connect(session, { ext: { ack: 1 } });
  expect(again.reply).toEqual([event(1), event(2), { ...ok, ext: { ack: 3 } }]);
  const held = engine.connect(session, { ext: { ack: 3 } });
  expect([held.reply, session.queue]).toEqual([undefined, undefined]);
});

it('does not hold a connect while something is unacknowledged', () => {
  const { engine, session, deliver } = acknowledged();
  engine.connect(session, { ext: { ack: 1 } });
  deliver(1);
  expect(engine.connect(session, { ext: { ack: 1 } }).reply).toEqual([event(1), { ...ok, ext: { ack: 3 } }]);
});

it('delivers with connects only, not with other replies', () => {
  const { engine, session } = acknowledged();
  engine.subscribe(session, '/a');
  const held = engine.connect(session, { ext: { ack: 1 } });
  const publish = engine.send({ channel: '/a', id: '9', clientId: session.id, data: 5 });
  engine.core.delivery.flush();
  expect(publish.reply).toEqual([{ id: '9', channel: '/a', successful: true }]);
  expect(held.reply).toEqual([event(5), { ...ok, ext: { ack: 2 } }]);
});

it('puts events and batch together when the connect shares its request', () => {
  const { engine, session } = acknowledged();
  engine.subscribe(session, '/a');
  const request = engine.send([
    { channel: '/a', id: '1', clientId: session.id, data: 5 },
    { channel: '/meta/connect', id: '2', clientId: session.id, ext: { ack: 1 } },
    { channel: '/a', id: '3', clientId: session.id, data: 6 },
  ]);
  expect(request.reply).toEqual([
    event(5),
    { id: '1', channel: '/a', successful: true },
    { ...ok, id: '2', ext: { ack: 2 } },
    { id: '3', channel: '/a', successful: true },
  ]);
  const next = engine.connect(session, { ext: { ack: 2 } });
  expect(next.reply).toEqual([event(6), { ...ok, ext: { ack: 3 } }]);
});

it.each([undefined, {}, { ack: '1' }, { ack: -1 }, { ack: 1.5 }, { ack: null }, 'ack'])(
  'takes %j for no acknowledgement',
  (ext) => {
    const { engine, session, deliver } = acknowledged();
    deliver(1);
    expect(engine.connect(session, { ext }).reply).toEqual([event(1), { ...ok, ext: { ack: 2 } }]);
    expect(session.queue?.length).toBe(1);
  },
);

it('counts what is unacknowledged against the queue’s bound', () => {
  const { engine, session, deliver } = acknowledged({ maxQueueEvents: 2 });
  for (const n of [1, 2, 3]) {
    engine.connect(session, { ext: { ack: 0 } });
    deliver(n);
  }
  expect(engine.ended).toEqual([`${session.id} queueOverflow`]);
});

it('is refused where it is switched off', () => {
  const engine = new SpecEngine({ ack: false });
  const session = engine.connected({ ack: true });
  expect(engine.connect(session, { advice: { timeout: 0 }, ext: { ack: 0 } }).reply).toEqual([
    { ...ok, advice: { reconnect: 'retry', interval: 0, timeout: 25_000 } },
  ]);
});

it.each([
  [{ ack: true }, true],
  [{ ack: { enabled: true } }, true],
  [{ ack: { enabled: false } }, false],
  [{ ack: 1 }, false],
  [{}, false],
])('is asked for by %j: %s', (ext, asked) => {
  expect(asksForAck(ext)).toBe(asked);
});

it.each([0, 3])('a connect acknowledges batch %i', (ack) => {
  expect(acknowledgedBatch({ ack })).toBe(ack);
});

it.each([-1, 1.5, '3', [3], null, 2 ** 53, undefined])('%j acknowledges nothing', (ack) => {
  expect(acknowledgedBatch({ ack })).toBeUndefined();
  expect(acknowledgedBatch(ack)).toBeUndefined();
});

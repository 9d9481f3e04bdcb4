import { expect, it } from 'vitest';
import { SpecEngine } from '../exchange/spec-engine.ts';
import { ManualClock } from '../sessions/manual-clock.ts';
import { readTimesync, timesyncPart } from './timesync.ts';

it('tells the time of receipt, the time held and how far the client was off', () => {
  const engine = new SpecEngine();
  const session = engine.connected();
  const nowMs = engine.clock.epochMs();
  const held = engine.connect(session, { ext: { timesync: { tc: nowMs - 500, l: 10, o: 20 } } });
  engine.clock.advance(3_000);
  session.deliver(engine.core.prepare('/a', 1));
  engine.core.delivery.flush();
  expect(held.reply).toEqual([
    { channel: '/a', data: 1 },
    {
      channel: '/meta/connect',
      successful: true,
      ext: { timesync: { tc: nowMs - 500, ts: nowMs, p: 3_000, a: -470 } },
    },
  ]);
});

it('answers in the handshake as well', () => {
  const engine = new SpecEngine();
  const nowMs = engine.clock.epochMs();
  const [reply] = engine.send({ channel: '/meta/handshake', ext: { timesync: { tc: nowMs } } }).reply ?? [];
  expect(reply).toMatchObject({ ext: { timesync: { tc: nowMs, ts: nowMs, p: 0, a: 0 } } });
});

it('is silent once the client knows', () => {
  const at = (tc: number, lag: number) =>
    timesyncPart({ tc, lagMs: lag, offsetMs: 0, receivedMs: 1_000 }, 1_000);
  expect(at(1_000, 0)).toBe('"timesync":{"tc":1000,"ts":1000,"p":0,"a":0}');
  expect(at(980, 1)).toBeUndefined();
  expect(at(970, 1)).toBeDefined();
});

it.each([undefined, null, 5, {}, { timesync: 1 }, { timesync: { tc: '1' } }, { timesync: { tc: Infinity } }])(
  'takes %j for no request',
  (ext) => {
    expect(readTimesync(ext, new ManualClock())).toBeUndefined();
  },
);

it('can be switched off', () => {
  const engine = new SpecEngine({ timesync: false });
  const [reply] = engine.send({ channel: '/meta/handshake', ext: { timesync: { tc: 1 } } }).reply ?? [];
  expect(reply).not.toHaveProperty('ext');
});

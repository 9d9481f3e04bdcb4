import { describe, expect, it } from 'vitest';
import { SpecEngine } from '../exchange/spec-engine.ts';
import { SpecSocket } from '../transports/spec-socket.ts';
import type { PushSession } from './push-session.ts';

const ok = { channel: '/meta/connect', successful: true };
const leave = { channel: '/meta/disconnect', successful: true };
const stop = { reconnect: 'none', interval: 0, timeout: 25_000 };
const event = (data: unknown) => ({ channel: '/a', data });

/** A session that polls, after its first connect. */
function polled(options: ConstructorParameters<typeof SpecEngine>[0] = {}, ext?: object) {
  const engine = new SpecEngine(options);
  const session = engine.connected(ext);
  const { delivery, counters } = engine.core;
  const deliver = (data: unknown, more: { readonly lazy?: boolean } = {}) =>
    session.deliver(engine.core.prepare('/a', data, more));
  return { engine, session, delivery, counters, deliver };
}

describe('the advice that all clients are given', () => {
  it('is in a connect reply when it has changed, once', () => {
    const { engine, session, delivery, deliver } = polled();
    const advice = () => {
      deliver(1);
      const reply = engine.connect(session).reply?.at(-1);
      return (reply as { advice?: unknown }).advice;
    };
    delivery.adviseInterval(0);
    expect(advice()).toBeUndefined();
    delivery.adviseInterval(500);
    expect(delivery.intervalMs).toBe(500);
    const changed = { reconnect: 'retry', interval: 500, timeout: 25_000 };
    expect([advice(), advice()]).toEqual([changed, undefined]);
    delivery.adviseInterval(500);
    expect(advice()).toBeUndefined();
  });
});

describe('what is counted', () => {
  it('is each event that went out, each that was dropped, and each that had to give way', () => {
    const { engine, session, counters, deliver } = polled({ maxQueueEvents: 2, queueOverflow: 'dropNewest' });
    expect([deliver(1), deliver(2, { lazy: true }), deliver(3), deliver(4)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(counters).toMatchObject({ eventsDropped: 2, eventsOut: 0 });
    expect(engine.connect(session).reply).toEqual([event(1), event(3), ok]);
    expect(counters).toMatchObject({ eventsDropped: 2, eventsOut: 2, sessionsOverflowed: 0 });
  });

  it('is an event for a session that is over, or has been asked to leave', () => {
    const { session, counters, deliver } = polled();
    session.disconnect();
    expect([deliver(1), counters.eventsForEndedSessions, session.queue]).toEqual([false, 1, undefined]);
  });

  it('is how a session ended', () => {
    const { engine, counters, session } = polled();
    engine.send({ channel: '/meta/disconnect', clientId: session.id });
    engine.connected();
    engine.connected().disconnect();
    engine.clock.advance(31_000);
    expect(counters).toMatchObject({ sessionsDisconnected: 1, sessionsExpired: 2, sessionsOverflowed: 0 });
  });

  it('is a message that names no session', () => {
    const { engine, counters } = polled();
    engine.send({ channel: '/a', clientId: 'nobody' });
    expect(counters.messagesRefused).toBe(1);
  });
});

describe('who sends is told', () => {
  it('once of each event that was handed to a connection, however often it has to go', () => {
    const sent: number[] = [];
    const onSent = (acceptedAtMs: number) => void sent.push(acceptedAtMs);
    const { engine, session } = polled({ hooks: { onSent } }, { ack: true });
    const deliver = (acceptedAtMs?: number) =>
      session.deliver(engine.core.prepare('/a', 1, { acceptedAtMs }));
    deliver(7);
    deliver();
    engine.connect(session, { ext: { ack: 0 } });
    expect(sent).toEqual([7]);
    deliver(8);
    expect(engine.connect(session, { ext: { ack: 0 } }).reply).toHaveLength(4);
    expect(sent).toEqual([7, 8]);
  });

  it('only where they ask for it', () => {
    const { engine, session } = polled();
    session.deliver(engine.core.prepare('/a', 1, { acceptedAtMs: 7 }));
    expect([engine.connect(session).reply, engine.errors]).toEqual([[event(1), ok], []]);
  });
});

describe('a flush', () => {
  it('comes by itself when the turn is over, and again for what came in the meantime', async () => {
    const { engine, session, deliver } = polled();
    const first = engine.connect(session);
    deliver(1);
    expect(first.reply).toBeUndefined();
    await new Promise(setImmediate);
    expect(first.reply).toEqual([event(1), ok]);
    const second = engine.connect(session);
    deliver(2);
    await new Promise(setImmediate);
    expect(second.reply).toEqual([event(2), ok]);
  });

  it('is followed by another when it woke a session that it has been past', async () => {
    const { engine, session, deliver } = polled();
    const other = engine.connected();
    Object.assign(engine.connect(other), { send: () => void deliver(2) });
    const held = engine.connect(session);
    other.deliver(engine.core.prepare('/a', 1));
    await new Promise(setImmediate);
    expect([held.reply, session.isDirty]).toEqual([undefined, true]);
    await new Promise(setImmediate);
    expect(held.reply).toEqual([event(2), ok]);
  });

  it('leaves a connect held when what woke its session has gone with the one before', () => {
    const { engine, session, deliver, delivery } = polled();
    deliver(1);
    expect([session.isDirty, engine.connect(session).reply]).toEqual([true, [event(1), ok]]);
    const held = engine.connect(session);
    delivery.flush();
    expect(held.reply).toBeUndefined();
  });

  it('passes over a session that has ended since it was woken', () => {
    const { engine, session, deliver, delivery } = polled();
    deliver(1);
    delivery.end(session, 'expired');
    delivery.flush();
    expect([engine.errors, session.isDirty]).toEqual([[], false]);
  });
});

describe('events that their connection did not carry', () => {
  it('wake the session, which may hold a connect by now', () => {
    const { engine, session, delivery } = polled();
    const held = engine.connect(session);
    delivery.putBack(session, []);
    expect([session.queue, session.isDirty]).toEqual([undefined, false]);
    delivery.putBack(session, [engine.core.prepare('/a', 1)]);
    delivery.flush();
    expect(held.reply).toEqual([event(1), ok]);
  });

  it('are of no use to a session that is over', () => {
    const { engine, session, delivery, counters } = polled();
    delivery.end(session, 'expired');
    delivery.putBack(session, [engine.core.prepare('/a', 1)]);
    expect([session.queue, counters.eventsPutBack]).toEqual([undefined, 0]);
  });
});

describe('a held connect', () => {
  it('has its events put back when its connection breaks, unless they wait for their acknowledgement', () => {
    const [plain, acknowledged] = [polled(), polled({}, { ack: true })];
    const heldOf = ({ engine, session, deliver, delivery }: typeof plain) => {
      const held = engine.connect(session, { ext: { ack: 0 } });
      deliver(1);
      delivery.flush();
      return held;
    };
    expect(heldOf(plain).events).toHaveLength(1);
    expect(heldOf(acknowledged)).toMatchObject({ events: [], reply: [event(1), ok] });
  });

  it('is not held for longer because of other messages', () => {
    const { engine, session } = polled();
    const held = engine.connect(session);
    engine.clock.advance(10_000);
    engine.send({ channel: '/a', clientId: session.id });
    engine.clock.advance(15_100);
    expect(held.reply).toEqual([ok]);
  });

  it('may be of a session that came by a socket and belongs to no browser', () => {
    const engine = new SpecEngine();
    const socket = new SpecSocket(engine);
    socket.send({ channel: '/meta/handshake', version: '1.0' });
    const [session] = engine.core.sessions.values();
    if (session === undefined) return expect.unreachable();
    engine.connect(session);
    const held = engine.connect(session);
    session.deliver(engine.core.prepare('/a', 1));
    engine.core.delivery.flush();
    expect([held.reply, session.browser, engine.errors]).toEqual([[event(1), ok], undefined, []]);
  });
});

describe('the end of a session', () => {
  const isGone = (engine: SpecEngine, session: PushSession<string>) =>
    [session.state, session.queue, session.hold, session.socket, engine.core.wheel.size] as const;
  const gone = ['ended', undefined, undefined, undefined, 0] as const;

  it('takes its lazy timer off the wheel', () => {
    const { engine, session, delivery, deliver } = polled();
    deliver(1, { lazy: true });
    delivery.end(session, 'expired');
    expect(isGone(engine, session)).toEqual(gone);
  });

  it('comes once', () => {
    const { engine, session, delivery, counters } = polled();
    delivery.end(session, 'disconnected');
    delivery.end(session, 'disconnected');
    session.disconnect();
    delivery.armExpiry(session);
    expect([engine.ended, counters.sessionsDisconnected]).toEqual([[`${session.id} disconnected`], 1]);
    expect(isGone(engine, session)).toEqual(gone);
  });

  it('of one that was asked to leave tells with its last connect what was queued, once', () => {
    const { engine, session, deliver, counters } = polled({}, { ack: true });
    deliver(1);
    session.disconnect();
    session.disconnect();
    expect(session.state).toBe('leaving');
    const reply = { ...ok, ext: { ack: 2 }, advice: stop };
    expect(engine.connect(session, { ext: { ack: 0 } }).reply).toEqual([event(1), leave, reply]);
    expect(counters.eventsOut).toBe(1);
    expect(isGone(engine, session)).toEqual(gone);
  });

  it.each(['expired', 'queueOverflow', 'slowReader', 'replayFailed', 'serverClosed'] as const)(
    'by %s keeps its events, and tells a held connect to shake hands again',
    (reason) => {
      const { engine, session, delivery, deliver, counters } = polled();
      const held = engine.connect(session, { id: '3' });
      deliver(1);
      delivery.end(session, reason);
      expect(held.reply).toMatchObject([{ id: '3', successful: false, advice: { reconnect: 'handshake' } }]);
      expect([counters.eventsOut, counters.messagesRefused]).toEqual([0, 1]);
      expect(engine.ended).toEqual([`${session.id} ${reason}`]);
      expect(isGone(engine, session)).toEqual(gone);
    },
  );
});

describe('with replay', () => {
  it('a session ends that would miss an event, rather than have a gap', () => {
    const bounds = { maxQueueEvents: 2, replay: { read: () => undefined } };
    for (const queueOverflow of ['dropOldest', 'dropNewest'] as const) {
      const { session, deliver, counters } = polled({ ...bounds, queueOverflow }, { replay: true });
      expect([deliver(1), deliver(2), deliver(3)]).toEqual([true, true, false]);
      expect([session.state, counters.sessionsOverflowed]).toEqual(['ended', 1]);
    }
    const lazy = polled(bounds, { replay: true });
    expect([1, 2].map((data) => lazy.deliver(data, { lazy: true }))).toEqual([true, true]);
    expect([lazy.deliver(3), lazy.session.state]).toEqual([false, 'ended']);
  });

  it('an event that its channel is past counts as delivered', () => {
    const { engine, session } = polled({ replay: { read: () => undefined } }, { replay: true });
    session.replay?.start('/a', 5);
    expect(session.deliver(engine.core.prepare('/a', 1, { position: 5 }))).toBe(true);
    expect(session.queue).toBeUndefined();
  });
});

describe('whoever has more for a session', () => {
  it('is asked when its queue was taken, not when it is only shown', () => {
    let asked = 0;
    const plain = polled();
    plain.session.onTaken = () => void (asked += 1);
    plain.deliver(1);
    plain.engine.connect(plain.session);
    expect(asked).toBe(1);
    const acknowledged = polled({}, { ack: true });
    acknowledged.session.onTaken = () => void (asked += 1);
    acknowledged.deliver(1);
    acknowledged.engine.connect(acknowledged.session, { ext: { ack: 0 } });
    expect(asked).toBe(1);
    acknowledged.engine.connect(acknowledged.session, { ext: { ack: 2 } });
    expect(asked).toBe(2);
  });
});

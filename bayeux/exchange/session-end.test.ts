import { describe, expect, it } from 'vitest';
import { SpecEngine } from './spec-engine.ts';

const ok = { channel: '/meta/connect', successful: true };
const stop = { reconnect: 'none', interval: 0, timeout: 25_000 };
const leave = { channel: '/meta/disconnect', successful: true };
const unknown = {
  channel: '/meta/connect',
  successful: false,
  error: '402::Unknown client',
  advice: { reconnect: 'handshake', interval: 0, timeout: 25_000 },
};

/** Nothing is left of any session. */
function expectEmpty(engine: SpecEngine): void {
  const { sessions, index, browsers, principals, wheel } = engine.core;
  expect([sessions.size, index.size, browsers.size, principals.size, wheel.size]).toEqual([0, 0, 0, 0, 0]);
}

describe('a disconnect by the client', () => {
  it('is answered, and the held connect is released with advice not to come back', () => {
    const engine = new SpecEngine({ principalKey: (user) => user });
    const session = engine.connected(undefined, { browserId: 'b' });
    engine.subscribe(session, ['/a', '/b/**']);
    const held = engine.connect(session, { id: '4' }, { browserId: 'b' });
    const request = engine.send({ channel: '/meta/disconnect', id: '5', clientId: session.id });
    expect(held.reply).toEqual([{ ...ok, id: '4', advice: stop }]);
    expect(request.reply).toEqual([{ id: '5', channel: '/meta/disconnect', successful: true }]);
    expect(engine.ended).toEqual([`${session.id} disconnected`]);
    expectEmpty(engine);
  });

  it('leaves nothing behind: whatever comes next finds no session', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const requests = engine.send([
      { channel: '/meta/disconnect', id: '1', clientId: session.id },
      { channel: '/foo', id: '2', clientId: session.id },
      { channel: '/meta/disconnect', id: '3', clientId: session.id },
    ]);
    expect(requests.reply).toEqual([
      { id: '1', channel: '/meta/disconnect', successful: true },
      { id: '2', channel: '/foo', successful: false, error: '402::Unknown client' },
      { id: '3', channel: '/meta/disconnect', successful: false, error: '402::Unknown client' },
    ]);
    expect(session.deliver(engine.core.prepare('/a', 1))).toBe(false);
    expect(engine.core.counters.eventsForEndedSessions).toBe(1);
  });

  it('is shown to the user of the engine with what it carries', () => {
    const seen: unknown[] = [];
    const engine = new SpecEngine({ hooks: { onDisconnect: (_, message) => void seen.push(message.ext) } });
    const session = engine.connected();
    engine.send({ channel: '/meta/disconnect', clientId: session.id, ext: { transcriptPosition: '4' } });
    expect(seen).toEqual([{ transcriptPosition: '4' }]);
  });
});

describe('a disconnect by the server', () => {
  it('goes out with the held connect, after what was queued', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const held = engine.connect(session, { id: '4' });
    session.deliver(engine.core.prepare('/bye', 1));
    session.disconnect();
    expect(held.reply).toEqual([{ channel: '/bye', data: 1 }, leave, { ...ok, id: '4', advice: stop }]);
    expect(engine.ended).toEqual([`${session.id} disconnectedByServer`]);
    expectEmpty(engine);
  });

  it('waits for the next connect when none is held, and lets nothing else in', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    session.deliver(engine.core.prepare('/bye', 1));
    session.disconnect();
    expect(session.deliver(engine.core.prepare('/a', 1))).toBe(false);
    const refused = engine.send({ channel: '/a', id: '1', clientId: session.id });
    expect(refused.reply).toEqual([
      { id: '1', channel: '/a', successful: false, error: '402::Unknown client' },
    ]);
    expect(engine.connect(session, { id: '2' }).reply).toEqual([
      { channel: '/bye', data: 1 },
      leave,
      { ...ok, id: '2', advice: stop },
    ]);
    expectEmpty(engine);
  });

  it('does not wait for ever', () => {
    const engine = new SpecEngine();
    engine.connected().disconnect();
    engine.clock.advance(30_100);
    expectEmpty(engine);
  });
});

describe('expiry', () => {
  it.each([
    ['after a handshake', (engine: SpecEngine) => engine.handshake()],
    ['after the first connect', (engine: SpecEngine) => engine.connected()],
    [
      'after a connect that was held to its end',
      (engine: SpecEngine) => {
        const session = engine.connected();
        engine.connect(session);
        engine.clock.advance(25_050);
        return session;
      },
    ],
    [
      'after a connect that an event released',
      (engine: SpecEngine) => {
        const session = engine.connected();
        engine.connect(session);
        session.deliver(engine.core.prepare('/a', 1));
        engine.core.delivery.flush();
        return session;
      },
    ],
    [
      'after a held connect whose connection broke',
      (engine: SpecEngine) => {
        const session = engine.connected();
        engine.connect(session);
        engine.core.delivery.unhold(session);
        return session;
      },
    ],
  ])('runs %s', (_, prepare) => {
    const engine = new SpecEngine();
    const session = prepare(engine);
    engine.clock.advance(29_900);
    expect(engine.core.sessions.has(session.id)).toBe(true);
    engine.clock.advance(200);
    expect(engine.ended).toEqual([`${session.id} expired`]);
    expect(engine.connect(session).reply).toEqual([unknown]);
    expectEmpty(engine);
  });

  it('does not run while a connect is held', () => {
    const engine = new SpecEngine({ timeoutMs: 50_000, maxIntervalMs: 1_000 });
    engine.connect(engine.connected());
    engine.clock.advance(49_000);
    expect(engine.core.sessions.size).toBe(1);
  });

  it('is put off by any message', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    for (let times = 0; times < 3; times++) {
      engine.clock.advance(20_000);
      engine.send({ channel: '/a', clientId: session.id });
    }
    expect(engine.core.sessions.size).toBe(1);
  });

  it('waits longer for a client that says it will stay away, within bounds', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.connect(session, { advice: { timeout: 0, interval: 20_000 } });
    engine.clock.advance(49_000);
    expect(engine.core.sessions.size).toBe(1);
    engine.connect(session, { advice: { timeout: 0, interval: 1e12 } });
    engine.clock.advance(60_100);
    expect(engine.core.sessions.size).toBe(0);
  });

  it('counts the interval that clients are asked to wait', () => {
    const engine = new SpecEngine({ intervalMs: 10_000 });
    engine.connected();
    engine.clock.advance(39_000);
    expect(engine.core.sessions.size).toBe(1);
    engine.clock.advance(1_100);
    expect(engine.core.sessions.size).toBe(0);
  });
});

describe('a queue that is full', () => {
  const fill = (engine: SpecEngine, count: number) => {
    const session = engine.connected();
    for (let n = 1; n <= count; n++) session.deliver(engine.core.prepare('/a', n));
    engine.core.delivery.flush();
    return session;
  };
  const ns = (reply: readonly unknown[] | undefined) =>
    reply?.map((message) => (message as { data?: unknown }).data).filter((n) => n !== undefined);

  it('ends the session, whose client shakes hands again', () => {
    const engine = new SpecEngine({ maxQueueEvents: 3 });
    const session = fill(engine, 4);
    expect(engine.ended).toEqual([`${session.id} queueOverflow`]);
    expect(engine.connect(session).reply).toEqual([unknown]);
    expect(engine.core.counters.sessionsOverflowed).toBe(1);
    expectEmpty(engine);
  });

  it('tells a client whose connect is held at that moment', () => {
    const engine = new SpecEngine({ maxQueueEvents: 3 });
    const session = engine.connected();
    const held = engine.connect(session);
    for (let n = 1; n <= 4; n++) session.deliver(engine.core.prepare('/a', n));
    expect(held.reply).toEqual([unknown]);
  });

  it.each([
    ['dropOldest', [2, 3, 4]],
    ['dropNewest', [1, 2, 3]],
  ] as const)('%s keeps %j', (queueOverflow, kept) => {
    const engine = new SpecEngine({ maxQueueEvents: 3, queueOverflow });
    const session = fill(engine, 4);
    expect(ns(engine.connect(session).reply)).toEqual(kept);
    expect(engine.core.counters.eventsDropped).toBe(1);
  });

  it('is full by bytes as well', () => {
    const engine = new SpecEngine({ maxQueueBytes: 100, queueOverflow: 'dropOldest' });
    const session = fill(engine, 9);
    expect(ns(engine.connect(session).reply)).toEqual([6, 7, 8, 9]);
  });
});

describe('a lazy event', () => {
  it('does not wake, and goes with the next that does', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const held = engine.connect(session);
    session.deliver(engine.core.prepare('/typing', 1), { lazy: true });
    engine.core.delivery.flush();
    expect(held.reply).toBeUndefined();
    session.deliver(engine.core.prepare('/a', 2));
    engine.core.delivery.flush();
    expect(held.reply).toEqual([{ channel: '/typing', data: 1 }, { channel: '/a', data: 2 }, ok]);
  });

  it('goes by itself when it has waited long enough', () => {
    const engine = new SpecEngine({ maxLazyMs: 1_000 });
    const session = engine.connected();
    const held = engine.connect(session);
    session.deliver(engine.core.prepare('/typing', 1, { lazy: true }));
    engine.clock.advance(500);
    session.deliver(engine.core.prepare('/typing', 2, { lazy: true }));
    engine.clock.advance(600);
    engine.core.delivery.flush();
    expect(held.reply).toEqual([{ channel: '/typing', data: 1 }, { channel: '/typing', data: 2 }, ok]);
  });

  it('goes with the end of a hold', () => {
    const engine = new SpecEngine({ maxLazyMs: 60_000 });
    const session = engine.connected();
    const held = engine.connect(session);
    session.deliver(engine.core.prepare('/typing', 1, { lazy: true }));
    engine.clock.advance(25_100);
    expect(held.reply).toEqual([{ channel: '/typing', data: 1 }, ok]);
  });

  it('gives way when the queue is full', () => {
    const engine = new SpecEngine({ maxQueueEvents: 2 });
    const session = engine.connected();
    for (const lazy of [true, false, false]) session.deliver(engine.core.prepare('/a', lazy, { lazy }));
    session.deliver(engine.core.prepare('/a', 'late', { lazy: true }));
    expect(engine.connect(session).reply).toEqual([
      { channel: '/a', data: false },
      { channel: '/a', data: false },
      ok,
    ]);
    expect(engine.core.counters.eventsDropped).toBe(2);
  });
});

describe('delivery to one session', () => {
  it('asks its subscriptions only when told to', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/v2/me/*');
    const [mine, other] = [engine.core.prepare('/v2/me/chats', 1), engine.core.prepare('/v2/users', 1)];
    expect([
      session.deliverIfSubscribed(mine),
      session.deliverIfSubscribed(other),
      session.deliver(other),
    ]).toEqual([true, false, true]);
    expect(session.queue?.length).toBe(2);
  });
});

describe('what hooks throw', () => {
  it('is reported and changes nothing', () => {
    const oops = () => {
      throw new Error('oops');
    };
    const engine = new SpecEngine({
      hooks: { onSession: oops, onSessionEnd: oops, onSubscribe: oops, onActivity: oops, onDisconnect: oops },
    });
    const session = engine.connected();
    engine.subscribe(session, '/a');
    const request = engine.send({ channel: '/meta/disconnect', clientId: session.id });
    expect(request.reply).toEqual([leave]);
    expect(engine.errors.length).toBe(7);
    expectEmpty(engine);
  });
});

describe('closing', () => {
  it('answers what is held, spread over time, and holds nothing more', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const held = engine.connect(session);
    session.deliver(engine.core.prepare('/a', 1));
    engine.core.beginClosing(10_000);
    const spread = { reconnect: 'retry', interval: 5_000, timeout: 25_000 };
    expect(held.reply).toEqual([
      { channel: '/a', data: 1 },
      { ...ok, advice: spread },
    ]);
    expect(engine.connect(session).reply).toEqual([{ ...ok, advice: spread }]);
    expect(engine.send({ channel: '/meta/handshake' }).reply).toEqual([
      {
        channel: '/meta/handshake',
        successful: false,
        error: '403::Handshake denied',
        advice: { reconnect: 'handshake', interval: 5_000, timeout: 25_000 },
      },
    ]);
  });
});

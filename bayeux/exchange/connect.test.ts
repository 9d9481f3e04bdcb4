import { describe, expect, it } from 'vitest';
import { SpecEngine } from './spec-engine.ts';

const ok = { channel: '/meta/connect', successful: true };
const retry = { reconnect: 'retry', interval: 0, timeout: 25_000 };
const unknown = {
  channel: '/meta/connect',
  successful: false,
  error: '402::Unknown client',
  advice: { reconnect: 'handshake', interval: 0, timeout: 25_000 },
};

describe('a connect', () => {
  it('is answered at once when it is the first, with or without the client asking', () => {
    const engine = new SpecEngine();
    expect(engine.connect(engine.handshake(), { id: '2' }).reply).toEqual([{ ...ok, id: '2' }]);
    const asking = engine.connect(engine.handshake(), { id: '2', advice: { timeout: 0 } });
    expect(asking.reply).toEqual([{ ...ok, id: '2', advice: retry }]);
  });

  it('is held after that, until its time is over', () => {
    const engine = new SpecEngine();
    const held = engine.connect(engine.connected(), { id: '3' });
    engine.clock.advance(24_900);
    expect(held.reply).toBeUndefined();
    engine.clock.advance(200);
    expect(held.reply).toEqual([{ ...ok, id: '3' }]);
  });

  it('is held until an event comes, which goes first', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.subscribe(session, '/a');
    const held = engine.connect(session, { id: '3' });
    engine.publish('/a', { n: 1 });
    expect(held.reply).toEqual([
      { channel: '/a', data: { n: 1 } },
      { ...ok, id: '3' },
    ]);
  });

  it('takes along everything that came in one turn', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const held = engine.connect(session);
    for (const n of [1, 2, 3]) session.deliver(engine.core.prepare('/a', n));
    expect(held.reply).toBeUndefined();
    engine.core.delivery.flush();
    expect(held.reply).toEqual([
      { channel: '/a', data: 1 },
      { channel: '/a', data: 2 },
      { channel: '/a', data: 3 },
      ok,
    ]);
  });

  it('is answered at once when something waits', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    session.deliver(engine.core.prepare('/a', 1));
    engine.core.delivery.flush();
    expect(engine.connect(session).reply).toEqual([{ channel: '/a', data: 1 }, ok]);
  });

  it.each([
    ['a timeout of 0', { advice: { timeout: 0 } }, [{ ...ok, advice: retry }]],
    ['advice without a timeout', { advice: {} }, undefined],
    ['advice that is no object', { advice: 'now' }, undefined],
    ['a timeout that is no number', { advice: { timeout: '0' } }, undefined],
    ['a timeout below 0', { advice: { timeout: -1 } }, undefined],
    ['a connectionType we do not speak', { connectionType: 'iframe' }, undefined],
    ['no connectionType', { connectionType: undefined }, undefined],
  ])('with %s', (_, spoilt, reply) => {
    const engine = new SpecEngine();
    expect(engine.connect(engine.connected(), spoilt).reply).toEqual(reply);
  });

  it('is held as long as its client asks, but no longer than the server would', () => {
    const engine = new SpecEngine();
    const short = engine.connect(engine.connected(), { advice: { timeout: 1_000 } });
    const long = engine.connect(engine.connected(), { advice: { timeout: 1e9 } });
    engine.clock.advance(1_100);
    expect([short.reply, long.reply]).toEqual([[{ ...ok, advice: retry }], undefined]);
    engine.clock.advance(24_000);
    expect(long.reply).toEqual([{ ...ok, advice: retry }]);
  });

  it('is answered at once when it shares its request', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const request = engine.send([
      { channel: '/meta/connect', id: '1', clientId: session.id },
      { channel: '/a', id: '2', clientId: session.id, data: 1 },
    ]);
    expect(request.reply).toEqual([
      { ...ok, id: '1' },
      { id: '2', channel: '/a', successful: true },
    ]);
  });

  it('carries advice only when asked or when it changed', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const plain = engine.connect(session);
    engine.clock.advance(25_100);
    expect(plain.reply).toEqual([ok]);
  });

  it.each([
    ['no clientId', undefined],
    ['an unknown clientId', 'nobody'],
    ['a clientId that is no string', 5],
    ['the name of a property every object has', '__proto__'],
  ])('with %s is told to shake hands', (_, clientId) => {
    const engine = new SpecEngine();
    expect(engine.send({ channel: '/meta/connect', id: '1', clientId }).reply).toEqual([
      { ...unknown, id: '1' },
    ]);
  });

  it('of another principal finds no session', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    expect(engine.connect(session, {}, { principal: 'mallory' }).reply).toEqual([unknown]);
  });

  it('without the cookie of the browser that shook hands finds no session', () => {
    const engine = new SpecEngine({ trustClientId: false });
    const session = engine.connected(undefined, { browserId: 'b1' });
    expect(engine.connect(session, {}, { browserId: 'b1' }).reply).toBeUndefined();
    expect(engine.connect(session, {}, { browserId: 'b2' }).reply).toEqual([unknown]);
    expect(engine.connect(session).reply).toEqual([unknown]);
  });
});

describe('a second connect', () => {
  it('gives up the first, which gets no message, and is held in its place', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    const first = engine.connect(session, { id: '3' });
    const second = engine.connect(session, { id: '4' });
    session.deliver(engine.core.prepare('/a', 1));
    engine.core.delivery.flush();
    expect([first.isSuperseded, first.reply]).toEqual([true, undefined]);
    expect(second.reply).toEqual([
      { channel: '/a', data: 1 },
      { ...ok, id: '4' },
    ]);
    expect(engine.core.counters.connectsSuperseded).toBe(1);
  });
});

describe('the tabs of one browser', () => {
  it('are all held, up to the cap; one more is told to come back', () => {
    const engine = new SpecEngine({ maxHoldsPerBrowser: 2, trustClientId: false });
    const caller = { browserId: 'b' };
    const tabs = [1, 2, 3].map(() => engine.connected(undefined, caller));
    const holds = tabs.map((tab) => engine.connect(tab, {}, caller));
    expect(holds.map((hold) => hold.reply)).toEqual([
      undefined,
      undefined,
      [{ ...ok, advice: { ...retry, interval: 2_000, 'multiple-clients': true } }],
    ]);
    // A place that falls free, by whatever way, is taken by the next.
    engine.clock.advance(25_100);
    const again = tabs.map((tab) => engine.connect(tab, {}, caller).reply === undefined);
    expect(again).toEqual([true, true, false]);
  });

  it('get a place back however a hold ends', () => {
    const engine = new SpecEngine({ maxHoldsPerBrowser: 1, trustClientId: false });
    const caller = { browserId: 'b' };
    const [one, two] = [engine.connected(undefined, caller), engine.connected(undefined, caller)];
    const isHeld = () => {
      const held = engine.connect(two, {}, caller).reply === undefined;
      engine.core.delivery.unhold(two);
      return held;
    };
    engine.connect(one, {}, caller);
    expect(isHeld()).toBe(false);
    engine.connect(one, {}, caller);
    engine.connect(one, { advice: { timeout: 0 } }, caller);
    expect(isHeld()).toBe(true);
    engine.connect(one, {}, caller);
    engine.core.delivery.unhold(one);
    expect(isHeld()).toBe(true);
    engine.connect(one, {}, caller);
    engine.core.delivery.end(one, 'expired');
    expect(isHeld()).toBe(true);
    expect(two.browser).toEqual({ id: 'b', sessions: 1, holds: 0 });
  });

  it('have no cap at -1, and are turned away for good when there is no interval to come back after', () => {
    const caller = { browserId: 'b' };
    const open = new SpecEngine({ maxHoldsPerBrowser: -1 });
    for (let tab = 0; tab < 9; tab++) {
      expect(open.connect(open.connected(undefined, caller), {}, caller).reply).toBeUndefined();
    }
    const shut = new SpecEngine({ maxHoldsPerBrowser: 0, multiSessionIntervalMs: 0 });
    expect(shut.connect(shut.connected(undefined, caller), {}, caller).reply).toEqual([
      {
        channel: '/meta/connect',
        successful: false,
        error: '403::Handshake denied',
        advice: { reconnect: 'none', interval: 0, timeout: 25_000, 'multiple-clients': true },
      },
    ]);
  });
});

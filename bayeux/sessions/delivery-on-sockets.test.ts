import { describe, expect, it } from 'vitest';
import { SpecEngine } from '../exchange/spec-engine.ts';
import { SpecSocket } from '../transports/spec-socket.ts';

const ok = { channel: '/meta/connect', successful: true };
const leave = { channel: '/meta/disconnect', successful: true };
const stop = { reconnect: 'none', interval: 0, timeout: 25_000 };
const event = (data: unknown) => ({ channel: '/a', data });

/** A session on a socket, after its first connect. */
function socketed(options: ConstructorParameters<typeof SpecEngine>[0] = {}, ext?: object) {
  const engine = new SpecEngine(options);
  const session = engine.handshake(ext);
  const socket = new SpecSocket(engine);
  const { delivery, counters } = engine.core;
  socket.connect(session);
  delivery.flush();
  socket.frames.length = 0;
  const deliver = (data: unknown, more: { readonly lazy?: boolean } = {}) =>
    session.deliver(engine.core.prepare('/a', data, more));
  return { engine, session, socket, delivery, counters, deliver };
}

describe('on a socket', () => {
  it('events go without a connect, all that came in one turn in one frame', () => {
    const { socket, session, delivery, deliver, counters } = socketed();
    for (const data of [1, 2]) deliver(data);
    delivery.flush();
    expect(socket.frames).toEqual([[event(1), event(2)]]);
    expect([session.queue, counters.eventsOut]).toEqual([undefined, 2]);
  });

  it('a lazy event waits for one that is not, or for its time', () => {
    const { engine, socket, delivery, deliver } = socketed({ maxLazyMs: 1_000 });
    deliver(1, { lazy: true });
    engine.clock.advance(900);
    delivery.flush();
    expect(socket.frames).toEqual([]);
    deliver(2);
    delivery.flush();
    expect(socket.frames).toEqual([[event(1), event(2)]]);
    // Its timer went with it: the next one has all its time.
    deliver(3, { lazy: true });
    engine.clock.advance(900);
    delivery.flush();
    expect(socket.frames).toHaveLength(1);
    engine.clock.advance(200);
    delivery.flush();
    expect(socket.frames).toEqual([[event(1), event(2)], [event(3)]]);
  });

  it('nothing is woken by a lazy timer whose event has gone', () => {
    const { engine, session, socket, delivery, deliver } = socketed({ maxLazyMs: 1_000 });
    deliver(1, { lazy: true });
    deliver(2);
    delivery.flush();
    engine.clock.advance(1_100);
    expect([socket.frames.length, session.isDirty]).toEqual([1, false]);
  });

  it('a held connect stays held while events go by', () => {
    const { engine, session, socket, delivery, deliver } = socketed();
    socket.connect(session, { id: '3' });
    deliver(1);
    delivery.flush();
    expect([socket.messages, session.hold?.idJson]).toEqual([[event(1)], '"3"']);
    engine.clock.advance(25_100);
    delivery.flush();
    expect(socket.messages).toEqual([event(1), { ...ok, id: '3' }]);
  });

  it('that is congested events wait in the queue until its client reads again', async () => {
    const { session, socket, delivery, deliver } = socketed();
    socket.stopReading();
    deliver('x'.repeat(2_000));
    delivery.flush();
    deliver(1);
    delivery.flush();
    expect([socket.frames.length, session.queue?.length]).toEqual([1, 1]);
    socket.readAgain();
    await new Promise(setImmediate);
    delivery.flush();
    expect([socket.messages.at(-1), session.queue]).toEqual([event(1), undefined]);
  });

  it('with acknowledgement events go with connect replies only', () => {
    const { session, socket, delivery, deliver } = socketed({}, { ack: true });
    deliver(1);
    delivery.flush();
    expect(socket.frames).toEqual([]);
    socket.connect(session, { id: '3', ext: { ack: 1 } });
    delivery.flush();
    expect(socket.messages).toEqual([event(1), { ...ok, id: '3', ext: { ack: 2 } }]);
    expect(session.queue?.length).toBe(1);
  });

  it('an older connect is answered when a newer one of the same socket comes', () => {
    const { session, socket, delivery, counters } = socketed();
    socket.connect(session, { id: '3' });
    socket.connect(session, { id: '4' });
    delivery.flush();
    expect(socket.messages).toEqual([{ ...ok, id: '3' }]);
    expect([session.hold?.idJson, counters.connectsSuperseded]).toEqual(['"4"', 1]);
    socket.connect(session);
    socket.cut();
    expect(counters.eventsPutBack).toBe(0);
  });

  it('a held connect does not count among those of its browser', () => {
    const engine = new SpecEngine();
    const caller = { browserId: 'b' };
    const session = engine.connected(undefined, caller);
    const socket = new SpecSocket(engine, 'b');
    socket.connect(session);
    expect([session.hold === undefined, session.browser?.holds]).toEqual([false, 0]);
    engine.core.delivery.unhold(session);
    expect(session.browser?.holds).toBe(0);
  });

  it('a session that the server ends hears it after its events, and the socket is closed', () => {
    const { session, socket, deliver } = socketed();
    deliver(1);
    session.disconnect();
    expect(socket.messages).toEqual([event(1), leave]);
    expect([socket.webSocket.code, session.state]).toEqual([1000, 'ended']);
  });

  it('and its held connect is answered with the same', () => {
    const { session, socket, deliver } = socketed();
    socket.connect(session, { id: '3' });
    deliver(1);
    session.disconnect();
    expect(socket.messages).toEqual([event(1), leave, { ...ok, id: '3', advice: stop }]);
  });

  it('a session that ends otherwise is told nothing without a held connect, and the socket is closed', () => {
    const { session, socket, delivery, deliver } = socketed();
    deliver(1);
    delivery.end(session, 'replayFailed');
    delivery.flush();
    expect([socket.frames, socket.webSocket.code]).toEqual([[], 1000]);
  });

  it('events that their connection did not carry go first on the next one, and are not counted twice', () => {
    const { engine, session, socket, deliver, delivery, counters } = socketed();
    socket.stopReading();
    deliver('x'.repeat(2_000));
    delivery.flush();
    deliver(2);
    socket.cut();
    expect(counters).toMatchObject({ eventsOut: 0, eventsPutBack: 1 });
    const again = engine.connect(session);
    expect(again.reply).toEqual([event('x'.repeat(2_000)), event(2), ok]);
    expect(counters.eventsOut).toBe(2);
  });

  it('is what a socket waits for with its replies', async () => {
    const { session, socket } = socketed();
    socket.connect(session, { id: '3', advice: { timeout: 0 } });
    expect(socket.frames).toEqual([]);
    await new Promise(setImmediate);
    expect(socket.messages).toMatchObject([{ id: '3', successful: true }]);
  });
});

describe('a flush', () => {
  it('goes on with the next session and the next socket when one fails', () => {
    const { engine, socket, deliver, delivery } = socketed();
    const broken = engine.connected();
    Object.assign(engine.connect(broken), { send: () => expect.unreachable('the connection is broken') });
    broken.deliver(engine.core.prepare('/a', 1));
    deliver(2);
    const other = new SpecSocket(engine);
    Object.assign(other.outlet, { flush: () => expect.unreachable('so is the socket') });
    delivery.flushLater(other.outlet);
    delivery.flush();
    expect(engine.errors).toHaveLength(2);
    expect(socket.frames).toEqual([[event(2)]]);
  });
});

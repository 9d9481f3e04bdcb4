import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpecEngine, settled } from '../exchange/spec-engine.ts';
import { prepareEvent, type PreparedEvent } from '../protocol/event.ts';
import type { PushSession } from '../sessions/push-session.ts';
import { ReplayCursor, type ReplayPage, type ReplaySource, readPositions } from './replay.ts';

/** A log of channels, from which pages are read at once or when a test says so. */
class Log implements ReplaySource<string> {
  readonly events = new Map<string, PreparedEvent[]>();
  readonly waiting: (() => void)[] = [];
  isSlow = false;
  reads = 0;

  append(channel: string): PreparedEvent {
    const list = this.events.get(channel) ?? [];
    const event = prepareEvent(channel, list.length, { position: list.length });
    this.events.set(channel, [...list, event]);
    return event;
  }

  read(request: { channel: string; afterPosition: number; maxEvents: number }) {
    this.reads++;
    const all = this.events.get(request.channel);
    if (all === undefined) return undefined;
    const read = (): ReplayPage => {
      const rest = (this.events.get(request.channel) ?? []).slice(request.afterPosition + 1);
      return { events: rest.slice(0, request.maxEvents), isComplete: rest.length <= request.maxEvents };
    };
    if (!this.isSlow) return read();
    const page = read();
    return new Promise<ReplayPage>((resolve) => this.waiting.push(() => resolve(page)));
  }
}

const ok = { channel: '/meta/connect', successful: true };
const event = (n: number) => ({ channel: '/log', data: n, ext: { replay: { position: n } } });

function engineOf(log: ReplaySource<string>, options = {}) {
  const engine = new SpecEngine({ replay: log, replayPageEvents: 3, ...options });
  const session = engine.connected({ replay: true });
  return { engine, session };
}

function logOf(count: number): Log {
  const log = new Log();
  for (let n = 0; n < count; n++) log.append('/log');
  return log;
}

describe('replay', () => {
  it('is agreed on in the handshake', () => {
    const engine = new SpecEngine({ replay: new Log() });
    const [reply] = engine.send({ channel: '/meta/handshake', ext: { replay: true } }).reply ?? [];
    expect(reply).toMatchObject({ successful: true, ext: { replay: true } });
  });

  it('sends everything after the position, in the response to the subscribe, then what happens', () => {
    const log = logOf(4);
    const { engine, session } = engineOf(log);
    expect(engine.subscribe(session, '/log', { replay: { '/log': 1 } }).reply).toEqual([
      event(2),
      event(3),
      { channel: '/meta/subscribe', subscription: '/log', successful: true },
    ]);
    const held = engine.connect(session);
    engine.core.publish(log.append('/log'));
    engine.core.delivery.flush();
    expect(held.reply).toEqual([event(4), ok]);
  });

  it('goes on page by page as the client takes them', () => {
    const { engine, session } = engineOf(logOf(8));
    expect(engine.subscribe(session, '/log', { replay: { '/log': -1 } }).reply?.slice(0, -1)).toEqual([
      event(0),
      event(1),
      event(2),
    ]);
    expect(engine.connect(session).reply).toEqual([event(3), event(4), event(5), ok]);
    expect(engine.connect(session).reply).toEqual([event(6), event(7), ok]);
    expect(engine.connect(session).reply).toBeUndefined();
  });

  it('goes on when the client acknowledges, where messages are acknowledged', () => {
    const engine = new SpecEngine({ replay: logOf(5), replayPageEvents: 3 });
    const session = engine.connected({ replay: true, ack: true });
    engine.subscribe(session, '/log', { replay: { '/log': -1 } });
    const first = engine.connect(session, { ext: { ack: 1 } });
    expect(first.reply).toEqual([event(0), event(1), event(2), { ...ok, ext: { ack: 2 } }]);
    const second = engine.connect(session, { ext: { ack: 2 } });
    expect(second.reply).toEqual([event(3), event(4), { ...ok, ext: { ack: 3 } }]);
  });

  it('fills half of a queue and leaves the other to what happens on other channels', () => {
    const { engine, session } = engineOf(logOf(8), { replayPageEvents: 100, maxQueueEvents: 4 });
    engine.subscribe(session, '/other');
    expect(engine.subscribe(session, '/log', { replay: { '/log': -1 } }).reply?.slice(0, -1)).toEqual([
      event(0),
      event(1),
    ]);
    expect(session.queue?.length).toBe(2);
    for (const other of [1, 2]) engine.publish('/other', other);
    expect(engine.ended).toEqual([]);
    expect(engine.connect(session).reply).toHaveLength(5);
  });

  it('fills half of its bytes as well', () => {
    const { byteLength } = prepareEvent('/log', 0);
    const { engine, session } = engineOf(logOf(8), { replayPageEvents: 100, maxQueueBytes: 8 * byteLength });
    const reply = engine.subscribe(session, '/log', { replay: { '/log': -1 } }).reply;
    expect(reply?.slice(0, -1)).toEqual([0, 1, 2, 3].map(event));
    expect(session.queue?.length).toBe(4);
  });

  it.each([
    ['events', 2, 4],
    ['events', 3, 3],
    ['bytes', 2, 4],
    ['bytes', 3, 3],
  ])(
    'goes on when no more than a quarter of the %s waits: of 8, %i wait and then %i',
    (unit, others, then) => {
      const { byteLength } = prepareEvent('/log', 0);
      const bounds = unit === 'events' ? { maxQueueEvents: 8 } : { maxQueueBytes: 8 * byteLength };
      const engine = new SpecEngine({ replay: logOf(8), replayPageEvents: 100, ...bounds });
      const session = engine.connected({ replay: true, ack: true });
      engine.subscribe(session, '/log', { replay: { '/log': -1 } });
      expect(engine.connect(session, { ext: { ack: 1 } }).reply).toHaveLength(5);
      for (let other = 0; other < others; other += 1) session.deliver(prepareEvent('/oth', other));
      expect(engine.connect(session, { ext: { ack: 2 } }).reply).toHaveLength(then + 1);
    },
  );

  it('goes on where always something waits for its acknowledgement', () => {
    const engine = new SpecEngine({ replay: logOf(5), replayPageEvents: 3, maxQueueEvents: 8 });
    const session = engine.connected({ replay: true, ack: true });
    engine.subscribe(session, ['/log', '/other'], { replay: { '/log': -1 } });
    engine.connect(session, { ext: { ack: 1 } });
    engine.publish('/other', 'late');
    const { reply } = engine.connect(session, { ext: { ack: 2 } });
    expect(reply).toEqual([
      { channel: '/other', data: 'late' },
      event(3),
      event(4),
      { ...ok, ext: { ack: 3 } },
    ]);
  });

  it('drops live events that the log has already told', () => {
    const log = logOf(2);
    const { engine, session } = engineOf(log);
    engine.subscribe(session, '/log', { replay: { '/log': 0 } });
    for (const late of log.events.get('/log') ?? []) engine.core.publish(late);
    expect(session.queue).toBeUndefined();
  });

  it('shows positions to those who asked, and subscribes without replay as ever', () => {
    const log = logOf(3);
    const { engine, session } = engineOf(log);
    const plain = engine.connected();
    for (const each of [session, plain]) engine.subscribe(each, '/log', { replay: true });
    engine.core.publish(log.append('/log'));
    expect(engine.connect(session).reply).toEqual([event(3), ok]);
    expect(engine.connect(plain).reply).toEqual([{ channel: '/log', data: 3 }, ok]);
  });

  it.each([
    ['a channel that is not subscribed to', { '/other': 1 }, 'invalid_position'],
    ['a pattern', { '/log/*': 1 }, 'invalid_position'],
    ['a position that is no number', { '/log': '1' }, 'invalid_position'],
    ['a position between two', { '/log': 1.5 }, 'invalid_position'],
    ['a list', [1], 'invalid_position'],
    ['a channel the source does not have', { '/gone': 1 }, '/gone'],
  ])('refuses %s, and subscribes to nothing', (_, replay, why) => {
    const { engine, session } = engineOf(logOf(3));
    const subscription = ['/log', '/log/*', '/gone'];
    expect(engine.subscribe(session, subscription, { replay }).reply).toEqual([
      { channel: '/meta/subscribe', subscription, successful: false, error: `409:${why}:replay unavailable` },
    ]);
    expect([session.subscriptions, engine.core.index.size]).toEqual([[], 0]);
  });

  it('ends a session whose log fails half-way: its client starts again', async () => {
    const log = logOf(8);
    const { engine, session } = engineOf(log);
    engine.subscribe(session, '/log', { replay: { '/log': -1 } });
    log.read = () => Promise.reject(new Error('disk gone')) as never;
    engine.connect(session);
    await settled();
    expect(engine.ended).toEqual([`${session.id} replayFailed`]);
    expect(engine.errors.length).toBe(1);
  });

  it('does not spin on a source whose live events run ahead of its log', async () => {
    const log = logOf(1);
    const { engine, session } = engineOf(log);
    log.isSlow = true;
    const request = engine.subscribe(session, '/log', { replay: { '/log': 0 } });
    engine.core.publish(prepareEvent('/log', 9, { position: 9 }));
    for (const _ of [1, 2]) {
      log.waiting.shift()?.();
      await settled();
    }
    expect(request.reply).toMatchObject([{ error: '409:/log:replay unavailable' }]);
    expect([log.reads, engine.errors.length]).toEqual([2, 1]);
  });
});

describe('where a session stands in a channel', () => {
  const at = (position?: number) => prepareEvent('/log', 'x', position === undefined ? {} : { position });
  const all = () => true;

  it('is behind from the start until a page has taken it past what was seen live', () => {
    const cursor = new ReplayCursor();
    cursor.start('/log', 3);
    expect([...cursor.behind()]).toEqual(['/log']);
    expect([cursor.admits(at(5)), cursor.admits(at(4))]).toEqual([false, false]);
    const [four, five] = [at(4), at(5)];
    expect(cursor.accept('/log', { events: [four], isComplete: true }, all)).toEqual([four]);
    expect([...cursor.behind()]).toEqual(['/log']);
    expect(cursor.accept('/log', { events: [five], isComplete: true }, all)).toEqual([five]);
    expect([...cursor.behind()]).toEqual([]);
    expect([5, 6, 6].map((position) => cursor.admits(at(position)))).toEqual([false, true, false]);
  });

  it('does not touch events without a position, nor other channels, nor one that was left', () => {
    const cursor = new ReplayCursor();
    cursor.start('/log', 3);
    expect([cursor.admits(at()), cursor.admits(prepareEvent('/a', 1, { position: 1 }))]).toEqual([
      true,
      true,
    ]);
    cursor.stop('/log');
    expect([cursor.track('/log'), cursor.admits(at(1))]).toEqual([undefined, true]);
    expect(cursor.accept('/log', { events: [at(4)], isComplete: true }, all)).toEqual([]);
  });

  it('takes nothing of a page that it has, or that has no position', () => {
    const cursor = new ReplayCursor();
    cursor.start('/log', 3);
    const four = at(4);
    const page = { events: [at(), at(2), at(3), four, four], isComplete: true };
    expect(cursor.accept('/log', page, all)).toEqual([four]);
  });
});

it.each([undefined, null, true, false])('%j names no positions', (replay) => {
  expect(readPositions({ replay }, ['/log'])).toEqual(new Map());
});

it.each([
  ['a list', [1]],
  ['a text', '/log'],
  ['a number', 3],
  ['a channel that is not subscribed', { '/other': 1 }],
  ['a pattern', { '/log/*': 1 }],
  ['a position that is no number', { '/log': '1' }],
  ['a position that is no integer', { '/log': 1.5 }],
  ['a position before the start', { '/log': -2 }],
])('positions are invalid as %s', (_, replay) => {
  expect(readPositions({ replay }, ['/log', '/log/*'])).toBe('invalid');
});

it('positions are read from the start of the channel on', () => {
  const positions = new Map([
    ['/log', -1],
    ['/a', 0],
  ]);
  expect(readPositions({ replay: { '/log': -1, '/a': 0 } }, ['/log', '/a'])).toEqual(positions);
});

it('leaves no gap and no double, however live events and slow reads fall together', async () => {
  const step = fc.constantFrom('append', 'publish', 'read', 'connect');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 9 }),
      fc.array(step, { maxLength: 40 }),
      async (from, steps) => {
        const log = logOf(10);
        log.isSlow = true;
        const { engine, session } = engineOf(log);
        const seen: number[] = [];
        const take = (messages: readonly unknown[] = []) => {
          for (const message of messages) {
            const { channel, data } = message as { channel: string; data: number };
            if (channel === '/log') seen.push(data);
          }
        };
        const subscribing = engine.subscribe(session, '/log', { replay: { '/log': from } });
        const unpublished: PreparedEvent[] = [];
        for (const each of steps) {
          if (each === 'append') unpublished.push(log.append('/log'));
          if (each === 'publish' && unpublished[0] !== undefined)
            engine.core.publish(unpublished.shift() as PreparedEvent);
          if (each === 'read') log.waiting.shift()?.();
          if (each === 'connect') take(engine.connect(session, { advice: { timeout: 0 } }).reply);
          await settled();
        }
        for (const late of unpublished) engine.core.publish(late);
        await drain(log, () => take(engine.connect(session, { advice: { timeout: 0 } }).reply));
        take(subscribing.reply);
        const expected = (log.events.get('/log') ?? []).map((_, at) => at).slice(from + 1);
        expect(seen.toSorted((a, b) => a - b)).toEqual(expected);
        expectLive(session);
      },
    ),
    { numRuns: 200 },
  );
});

async function drain(log: Log, connect: () => void): Promise<void> {
  for (let round = 0; round < 30; round++) {
    log.waiting.shift()?.();
    await settled();
    connect();
  }
}

function expectLive(session: PushSession<string>): void {
  expect([...(session.replay?.behind() ?? [])]).toEqual([]);
}

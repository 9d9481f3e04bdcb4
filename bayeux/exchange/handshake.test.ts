import { describe, expect, it } from 'vitest';
import { SpecEngine, settled } from './spec-engine.ts';

const valid = {
  channel: '/meta/handshake',
  id: '1',
  version: '1.0',
  minimumVersion: '1.0',
  supportedConnectionTypes: ['websocket', 'long-polling'],
};

const accepted = {
  id: '1',
  channel: '/meta/handshake',
  successful: true,
  clientId: 'id1',
  version: '1.0',
  minimumVersion: '1.0',
  supportedConnectionTypes: ['websocket', 'long-polling'],
  advice: { reconnect: 'retry', interval: 0, timeout: 25_000 },
};

const denied = {
  id: '1',
  channel: '/meta/handshake',
  successful: false,
  error: '403::Handshake denied',
  advice: { reconnect: 'none', interval: 0, timeout: 25_000 },
};

/** An engine whose callers have a browser already, so that the only id given out is the clientId. */
function shake(message: object | object[], engine = new SpecEngine()) {
  return engine.send(message, { browserId: 'browser' }).reply;
}

describe('a handshake', () => {
  it('gets a clientId, the transports and whole advice', () => {
    expect(shake(valid)).toEqual([accepted]);
  });

  it.each([
    ['no id', { id: undefined }, { id: undefined }],
    ['a number for an id', { id: 7 }, { id: 7 }],
    ['an id that is no id', { id: {} }, { id: undefined }],
    ['no version: old clients send none', { version: undefined }, {}],
    ['no transports: old clients send none', { supportedConnectionTypes: undefined }, {}],
    ['transports of which one is ours', { supportedConnectionTypes: ['iframe', 'long-polling'] }, {}],
    ['an ext we do not know', { ext: { other: true } }, {}],
    ['an ext that is no object', { ext: 'ack' }, {}],
    ['a slash at the end', { channel: '/meta/handshake/' }, {}],
    ['acknowledgement', { ext: { ack: true } }, { ext: { ack: true } }],
    ['acknowledgement, written long', { ext: { ack: { enabled: true } } }, { ext: { ack: true } }],
    ['acknowledgement of the wrong shape', { ext: { ack: 'yes' } }, {}],
    ['replay, which this engine has no source for', { ext: { replay: true } }, {}],
  ])('passes with %s', (_, spoilt, expected) => {
    const want = JSON.parse(JSON.stringify({ ...accepted, ...expected })) as object;
    expect(shake({ ...valid, ...spoilt })).toEqual([want]);
  });

  it.each([
    ['no transport that is ours', { supportedConnectionTypes: ['iframe', 'flash'] }],
    ['transports that are no strings', { supportedConnectionTypes: [1, {}] }],
  ])('is refused for good with %s', (_, spoilt) => {
    expect(shake({ ...valid, ...spoilt })).toEqual([denied]);
  });

  it('must be alone in its request: the others have no session', () => {
    expect(shake([valid, { channel: '/meta/connect', id: '2', clientId: 'x' }])).toEqual([
      denied,
      {
        id: '2',
        channel: '/meta/connect',
        successful: false,
        error: '402::Unknown client',
        advice: { reconnect: 'handshake', interval: 0, timeout: 25_000 },
      },
    ]);
  });

  it('gives a browser that has no cookie one', () => {
    const engine = new SpecEngine();
    expect(engine.send(valid).setCookie).toBe('id1');
    expect(engine.send(valid, { browserId: 'known' }).setCookie).toBeUndefined();
  });

  it('puts the tag of the node in front of the clientId', () => {
    expect(shake(valid, new SpecEngine({ nodeTag: 'n7' }))).toEqual([{ ...accepted, clientId: 'n7id1' }]);
  });

  it('tells clients how long a session lives, where that is wanted', () => {
    const engine = new SpecEngine({ advertiseMaxInterval: true });
    expect(shake(valid, engine)).toEqual([
      { ...accepted, advice: { ...accepted.advice, maxInterval: 30_000 } },
    ]);
  });
});

describe('a handshake policy', () => {
  it('sees who comes and with what', () => {
    const seen: unknown[] = [];
    const engine = new SpecEngine({ policy: { handshake: (...asked) => seen.push(asked) > 0 } });
    shake({ ...valid, ext: { token: 'x' } }, engine);
    expect(seen).toEqual([
      ['alice', { channel: '/meta/handshake', id: '1', data: undefined, ext: { token: 'x' } }],
    ]);
  });

  it('adds to the ext of the reply', () => {
    const engine = new SpecEngine({
      policy: { handshake: () => ({ allow: true, ext: { auth: { until: 5 } } }) },
    });
    expect(shake({ ...valid, ext: { ack: true } }, engine)).toEqual([
      { ...accepted, ext: { ack: true, auth: { until: 5 } } },
    ]);
  });

  it.each([
    ['false', () => false, {}],
    ['a refusal', () => ({ allow: false }), {}],
    [
      'a refusal with advice and ext',
      () => ({
        allow: false,
        advice: { reconnect: 'handshake', interval: 99 } as const,
        ext: { why: 'late' },
      }),
      { advice: { reconnect: 'handshake', interval: 99, timeout: 25_000 }, ext: { why: 'late' } },
    ],
  ])('refuses with %s', (_, handshake, expected) => {
    const engine = new SpecEngine({ policy: { handshake } });
    expect(shake(valid, engine)).toEqual([{ ...denied, ...expected }]);
    expect(engine.core.sessions.size).toBe(0);
  });

  it('refuses by a throw, which goes to onError', () => {
    const oops = new Error('oops');
    const engine = new SpecEngine({
      policy: {
        handshake: () => {
          throw oops;
        },
      },
    });
    expect(shake(valid, engine)).toEqual([denied]);
    expect(engine.errors).toEqual([oops]);
  });

  it.each([
    ['grants', () => Promise.resolve(true), accepted, 0],
    ['refuses', () => Promise.resolve(false), denied, 0],
    ['fails', () => Promise.reject(new Error('oops')), denied, 1],
  ])('may take its time, and %s', async (_, answer, expected, errors) => {
    const engine = new SpecEngine({ policy: { handshake: answer } });
    const request = engine.send(valid, { browserId: 'browser' });
    expect(request.reply).toBeUndefined();
    await settled();
    expect(request.reply).toEqual([expected]);
    expect(engine.errors.length).toBe(errors);
  });

  it('refuses by silence', async () => {
    const engine = new SpecEngine({
      policy: { handshake: () => new Promise(() => {}) },
      policyTimeoutMs: 1_000,
    });
    const request = engine.send(valid);
    engine.clock.advance(1_100);
    await settled();
    expect(request.reply).toEqual([denied]);
    expect(engine.core.counters.policiesTimedOut).toBe(1);
  });
});

describe('the number of sessions', () => {
  const tooMany = {
    ...denied,
    error: '403:too_many_sessions:Handshake denied',
    advice: { reconnect: 'handshake', interval: 5_000, timeout: 25_000 },
  };

  it.each([
    ['in all', { maxSessions: 2 }, {}],
    ['of one browser', { maxSessionsPerBrowser: 2 }, { browserId: 'other' }],
    [
      'of one user',
      { maxSessionsPerPrincipal: 2, principalKey: (user: string) => user },
      { principal: 'bob' },
    ],
  ])('is bounded %s', (what, limits, other) => {
    const engine = new SpecEngine(limits);
    const first = engine.handshake(undefined, { browserId: 'b' });
    engine.handshake(undefined, { browserId: 'b' });
    expect(engine.send(valid, { browserId: 'b' }).reply).toEqual([tooMany]);
    expect(engine.core.counters.handshakesOverLimit).toBe(1);
    if (what !== 'in all') engine.handshake(undefined, { browserId: 'b', ...other });
    engine.send({ channel: '/meta/disconnect', clientId: first.id });
    engine.handshake(undefined, { browserId: 'b' });
  });

  it('raises the interval of everybody before it is reached', () => {
    const engine = new SpecEngine({ maxSessions: 10, shedAtSessions: 2, shedIntervalMs: 700 });
    const session = engine.connected();
    const other = engine.connected();
    const held = engine.connect(session, { id: '9', advice: { timeout: 0 } });
    const advice = { reconnect: 'retry', interval: 700, timeout: 25_000 };
    expect(held.reply).toEqual([{ id: '9', channel: '/meta/connect', successful: true, advice }]);
    engine.send({ channel: '/meta/disconnect', clientId: other.id });
    const calm = engine.connect(session, { advice: { timeout: 0 } });
    expect(calm.reply).toEqual([
      { channel: '/meta/connect', successful: true, advice: { ...advice, interval: 0 } },
    ]);
  });

  it('raises the interval by hand as well', () => {
    const engine = new SpecEngine();
    const session = engine.connected();
    engine.core.setLoadInterval(1_500);
    const advised = engine.connect(session);
    expect(advised.reply).toBeUndefined();
    engine.clock.advance(25_100);
    expect(advised.reply).toEqual([
      {
        channel: '/meta/connect',
        successful: true,
        advice: { reconnect: 'retry', interval: 1_500, timeout: 25_000 },
      },
    ]);
  });
});

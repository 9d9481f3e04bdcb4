import { describe, expect, it } from 'vitest';
import { SpecEngine, settled } from './spec-engine.ts';

/** An engine whose policy on `/slow` answers when it is told to. */
function slowEngine(): { engine: SpecEngine; answer: () => Promise<void> } {
  const answers: (() => void)[] = [];
  const publish = (_: unknown, channel: string): boolean | Promise<boolean> =>
    channel === '/slow' ? new Promise((done) => answers.push(() => done(true))) : true;
  const answer = async (): Promise<void> => {
    answers.shift()?.();
    await settled();
  };
  return { engine: new SpecEngine({ policy: { publish }, maxWaitingRequests: 2 }), answer };
}

const on = (channel: string, clientId: unknown = undefined) => ({ channel, id: channel, clientId, data: 1 });
const done = (channel: string) => [{ id: channel, channel, successful: true }];

describe('requests of one session', () => {
  it('are worked through one after the other while a policy thinks', async () => {
    const { engine, answer } = slowEngine();
    const { id } = engine.connected();
    const requests = [on('/slow', id), on('/slow', id), on('/fast', id)].map((one) => engine.post(one));
    await settled();
    expect(requests.map((request) => request?.reply)).toEqual([undefined, undefined, undefined]);
    await answer();
    expect(requests.map((request) => request?.reply)).toEqual([done('/slow'), undefined, undefined]);
    const late = engine.post(on('/fast', id));
    expect(late?.reply).toBeUndefined();
    await answer();
    expect(requests.map((request) => request?.reply)).toEqual([done('/slow'), done('/slow'), done('/fast')]);
    await settled();
    expect(late?.reply).toEqual(done('/fast'));
    expect(engine.core.busyLanes).toBe(0);
    expect(engine.post(on('/fast', id))?.reply).toEqual(done('/fast'));
  });

  it('wait up to a number; one more is not carried out', async () => {
    const { engine, answer } = slowEngine();
    const session = engine.connected();
    const post = () => engine.post(on('/slow', session.id));
    expect([post(), post(), post(), post()].map((request) => request !== undefined)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([session.laneLength, engine.core.counters.requestsOverLane]).toEqual([2, 1]);
    await answer();
    expect(session.laneLength).toBe(1);
    expect(post()).toBeDefined();
    for (let turn = 0; turn < 4; turn += 1) await answer();
    expect([session.laneLength, session.lane, engine.core.busyLanes]).toEqual([0, undefined, 0]);
  });

  it.each([
    ['a lone connect', (id: string) => ({ channel: '/meta/connect', clientId: id })],
    ['a handshake', () => ({ channel: '/meta/handshake', version: '1.0' })],
    ['what is no message', () => 'hello'],
    ['nothing at all', () => null],
    ['a message of nobody', () => on('/fast', 'unknown')],
    ['a message whose clientId is no text', () => on('/fast', 7)],
  ])('are not waited for by %s', (_, message) => {
    const { engine } = slowEngine();
    const { id } = engine.handshake();
    engine.post(on('/slow', id));
    expect(engine.post(message(id))?.reply).toHaveLength(1);
  });

  it('are waited for by a connect that comes with another message', async () => {
    const { engine, answer } = slowEngine();
    const { id } = engine.connected();
    engine.post(on('/slow', id));
    const request = engine.post([{ channel: '/meta/connect', clientId: id }, on('/fast', id)]);
    expect(request?.reply).toBeUndefined();
    await answer();
    expect(request?.reply).toMatchObject([{ channel: '/meta/connect' }, { channel: '/fast' }]);
  });

  it('do not begin with a handshake that a policy thinks about', async () => {
    const engine = new SpecEngine({ policy: { handshake: () => Promise.resolve(true) } });
    const request = engine.post({ channel: '/meta/handshake', version: '1.0' });
    await settled();
    expect([request?.reply?.length, engine.core.busyLanes, engine.errors]).toEqual([1, 0, []]);
  });

  it('are not waited for by those of others', () => {
    const { engine } = slowEngine();
    engine.post(on('/slow', engine.connected().id));
    expect(engine.post(on('/fast', engine.connected().id))?.reply).toEqual(done('/fast'));
  });
});

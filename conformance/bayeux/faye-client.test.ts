import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EngineUnderTest } from './lib/engine-under-test.ts';
import { RealClient } from './lib/real-client.ts';

// faye's client is not CometD's: it numbers and times its messages in its own way and speaks the older dialect.

describe.each(['long-polling', 'websocket'] as const)('faye’s client over %s', (transport) => {
  let engine: EngineUnderTest;
  let client: RealClient;

  beforeAll(async () => {
    engine = await EngineUnderTest.start({ timeoutMs: 300, maxIntervalMs: 5_000 });
    client = new RealClient('faye');
    const url = engine.url('long-polling');
    await client.call('open', { url, transport, extensions: [], subscribeOnHandshake: ['/a/b'] });
  });

  afterAll(async () => {
    await client?.kill();
    await engine?.stop();
  });

  beforeEach(() => client.forget());

  test('publishes and receives its own and the server’s messages in order', async () => {
    expect(await client.call('publish', { channel: '/a/b', data: { text: 'mine ☃' } })).toMatchObject({
      successful: true,
    });
    await client.until('its own came', () => client.received('/a/b').length === 1);
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    for (const number of numbers) await engine.publish('/a/b', number);
    await client.until('all came', () => client.received('/a/b').length >= 51);
    expect(client.received('/a/b')).toEqual([{ text: 'mine ☃' }, ...numbers]);
  });

  test('sends many messages in one request', async () => {
    const replies = await client.call(
      'batch',
      [1, 2, 3].map((data) => ({ channel: '/a/b', data })),
    );
    expect(replies.map((reply) => reply.successful)).toEqual([true, true, true]);
    await client.until('all came', () => client.received('/a/b').length >= 3);
    expect([...client.received('/a/b')].sort()).toEqual([1, 2, 3]);
  });

  test('stays connected through three holds', async () => {
    const connects = (): number => client.metas.filter((meta) => meta.channel === '/meta/connect').length;
    await client.until('three connects were answered', () => connects() >= 3);
    expect(client.metas.filter((meta) => meta.successful !== true)).toEqual([]);
    await engine.publish('/a/b', 'after the holds');
    await client.until('it came', () => client.received('/a/b').length === 1);
  });

  test('subscribes and unsubscribes', async () => {
    await client.call('subscribe', { channel: '/other' });
    await engine.publish('/other', 1);
    await client.until('the first came', () => client.received('/other').length === 1);
    expect(await client.call('unsubscribe', { channel: '/other' })).toMatchObject({ successful: true });
    await engine.publish('/other', 2);
    await engine.publish('/a/b', 'the last');
    await client.until('the last came', () => client.received('/a/b').length === 1);
    expect(client.received('/other')).toEqual([1]);
  });

  test('shakes hands again and resubscribes after the server was killed and started again', async () => {
    await engine.restart();
    await client.until('it resubscribed', () =>
      client.metas.some((meta) => meta.channel === '/meta/subscribe' && meta.successful === true),
    );
    await engine.publish('/a/b', 1, 2, 3);
    await client.until('all came', () => client.received('/a/b').length >= 3);
    expect(client.received('/a/b')).toEqual([1, 2, 3]);
  });

  test('ends its session', async () => {
    await client.call('disconnect', {});
    await engine.until('the session is gone', (counts) => counts.sessions === 0);
    expect((await engine.call('troubles', null)).errors).toEqual([]);
  });
});

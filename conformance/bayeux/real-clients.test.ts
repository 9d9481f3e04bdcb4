import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cometdClients } from './lib/client-calls.ts';
import type { ClientExtension, ClientMessage } from './lib/client-calls.ts';
import { EngineUnderTest } from './lib/engine-under-test.ts';
import { RealClient } from './lib/real-client.ts';

// What every application does with CometD's JavaScript client, by the client itself, from 3.1 to the newest.

const holdMs = 300;
const transports = ['long-polling', 'websocket'] as const;
const pairs = cometdClients.flatMap((name) => transports.map((transport) => [name, transport] as const));

describe.each(pairs)('%s over %s', (name, transport) => {
  let engine: EngineUnderTest;
  let client: RealClient;
  const channel = `/chat/${name}`;

  beforeAll(async () => {
    engine = await EngineUnderTest.start({ timeoutMs: holdMs, maxIntervalMs: 5_000 });
    client = new RealClient(name);
  });

  afterAll(async () => {
    await client?.kill();
    await engine?.stop();
  });

  beforeEach(() => client.forget());

  const open = (...extensions: ClientExtension[]): Promise<ClientMessage> =>
    client.call('open', {
      url: engine.url(transport),
      transport,
      extensions,
      subscribeOnHandshake: [channel],
    });
  const subscribed = (): Promise<void> =>
    client.until('the subscription is made', () => client.metas.some(isReplyTo('/meta/subscribe')));

  test('shakes hands, subscribes, publishes and receives its own and the server’s messages in order', async () => {
    expect(await open()).toMatchObject({ successful: true, channel: '/meta/handshake' });
    await subscribed();
    expect((await client.call('state', {})).transport).toBe(transport);
    expect(await client.call('publish', { channel, data: { text: 'mine ☃ 💬' } })).toMatchObject({
      successful: true,
    });
    await client.until('its own came', () => client.received(channel).length === 1);
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    for (const number of numbers) await engine.publish(channel, number);
    await client.until('all came', () => client.received(channel).length >= 51);
    expect(client.received(channel)).toEqual([{ text: 'mine ☃ 💬' }, ...numbers]);
  });

  test('sends a batch and gets a reply to each message', async () => {
    const publishes = [1, 2, 3, 4, 5].map((data) => ({ channel, data }));
    const replies = await client.call('batch', publishes);
    expect(replies.map((reply) => reply.successful)).toEqual([true, true, true, true, true]);
    await client.until('all came', () => client.received(channel).length >= 5);
    expect(client.received(channel)).toEqual([1, 2, 3, 4, 5]);
  });

  test('calls a service and gets its answer, and nobody else’s', async () => {
    const call = (n: number): Promise<ClientMessage> =>
      client.call('remoteCall', { target: '/echo', data: { n } });
    const answers = await Promise.all([call(1), call(2), call(3)]);
    expect(answers.map((answer) => answer.data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test('stays connected through three holds and still receives', async () => {
    await client.until(
      'three connects were answered',
      () => client.metas.filter(isReplyTo('/meta/connect')).length >= 3,
    );
    expect(client.metas.filter((meta) => meta.successful !== true)).toEqual([]);
    await engine.publish(channel, 'after the holds');
    await client.until('it came', () => client.received(channel).length === 1);
  });

  test('stops receiving when it unsubscribes', async () => {
    await client.call('subscribe', { channel: '/other' });
    await engine.publish('/other', 1);
    await client.until('the first came', () => client.received('/other').length === 1);
    expect(await client.call('unsubscribe', { channel: '/other' })).toMatchObject({ successful: true });
    await engine.publish('/other', 2);
    await engine.publish(channel, 'the last');
    await client.until('the last came', () => client.received(channel).length === 1);
    expect(client.received('/other')).toEqual([1]);
  });

  test('ends its session', async () => {
    expect((await engine.call('counts', null)).sessions).toBe(1);
    expect(await client.call('disconnect', {})).toMatchObject({ successful: true });
    await engine.until('the session is gone', (counts) => counts.sessions === 0);
  });

  test('agrees on acknowledgements and the time', async () => {
    const reply = await open('Ack', 'TimeSync', 'TimeStamp');
    expect(reply.ext?.['ack']).toBe(true);
    expect(reply.ext?.['timesync']).toMatchObject({ tc: expect.any(Number), ts: expect.any(Number) });
    await subscribed();
    await engine.publish(channel, 'a', 'b');
    await client.until('both came', () => client.received(channel).length >= 2);
    expect(client.received(channel)).toEqual(['a', 'b']);
    await client.until('a batch was named', () =>
      client.metas.some((meta) => meta.channel === '/meta/connect' && typeof meta.ext?.['ack'] === 'number'),
    );
    await client.call('disconnect', {});
  });

  test('keeps its session when the page is reloaded', async () => {
    const connected = (): Promise<void> =>
      client.until('it is connected', () => client.metas.some(isReplyTo('/meta/connect')));
    const first = await open('Reload');
    await subscribed();
    // The extension learns the transport from the first connect; a page cannot be reloaded into a session before it.
    await connected();
    await engine.publish(channel, 'before');
    await client.until('it came', () => client.received(channel).length === 1);
    const { clientId } = await client.call('state', {});
    client.metas.length = 0;
    const second = await client.call('reload', {});
    await connected();
    expect(second.ext?.['reload']).toBe(true);
    expect(second.clientId).toBe(clientId);
    expect(first.clientId).toBe(clientId);
    await engine.publish(channel, 'after');
    await client.until('it came too', () => client.received(channel).includes('after'));
    expect(client.received(channel)).toEqual(['before', 'after']);
    expect((await engine.call('counts', null)).sessions).toBe(1);
    await client.call('disconnect', {});
  });

  test('shakes hands again and resubscribes after the server was killed and started again', async () => {
    await open();
    await subscribed();
    const before = await client.call('state', {});
    client.forget();
    await engine.restart();
    await subscribed();
    const after = await client.call('state', {});
    expect(after.clientId).not.toBe(before.clientId);
    const refusal = client.metas.find(
      (meta) => meta.channel === '/meta/connect' && meta.error?.startsWith('402'),
    );
    expect(refusal).toMatchObject({ error: '402::Unknown client', advice: { reconnect: 'handshake' } });
    await engine.publish(channel, ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await client.until('all came', () => client.received(channel).length >= 10);
    expect(client.received(channel)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await client.call('disconnect', {});
  });

  test('left the engine at peace', async () => {
    expect((await engine.call('troubles', null)).errors).toEqual([]);
  });
});

function isReplyTo(channel: string): (meta: ClientMessage) => boolean {
  return (meta) => meta.channel === channel && meta.successful === true;
}

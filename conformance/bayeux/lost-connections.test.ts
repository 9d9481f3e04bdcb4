import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cometdClients } from './lib/client-calls.ts';
import type { ClientExtension, ClientTransport } from './lib/client-calls.ts';
import { EngineUnderTest } from './lib/engine-under-test.ts';
import { LossyProxy } from './lib/lossy-proxy.ts';
import { RealClient } from './lib/real-client.ts';

// Delivery to unmodified clients over a network that breaks: nothing lost, nothing twice.

const channel = '/flap';
const pairs = cometdClients.flatMap((name) =>
  (['long-polling', 'websocket'] as const).map((transport) => [name, transport] as const),
);
const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

let engine: EngineUnderTest;
let proxy: LossyProxy;
let client: RealClient;

beforeEach(async () => {
  engine = await EngineUnderTest.start({ timeoutMs: 2_000, maxIntervalMs: 20_000 });
  proxy = await LossyProxy.open(engine.port);
});

afterEach(async () => {
  await client?.kill();
  await proxy?.close();
  await engine?.stop();
});

async function open(name: ConstructorParameters<typeof RealClient>[0], over: ClientTransport): Promise<void> {
  client = new RealClient(name);
  const extensions: ClientExtension[] = name === 'faye' ? [] : ['Ack'];
  await openWith(over, extensions, name === 'faye' ? 'long-polling' : over);
}

async function openWith(
  transport: ClientTransport,
  extensions: ClientExtension[],
  scheme = transport,
): Promise<void> {
  const url = engine.url(scheme, proxy.port);
  await client.call('open', { url, transport, extensions, subscribeOnHandshake: [channel] });
  await client.until('the subscription is made', () =>
    client.metas.some((meta) => meta.channel === '/meta/subscribe' && meta.successful === true),
  );
}

async function receivedAll(count: number): Promise<void> {
  await client.until(`${count} came`, () => client.received(channel).length >= count);
}

/**
 * 20 times: cut everything while a connect is held, let the server notice, publish five while nobody is connected, let
 * the client back in. Each return takes two connects, one that is answered and one that is held.
 */
async function cutWhileHeld(): Promise<void> {
  let connects = 2;
  for (let first = 0; first < 100; first += 5) {
    await engine.untilCounted('connects', connects);
    proxy.block();
    await engine.until('the server noticed', (counts) => counts.connections === 0);
    await engine.publish(channel, ...hundred.slice(first, first + 5));
    connects = ((await engine.call('troubles', null)).counters['connects'] ?? 0) + 2;
    proxy.unblock();
    await receivedAll(first + 5);
  }
}

describe.each(pairs)('%s over %s, with acknowledgements', (name, transport) => {
  test('gets 100 messages once each while answers are swallowed and connections are cut', async () => {
    await open(name, transport);
    for (let first = 0; first < 100; first += 10) {
      await engine.publish(channel, ...hundred.slice(first, first + 3));
      proxy.swallow();
      await engine.publish(channel, ...hundred.slice(first + 3, first + 6));
      if (first % 20 === 0) proxy.cut();
      await engine.publish(channel, ...hundred.slice(first + 6, first + 10));
      await receivedAll(first + 10);
    }
    expect(client.received(channel)).toEqual(hundred);
    expect(proxy.swallowed).toBeGreaterThanOrEqual(5);
    expect((await engine.call('counts', null)).sessions).toBe(1);
  });
});

describe.each(pairs)('%s over %s, without acknowledgements', (name, transport) => {
  test('gets 100 messages once each that came while it was cut off', async () => {
    client = new RealClient(name);
    await openWith(transport, []);
    await cutWhileHeld();
    expect(client.received(channel)).toEqual(hundred);
    expect((await engine.call('counts', null)).sessions).toBe(1);
  });
});

describe.each(['long-polling', 'websocket'] as const)('faye’s client over %s', (transport) => {
  test('gets 100 messages once each that came while it was cut off', async () => {
    await open('faye', transport);
    await cutWhileHeld();
    expect(client.received(channel)).toEqual(hundred);
  });
});

import { describe, expect, test } from 'vitest';
import { cometdClients } from './lib/client-calls.ts';
import type { ClientExtension, ClientTransport } from './lib/client-calls.ts';
import { EngineUnderTest } from './lib/engine-under-test.ts';
import { LossyProxy } from '@parley/testkit/lossy-proxy.ts';
import { RealClient } from './lib/real-client.ts';

// Delivery to unmodified clients over a network that breaks: nothing lost, nothing twice.

const channel = '/flap';
const transports = ['long-polling', 'websocket'] as const;
const pairs = cometdClients.flatMap((name) => transports.map((transport) => [name, transport] as const));
const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
const timeout = 60_000;

/** A client that reaches the engine through a proxy only, subscribed to the channel. */
type Line = { engine: EngineUnderTest; proxy: LossyProxy; client: RealClient };

/** What the client had received in the end, and how the engine felt about it. */
type Outcome = { received: unknown[]; sessions: number; errors: string[] };

async function onALine(
  options: { name: ConstructorParameters<typeof RealClient>[0]; transport: ClientTransport; ack: boolean },
  use: (line: Line) => Promise<void>,
): Promise<Outcome> {
  const engine = await EngineUnderTest.start({ timeoutMs: 2_000, maxIntervalMs: 20_000 });
  const proxy = await LossyProxy.open(engine.port);
  const client = new RealClient(options.name);
  try {
    const { transport } = options;
    // faye's client shakes hands over HTTP, whatever it uses then.
    const url = engine.url(options.name === 'faye' ? 'long-polling' : transport, proxy.port);
    const extensions: ClientExtension[] = options.ack ? ['Ack'] : [];
    await client.call('open', { url, transport, extensions, subscribeOnHandshake: [channel] });
    await client.until('the subscription is made', () =>
      client.metas.some((meta) => meta.channel === '/meta/subscribe' && meta.successful === true),
    );
    await use({ engine, proxy, client });
    const { sessions } = await engine.call('counts', null);
    const { errors } = await engine.call('troubles', null);
    return { received: client.received(channel), sessions, errors };
  } finally {
    await client.kill();
    await proxy.close();
    await engine.stop();
  }
}

function receivedAll(client: RealClient, count: number): Promise<void> {
  return client.until(`${count} came`, () => client.received(channel).length >= count);
}

/** Ten times ten messages; among each ten an answer is written by the server and never arrives. */
async function swallowAndCut({ engine, proxy, client }: Line): Promise<void> {
  for (let first = 0; first < 100; first += 10) {
    await engine.publish(channel, ...hundred.slice(first, first + 3));
    proxy.swallow();
    await engine.publish(channel, ...hundred.slice(first + 3, first + 6));
    if (first % 20 === 0) proxy.cut();
    await engine.publish(channel, ...hundred.slice(first + 6, first + 10));
    await receivedAll(client, first + 10);
  }
  if (proxy.swallowed < 5) throw new Error(`only ${proxy.swallowed} answers were swallowed`);
}

/**
 * 20 times: cut everything while a connect is held, let the server notice, publish five while nobody is connected, let
 * the client back in. Each return takes two connects, one that is answered and one that is held.
 */
async function cutWhileHeld({ engine, proxy, client }: Line): Promise<void> {
  let connects = 2;
  for (let first = 0; first < 100; first += 5) {
    await engine.untilCounted('connects', connects);
    proxy.block();
    await engine.until('the server noticed', (counts) => counts.connections === 0);
    await engine.publish(channel, ...hundred.slice(first, first + 5));
    connects = ((await engine.call('troubles', null)).counters['connects'] ?? 0) + 2;
    proxy.unblock();
    await receivedAll(client, first + 5);
  }
}

const each = { received: hundred, sessions: 1, errors: [] };

// Each test mostly waits for a client to come back, so several run at a time, each with its own engine.
describe.concurrent('100 messages, each once', () => {
  test.each(pairs)(
    '%s over %s with acknowledgements: answers swallowed',
    { timeout },
    async (name, transport) => {
      expect(await onALine({ name, transport, ack: true }, swallowAndCut)).toEqual(each);
    },
  );

  test.each(pairs)(
    '%s over %s: messages that came while it was cut off',
    { timeout },
    async (name, transport) => {
      expect(await onALine({ name, transport, ack: false }, cutWhileHeld)).toEqual(each);
    },
  );

  test.each(transports)(
    'faye’s client over %s: messages that came while it was cut off',
    { timeout },
    async (transport) => {
      expect(await onALine({ name: 'faye', transport, ack: false }, cutWhileHeld)).toEqual(each);
    },
  );
});

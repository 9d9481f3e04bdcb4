import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BayeuxClient, type BayeuxClientOptions } from './bayeux-client.ts';
import type { BayeuxError, BayeuxMessage } from './bayeux-message.ts';

type Answer = readonly object[] | 'drop' | { readonly status: number };
type Script = (message: BayeuxMessage) => Answer;

/**
 * A Bayeux server of a few lines: it answers as a healthy server does, holds every connect that does not ask to be
 * answered at once, and first uses up what a test has scripted for a channel.
 */
class BayeuxStub {
  readonly received: BayeuxMessage[] = [];
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  readonly #scripts = new Map<string, Script[]>();
  #watchers: (() => void)[] = [];
  #held: { readonly message: BayeuxMessage; readonly response: ServerResponse } | undefined;
  #sessions = 0;
  #batch = 0;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/cometd`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  script(channel: string, ...scripts: Script[]): void {
    this.#scripts.set(channel, [...(this.#scripts.get(channel) ?? []), ...scripts]);
  }

  /** Resolves with the `nth` message (from 1) that came in on the channel, once it has. */
  async nth(channel: string, nth: number): Promise<BayeuxMessage> {
    for (;;) {
      const found = this.on(channel)[nth - 1];
      if (found) return found;
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  on(channel: string): readonly BayeuxMessage[] {
    return this.received.filter((message) => message.channel === channel);
  }

  /** Ends the held connect with these events and the next batch number. */
  async release(events: readonly object[], more: object = {}): Promise<void> {
    while (!this.#held) await new Promise<void>((resolve) => this.#watchers.push(resolve));
    const { message, response } = this.#held;
    this.#held = undefined;
    send(response, [...events, ok(message, { ext: { ack: ++this.#batch }, ...more })]);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const replies: object[] = [];
    for (const message of JSON.parse(body) as BayeuxMessage[]) {
      this.received.push(message);
      const scripted = this.#scripts.get(message.channel)?.shift();
      const answer = scripted ? scripted(message) : this.#answer(message, response);
      if (answer === 'drop') response.destroy();
      else if (answer && 'status' in answer) response.writeHead(answer.status).end();
      else if (answer) replies.push(...answer);
    }
    if (replies.length > 0) send(response, replies);
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }

  #answer(message: BayeuxMessage, response: ServerResponse): Answer | undefined {
    if (message.channel === '/meta/handshake') {
      this.#batch = 0;
      return [ok(message, { clientId: `session${++this.#sessions}`, ext: { ack: true }, advice: advice() })];
    }
    if (message.channel === '/meta/connect') {
      if (message.advice?.timeout === 0) return [ok(message, { ext: { ack: ++this.#batch } })];
      this.#held = { message, response };
      return undefined;
    }
    return [ok(message)];
  }
}

const advice = (changes: object = {}): object => ({
  reconnect: 'retry',
  interval: 0,
  timeout: 25_000,
  ...changes,
});
const event = (data: unknown): object => ({ channel: '/v2/me/chats', data });

function ok({ id, channel, subscription }: BayeuxMessage, more: object = {}): object {
  return { id, channel, successful: true, ...(subscription ? { subscription } : {}), ...more };
}

function refused({ id, channel }: BayeuxMessage, error: string, more: object = {}): object {
  return { id, channel, successful: false, error, ...more };
}

function send(response: ServerResponse, messages: readonly object[]): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(messages));
}

/** Timers that a test lets run by hand; `set` resolves with the next timer of this delay that has not been run. */
class HandScheduler {
  readonly #timers = new Set<{ readonly delayMs: number; readonly run: () => void }>();
  #watchers: (() => void)[] = [];

  after(delayMs: number, run: () => void): () => void {
    const timer = { delayMs, run };
    this.#timers.add(timer);
    for (const watcher of this.#watchers.splice(0)) watcher();
    return () => void this.#timers.delete(timer);
  }

  async run(delayMs: number): Promise<void> {
    for (;;) {
      for (const timer of this.#timers)
        if (timer.delayMs === delayMs) {
          this.#timers.delete(timer);
          return timer.run();
        }
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  get delays(): readonly number[] {
    return [...this.#timers].map((timer) => timer.delayMs);
  }
}

let stub: BayeuxStub;
let url: string;
let scheduler: HandScheduler;
let clients: BayeuxClient[];

beforeEach(async () => {
  stub = new BayeuxStub();
  url = await stub.start();
  scheduler = new HandScheduler();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) if (client.state !== 'closed') await client.disconnect();
  await stub.stop();
});

function open(options: Partial<BayeuxClientOptions> = {}): {
  client: BayeuxClient;
  data: unknown[];
  states: string[];
} {
  const client = new BayeuxClient({ url, scheduler, random: () => 1, ...options });
  clients.push(client);
  const data: unknown[] = [];
  const states: string[] = [];
  client.on('message', (delivery) => data.push(delivery.data));
  client.on('state', (state) => states.push(state));
  return { client, data, states };
}

function next<Value>(listen: (listener: (value: Value) => void) => () => void): Promise<Value> {
  return new Promise((resolve) => {
    const unlisten = listen((value) => {
      unlisten();
      resolve(value);
    });
  });
}

const failureOf = (client: BayeuxClient): Promise<BayeuxError> =>
  next((listener) => client.on('failure', listener));

describe('BayeuxClient', () => {
  it('shakes hands, connects at once, then is held, acknowledging what it got', async () => {
    const { client, data, states } = open();
    await client.handshake();
    await client.subscribe('/v2/me/*');
    expect(await stub.nth('/meta/connect', 1)).toMatchObject({
      clientId: 'session1',
      connectionType: 'long-polling',
      advice: { timeout: 0 },
      ext: { ack: 0 },
    });
    const second = await stub.nth('/meta/connect', 2);
    expect(second.advice).toBeUndefined();
    expect(second.ext).toEqual({ ack: 1 });
    await stub.release([event('one'), event('two')]);
    expect((await stub.nth('/meta/connect', 3)).ext).toEqual({ ack: 2 });
    expect(data).toEqual(['one', 'two']);
    expect(states).toEqual(['connecting', 'connected']);
  });

  it('waits as long as the advice says between two connects', async () => {
    stub.script('/meta/connect', (message) => [ok(message, { advice: advice({ interval: 500 }) })]);
    const { client } = open();
    await client.handshake();
    await scheduler.run(500);
    expect(stub.on('/meta/connect')).toHaveLength(1);
    await stub.nth('/meta/connect', 2);
  });

  it('delivers again what was lost on the way, each message once', async () => {
    stub.script(
      '/meta/connect',
      (message) => [ok(message, { ext: { ack: 1 } })],
      () => 'drop',
      (message) => [event('lost'), ok(message, { ext: { ack: 3 } })],
      (message) => [event('lost'), event('lost too'), ok(message, { ext: { ack: 3 } })],
    );
    const { client, data } = open();
    const failure = failureOf(client);
    await client.handshake();
    expect((await failure).kind).toBe('network');
    const third = await stub.nth('/meta/connect', 3);
    expect(third).toMatchObject({ advice: { timeout: 0 }, ext: { ack: 1 }, clientId: 'session1' });
    expect((await stub.nth('/meta/connect', 5)).ext).toEqual({ ack: 3 });
    expect(data).toEqual(['lost']);
    expect(stub.on('/meta/handshake')).toHaveLength(1);
  });

  it('shakes hands again on 402 and takes its subscriptions along', async () => {
    const { client, states } = open();
    await client.handshake();
    await client.subscribe('/a', '/b');
    await client.unsubscribe('/a');
    await stub.nth('/meta/connect', 2);
    const renewed = next<undefined>((listener) => client.on('renewed', listener));
    stub.script('/meta/connect', (message) => [
      refused(message, '402::session_unknown', { advice: advice({ reconnect: 'handshake' }) }),
    ]);
    await stub.release([]);
    await renewed;
    expect(client.clientId).toBe('session2');
    expect(stub.on('/meta/subscribe').at(-1)).toMatchObject({ clientId: 'session2', subscription: '/b' });
    expect(stub.on('/meta/subscribe')).toHaveLength(3);
    expect(await stub.nth('/meta/connect', 4)).toMatchObject({
      clientId: 'session2',
      advice: { timeout: 0 },
      ext: { ack: 0 },
    });
    await stub.nth('/meta/connect', 5);
    expect(states).toEqual(['connecting', 'connected', 'broken', 'connected']);
  });

  it('backs off further after each failure in a row', async () => {
    const down: Script = () => ({ status: 503 });
    stub.script('/meta/connect', down, down, down);
    const { client } = open({ backoffStepMs: 1_000, maxBackoffMs: 1_500 });
    await client.handshake();
    await stub.nth('/meta/connect', 2);
    await scheduler.run(1_000);
    await stub.nth('/meta/connect', 3);
    await scheduler.run(1_500);
    await stub.nth('/meta/connect', 5);
    expect(client.state).toBe('connected');
  });

  it('begins again when the renewed session cannot have its subscriptions', async () => {
    const { client } = open();
    await client.handshake();
    await client.subscribe('/a');
    await stub.nth('/meta/connect', 2);
    stub.script('/meta/connect', (message) => [refused(message, '402::Unknown client')]);
    stub.script('/meta/subscribe', (message) => [refused(message, '403::subscribe_denied')]);
    await stub.release([]);
    await scheduler.run(1_000);
    await stub.nth('/meta/connect', 5);
    expect(client.clientId).toBe('session3');
    expect(stub.on('/meta/subscribe').at(-1)?.clientId).toBe('session3');
  });

  it('gives up on a connect that is not answered in time, and never reads its late answer', async () => {
    const { client, data } = open();
    await client.handshake();
    await stub.nth('/meta/connect', 2);
    const failure = failureOf(client);
    await scheduler.run(35_000);
    expect((await failure).message).toContain('in time');
    await stub.release([event('late')]);
    await stub.nth('/meta/connect', 4);
    await stub.release([event('again')]);
    await stub.nth('/meta/connect', 5);
    expect(data).toEqual(['again']);
  });

  it.each([
    [
      'reconnect: none',
      (message: BayeuxMessage): Answer => [
        refused(message, '403::denied', { advice: advice({ reconnect: 'none' }) }),
      ],
    ],
    [
      'reconnect: none in a good reply',
      (message: BayeuxMessage): Answer => [ok(message, { advice: advice({ reconnect: 'none' }) })],
    ],
    ['HTTP 403', (): Answer => ({ status: 403 })],
    [
      'a disconnect by the server',
      (message: BayeuxMessage): Answer => [{ channel: '/meta/disconnect', successful: true }, ok(message)],
    ],
  ])('closes for good on %s', async (_, script) => {
    stub.script('/meta/connect', script);
    const { client } = open();
    const failure = failureOf(client);
    await client.handshake();
    await failure;
    expect(client.state).toBe('closed');
    expect(scheduler.delays).toEqual([]);
    await expect(client.publish('/a', 1)).rejects.toMatchObject({ kind: 'closed' });
    expect(stub.on('/meta/connect')).toHaveLength(1);
  });

  it('rejects a handshake that is refused', async () => {
    stub.script('/meta/handshake', (message) => [refused(message, '403::handshake_denied')]);
    const { client } = open();
    await expect(client.handshake()).rejects.toMatchObject({ kind: 'refused', code: 403 });
    expect(client.state).toBe('closed');
  });

  it('rejects a subscription that is refused and does not carry it along', async () => {
    const { client } = open();
    await client.handshake();
    stub.script('/meta/subscribe', (message) => [refused(message, '403:denied:subscribe_denied')]);
    await expect(client.subscribe('/secret')).rejects.toMatchObject({ kind: 'refused', code: 403 });
    await stub.nth('/meta/connect', 2);
    stub.script('/meta/connect', (message) => [refused(message, '402::session_unknown')]);
    await stub.release([]);
    await stub.nth('/meta/connect', 5);
    expect(stub.on('/meta/subscribe')).toHaveLength(1);
  });

  it('publishes, and takes what a server without the ack extension sends in any reply', async () => {
    stub.script('/meta/handshake', (message) => [ok(message, { clientId: 'plain', advice: advice() })]);
    stub.script('/room', (message) => [event('own'), ok(message)]);
    const { client, data } = open();
    await client.handshake();
    expect((await stub.nth('/meta/connect', 1)).ext).toBeUndefined();
    await client.publish('/room', { text: 'hi' });
    expect(stub.on('/room')).toMatchObject([{ clientId: 'plain', data: { text: 'hi' } }]);
    expect(data).toEqual(['own']);
  });

  it('says goodbye and leaves nothing behind', async () => {
    const { client, states } = open();
    await client.handshake();
    await stub.nth('/meta/connect', 2);
    await client.disconnect();
    expect(stub.on('/meta/disconnect')).toMatchObject([{ clientId: 'session1' }]);
    expect(states.at(-1)).toBe('closed');
    expect(scheduler.delays).toEqual([]);
    await client.disconnect();
    expect(stub.on('/meta/disconnect')).toHaveLength(1);
  });

  it('hears out the server while it says goodbye, though its held connect is answered first', async () => {
    const { client } = open();
    await client.handshake();
    await stub.nth('/meta/connect', 2);
    stub.script('/meta/disconnect', (message) => {
      void stub.release([{ channel: '/meta/disconnect', successful: true }], {
        advice: advice({ reconnect: 'none' }),
      });
      return [ok(message)];
    });
    await client.disconnect();
    expect(client.state).toBe('closed');
    expect(stub.on('/meta/connect')).toHaveLength(2);
  });

  it('stops at once when its signal aborts', async () => {
    const aborter = new AbortController();
    const { client } = open({ signal: aborter.signal });
    await client.handshake();
    await stub.nth('/meta/connect', 2);
    aborter.abort();
    expect(client.state).toBe('closed');
    await expect(client.subscribe('/a')).rejects.toMatchObject({ kind: 'closed' });
    expect(stub.on('/meta/disconnect')).toEqual([]);
  });
});

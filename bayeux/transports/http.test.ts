import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { BayeuxServerOptions } from '../options.ts';
import type { MountOptions } from './mount.ts';
import { http, LongPollingClient, SpecServer, turnsUntil } from './spec-server.ts';

const json = 'application/json;charset=UTF-8';
const handshake = JSON.stringify([{ channel: '/meta/handshake', id: '1', version: '1.0' }]);

let server: SpecServer;

async function start(options: BayeuxServerOptions<string> = {}, mount: Partial<MountOptions<string>> = {}) {
  server = await SpecServer.start(options, mount);
  return server;
}

afterEach(() => server.stop());

/** A connection on which a spec writes byte by byte. */
async function open(): Promise<{ socket: Socket; text: () => string }> {
  const socket = createConnection(server.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'connect');
  return { socket, text: () => Buffer.concat(chunks).toString('utf8') };
}

function post(body: Buffer | string, headers = ''): string {
  return `POST /cometd HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
}

describe('a request', () => {
  it.each(['/cometd', '/cometd/', '/cometd/handshake', '/cometd/subscribe', '/cometd/x/y?z=1'])(
    'is served at %s',
    async (path) => {
      await start();
      const response = await http(server, { path, body: handshake });
      expect([response.status, response.headers['content-type']]).toEqual([200, json]);
      expect(JSON.parse(response.body)).toMatchObject([{ id: '1', successful: true }]);
    },
  );

  it.each(['/', '/comet', '/cometdx', '/other/cometd'])('is not served at %s', async (path) => {
    await start();
    expect((await http(server, { path, body: handshake })).status).toBe(404);
  });

  it.each([
    ['no body', { body: '' }, 400],
    ['a body that is no JSON', { body: '[{' }, 400],
    ['another method', { method: 'PUT', body: handshake }, 405],
    ['a GET without a callback', { method: 'GET' }, 400],
    ['a body that says it is too long', { body: ' '.repeat(2_000) }, 413],
    ['too many messages', { body: `[${'1,'.repeat(10)}1]` }, 413],
  ])('with %s', async (_, options, status) => {
    await start({ maxBodyBytes: 1_000, maxMessagesPerBatch: 10 });
    expect((await http(server, options)).status).toBe(status);
  });

  it('whose body turns out too long is cut off', async () => {
    await start({ maxBodyBytes: 1_000 });
    const { socket, text } = await open();
    socket.write('POST /cometd HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write(`7d0\r\n${' '.repeat(2_000)}\r\n`);
    await once(socket, 'close');
    expect(text()).toMatch(/^HTTP\/1\.1 413 /);
    expect(server.engine.snapshot().requestsTooLarge).toBe(1);
  });

  it('may split a character over two packets', async () => {
    const said: unknown[] = [];
    await start();
    server.engine.onService('/service/say', (_, message) => void said.push(message.data));
    const client = new LongPollingClient(server);
    const { clientId } = await client.connected();
    const body = Buffer.from(JSON.stringify([{ channel: '/service/say', clientId, data: 'grün €😀' }]));
    const { socket, text } = await open();
    socket.write(post(body, `Cookie: ${client.cookie}\r\n`));
    for (const byte of body) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await turnsUntil(() => text().includes('successful'));
    expect(said).toEqual(['grün €😀']);
    socket.destroy();
    client.cut();
  });

  it('may be a form of the old kind', async () => {
    await start();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const body of [`message=${encodeURIComponent(handshake)}`, handshake]) {
      const response = await http(server, { headers, body });
      expect(JSON.parse(response.body)).toMatchObject([{ successful: true }]);
    }
    expect((await http(server, { headers, body: 'other=1' })).status).toBe(400);
  });
});

describe('authentication', () => {
  const refuse = { status: 403, headers: { 'Content-Type': json }, body: '{"statusCode":3}' };

  it.each([
    ['at once', () => ({ refuse })],
    ['later', () => Promise.resolve({ refuse })],
  ])('that refuses %s answers as it says', async (_, authenticate) => {
    await start({}, { authenticate });
    const response = await http(server, { body: handshake });
    expect([response.status, response.headers['content-type'], response.body]).toEqual([
      403,
      json,
      '{"statusCode":3}',
    ]);
    expect(server.engine.snapshot()).toMatchObject({ requestsUnauthenticated: 1, messagesIn: 0 });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('oops');
      },
    ],
    ['rejects', () => Promise.reject(new Error('oops'))],
  ])('that %s is an error of ours', async (_, authenticate) => {
    const errors: unknown[] = [];
    await start({ hooks: { onError: (error) => void errors.push(error) } }, { authenticate });
    expect([(await http(server, { body: handshake })).status, errors.length]).toEqual([500, 1]);
  });

  it('may take its time', async () => {
    await start({}, { authenticate: () => Promise.resolve({ principal: 'alice' }) });
    expect(JSON.parse((await http(server, { body: handshake })).body)).toMatchObject([{ successful: true }]);
  });
});

describe('a page of another origin', () => {
  const headers = { Origin: 'https://shop.example' };

  it('is refused', async () => {
    await start();
    for (const method of ['POST', 'OPTIONS']) {
      const response = await http(server, { method, headers, body: handshake });
      expect([response.status, response.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    }
    expect(server.engine.snapshot().originsRefused).toBe(2);
  });

  it('is served when it is on the list, with credentials and never with a star', async () => {
    await start({}, { allowedOrigins: ['https://shop.example'], allowedHeaders: ['X-Token'] });
    const preflight = await http(server, { method: 'OPTIONS', path: '/cometd/connect', headers });
    expect([preflight.status, preflight.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': 'https://shop.example',
        'access-control-allow-credentials': 'true',
        'access-control-allow-headers': 'Content-Type, X-Requested-With, Authorization, X-Token',
        'access-control-max-age': '7200',
        vary: 'Origin',
      },
    ]);
    const response = await http(server, { headers, body: handshake });
    expect([response.status, response.headers]).toMatchObject([
      200,
      { 'access-control-allow-origin': 'https://shop.example', 'access-control-allow-credentials': 'true' },
    ]);
    expect(
      (await http(server, { headers: { Origin: 'https://shop.example.evil' }, body: handshake })).status,
    ).toBe(403);
  });

  it('is none when it is our own', async () => {
    await start();
    const own = { Host: 'chat.example', Origin: 'https://chat.example' };
    const response = await http(server, { headers: own, body: handshake });
    expect([response.status, response.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });
});

describe('the browser’s cookie', () => {
  it('is given out once, with the attributes asked for', async () => {
    await start(
      {},
      { cookie: { path: '/x', sameSite: 'None', secure: true, partitioned: true, maxAgeS: 60 } },
    );
    const first = await http(server, { body: handshake });
    const [cookie] = first.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(
      /^BAYEUX_BROWSER=[0-9a-f]{40}; Path=\/x; HttpOnly; Max-Age=60; Secure; SameSite=None; Partitioned$/,
    );
    const again = await http(server, {
      headers: { Cookie: `a=b; ${cookie?.split(';')[0]}; c=d` },
      body: handshake,
    });
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(server.engine.snapshot()).toMatchObject({ sessions: 2, browsers: 1 });
  });

  it('is given out anew when it is none of ours', async () => {
    await start();
    const response = await http(server, { headers: { Cookie: 'BAYEUX_BROWSER=<script>' }, body: handshake });
    expect(response.headers['set-cookie']?.[0]).toMatch(/^BAYEUX_BROWSER=[0-9a-f]{40}; /);
  });

  it.each([
    [false, '402::Unknown client'],
    [true, undefined],
  ])('decides whose session it is, unless clientIds are trusted: %s', async (trustClientId, error) => {
    await start({}, { trustClientId });
    const client = new LongPollingClient(server);
    const { clientId } = await client.connected();
    for (const Cookie of ['', 'BAYEUX_BROWSER=stolen']) {
      const body = JSON.stringify([{ channel: '/a', clientId }]);
      const response = await http(server, { headers: { Cookie }, body });
      expect((JSON.parse(response.body) as { error?: string }[])[0]?.error).toBe(error);
    }
    client.cut();
  });
});

describe('a held connect', () => {
  it('is given up with a 500 for a newer one', async () => {
    await start();
    const client = new LongPollingClient(server);
    const connect = await client.connected();
    const first = client.post([{ ...connect, id: '1' }]);
    await server.held(1);
    const second = client.post([{ ...connect, id: '2' }]);
    expect(await first).toMatchObject({ status: 500, body: '' });
    await server.held(1);
    server.clock.advance(25_100);
    expect((await second).status).toBe(200);
    client.cut();
  });

  it('gives back the events of an answer that its connection did not carry', async () => {
    await start({ maxQueueBytes: 64 * 1024 * 1024, maxBodyBytes: 1_000 });
    const client = new LongPollingClient(server);
    const connect = await client.connected();
    const { socket } = await open();
    const body = JSON.stringify([{ ...connect, id: '1' }]);
    socket.pause();
    socket.write(post(body, `Cookie: ${client.cookie}\r\n`) + body);
    await server.held(1);
    const session = server.engine.session(connect.clientId);
    // More than the kernel takes for a reader that does not read.
    session?.deliver(server.engine.prepare('/big', 'x'.repeat(32 * 1024 * 1024)));
    await server.held(0);
    expect(session?.queue).toBeUndefined();
    socket.destroy();
    await turnsUntil(() => session?.queue !== undefined);
    expect(server.engine.snapshot()).toMatchObject({ eventsPutBack: 1, slowReadersCut: 0 });
    client.cut();
  });

  it('whose reader does not read its answer is cut off', async () => {
    await start({ maxQueueBytes: 64 * 1024 * 1024 });
    const client = new LongPollingClient(server);
    const connect = await client.connected();
    const { socket } = await open();
    const body = JSON.stringify([{ ...connect, id: '1' }]);
    socket.pause();
    socket.on('error', () => {});
    socket.write(post(body, `Cookie: ${client.cookie}\r\n`) + body);
    await server.held(1);
    server.engine
      .session(connect.clientId)
      ?.deliver(server.engine.prepare('/big', 'x'.repeat(32 * 1024 * 1024)));
    await server.held(0);
    server.clock.advance(31_000);
    expect(server.engine.snapshot().slowReadersCut).toBe(1);
    client.cut();
    socket.destroy();
  });
});

it('works through the requests of one connection in order, whatever policies take', async () => {
  await start();
  const client = new LongPollingClient(server);
  const { clientId } = await client.connected();
  const seen: string[] = [];
  server.engine.onPublish('/**', (_, message) => void seen.push(message.channel));
  const slow = client.send([{ channel: '/slow/1', id: '1', clientId }]);
  await server.asked();
  const fast = client.send([{ channel: '/fast/2', id: '2', clientId }]);
  await turnsUntil(() => (server.engine.session(clientId)?.laneLength ?? 0) === 1);
  server.grant();
  await Promise.all([slow, fast]);
  expect(seen).toEqual(['/slow/1', '/fast/2']);
  client.cut();
});

it('lets only so many requests of a session wait', async () => {
  await start({ maxWaitingRequests: 1 });
  const client = new LongPollingClient(server);
  const { clientId } = await client.connected();
  const publish = () => client.post([{ channel: '/slow/1', id: '1', clientId }]);
  const first = publish();
  await server.asked();
  const second = publish();
  await turnsUntil(() => (server.engine.session(clientId)?.laneLength ?? 0) === 1);
  expect((await publish()).status).toBe(503);
  server.grant();
  await first;
  await server.asked();
  server.grant();
  expect((await second).status).toBe(200);
  client.cut();
});

import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { BayeuxServerOptions } from '../options.ts';
import type { MountOptions } from './mount.ts';
import { LongPollingClient, SpecServer, turnsUntil, WebSocketClient } from './spec-server.ts';
import { textFrame } from './text-frame.ts';

let server: SpecServer;
const clients: WebSocketClient[] = [];

async function start(options: BayeuxServerOptions<string> = {}, mount: Partial<MountOptions<string>> = {}) {
  server = await SpecServer.start(options, mount);
  return client();
}

function client(): WebSocketClient {
  const made = new WebSocketClient(server);
  clients.push(made);
  return made;
}

async function closeCode(socket: WebSocket): Promise<unknown> {
  const [code] = (await once(socket, 'close')) as unknown[];
  return code;
}

afterEach(async () => {
  for (const each of clients.splice(0)) each.cut();
  await server.stop();
});

describe('an upgrade', () => {
  async function refusal(headers: Record<string, string>): Promise<number | undefined> {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/cometd`, { headers });
    const status = await new Promise<number | undefined>((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('open', () => resolve(101));
      socket.on('error', () => {});
    });
    socket.terminate();
    return status;
  }

  it('is refused to pages of origins that are not on the list', async () => {
    await start({}, { allowedOrigins: ['https://shop.example'] });
    expect(await refusal({ Origin: 'https://evil.example' })).toBe(403);
    expect(await refusal({ Origin: 'https://shop.example' })).toBe(101);
    expect(await refusal({ Origin: `http://127.0.0.1:${server.port}` })).toBe(101);
  });

  it.each([
    ['at once', () => ({ refuse: { status: 401 } })],
    ['later', () => Promise.resolve({ refuse: { status: 401 } })],
  ])('is refused %s to whom the mount does not know', async (_, authenticate) => {
    await start({}, { authenticate });
    expect(await refusal({})).toBe(401);
  });

  it('is refused where the mount offers no WebSocket', async () => {
    await start({}, { connectionTypes: ['long-polling'] });
    expect(await refusal({})).toBe(404);
  });
});

describe('a frame', () => {
  it.each([
    ['that is binary', Buffer.from('[]'), 1003],
    ['that is no JSON', '[{', 1007],
    ['that is too long', ' '.repeat(2_000), 1009],
    ['of too many messages', `[${'1,'.repeat(10)}1]`, 1009],
  ])('%s closes the socket', async (_, content, code) => {
    const socket = await (await start({ maxBodyBytes: 1_000, maxMessagesPerBatch: 10 })).open();
    socket.send(content);
    expect(await closeCode(socket)).toBe(code);
    await turnsUntil(() => server.engine.snapshot().sockets === 0);
  });

  it.each([0, 125, 126, 65_535, 65_536, 200_000])('of %i bytes goes out whole', async (bytes) => {
    const socket = await start({ maxQueueBytes: 1_000_000 });
    const { clientId } = await socket.connected('/a');
    const text = 'ü'.repeat(bytes / 2);
    server.engine.session(clientId)?.deliver(server.engine.prepare('/a', text));
    expect(await socket.received('/a')).toEqual({ channel: '/a', data: text });
  });

  it('has the length that RFC 6455 wants', () => {
    expect(textFrame('é')).toEqual(Buffer.from([0x81, 2, 0xc3, 0xa9]));
    expect(textFrame('x'.repeat(126)).subarray(0, 4)).toEqual(Buffer.from([0x81, 126, 0, 126]));
    expect(textFrame('x'.repeat(65_536)).subarray(0, 10)).toEqual(
      Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
    );
  });

  it('carries what came in one turn, in order, events before the reply they belong to', async () => {
    const socket = await start();
    const { clientId } = await socket.connected('/a');
    const before = socket.frames.length;
    const message = { channel: '/a', clientId };
    await socket.send([
      { ...message, id: '1', data: 1 },
      { ...message, id: '2', data: 2 },
    ]);
    expect(socket.frames.slice(before)).toEqual([
      [
        { channel: '/a', data: 1 },
        { channel: '/a', data: 2 },
        { id: '1', channel: '/a', successful: true },
        { id: '2', channel: '/a', successful: true },
      ],
    ]);
  });

  it('waits its turn while a policy thinks about the one before', async () => {
    const socket = await start();
    const { clientId } = await socket.connected('/**');
    const before = socket.frames.length;
    const slow = socket.send([{ channel: '/slow', id: '1', clientId, data: 1 }]);
    await server.asked();
    const fast = socket.send([{ channel: '/fast', id: '2', clientId, data: 2 }]);
    server.grant();
    await Promise.all([slow, fast]);
    const data = socket.frames.slice(before).flatMap((frame) => frame.map((each) => each.data));
    expect(data.filter((each) => each !== undefined)).toEqual([1, 2]);
  });
});

describe('a session', () => {
  it('moves to the socket that its clientId comes from, and the old socket is closed', async () => {
    const old = await start();
    const connect = await old.connected('/a');
    const oldSocket = await old.open();
    void old.send([{ ...connect, id: '8' }]);
    await server.held(1);
    const next = client();
    const closed = closeCode(oldSocket);
    await next.send([{ ...connect, id: '9', advice: { timeout: 0 } }]);
    expect(await closed).toBe(1000);
    server.engine.publish('/a', 1);
    expect(await next.received('/a')).toEqual({ channel: '/a', data: 1 });
  });

  it('moves from a socket to long-polling', async () => {
    const socket = await start();
    const connect = await socket.connected('/a');
    const polling = new LongPollingClient(server);
    await polling.send([{ ...connect, id: '1', advice: { timeout: 0 } }]);
    const held = polling.send([{ ...connect, id: '2' }]);
    await server.held(1);
    server.engine.publish('/a', 1);
    expect(await held).toEqual([
      { channel: '/a', data: 1 },
      { id: '2', channel: '/meta/connect', successful: true },
    ]);
    polling.cut();
  });

  it('answers a connect that a newer one of the same socket replaces', async () => {
    const socket = await start();
    const connect = await socket.connected();
    const first = socket.send([{ ...connect, id: '1' }]);
    await server.held(1);
    void socket.send([{ ...connect, id: '2' }]);
    expect(await first).toEqual([{ id: '1', channel: '/meta/connect', successful: true }]);
  });

  it('that expires closes its socket', async () => {
    const socket = await start();
    await socket.connected();
    const closed = closeCode(await socket.open());
    server.clock.advance(31_000);
    expect(await closed).toBe(1000);
    await turnsUntil(() => server.engine.snapshot().sockets === 0);
  });

  it('that the server ends hears it at once', async () => {
    const socket = await start();
    const { clientId } = await socket.connected();
    const closed = closeCode(await socket.open());
    server.engine.session(clientId)?.disconnect();
    expect(await closed).toBe(1000);
    expect(socket.frames.at(-1)).toEqual([{ channel: '/meta/disconnect', successful: true }]);
  });
});

it('closes a socket that never gets a session', async () => {
  const socket = await (await start()).open();
  const closed = closeCode(socket);
  server.clock.advance(31_000);
  expect(await closed).toBe(1000);
});

it('closes the sockets of whoever may not be here any more, and of nobody else', async () => {
  const [gone, other] = [await start(), client()];
  other.user = 'bob';
  await gone.connected();
  const [goneSocket, otherSocket] = [await gone.open(), await other.open()];
  const closed = closeCode(goneSocket);
  server.engine.closeSockets((principal) => principal === 'alice');
  expect(await closed).toBe(1008);
  await turnsUntil(() => server.engine.snapshot().sockets === 1);
  expect(server.engine.snapshot().sessions).toBe(1);
  expect(otherSocket.readyState).toBe(otherSocket.OPEN);
});

it('cuts off a reader that does not read, after its time or when its queue is full', async () => {
  const bounds = { maxQueueBytes: 64 * 1024 * 1024, maxQueueEvents: 4, slowReaderTimeoutMs: 10_000 };
  const patient = await start(bounds);
  const { clientId } = await patient.connected();
  const socket = await patient.open();
  socket.pause();
  const session = server.engine.session(clientId);
  const big = server.engine.prepare('/big', 'x'.repeat(16 * 1024 * 1024));
  session?.deliver(big);
  await turnsUntil(() => session?.socket?.isCongested === true);
  session?.deliver(server.engine.prepare('/a', 1));
  await turnsUntil(() => session?.isDirty === false);
  expect(session?.queue?.length).toBe(1);
  server.clock.advance(10_100);
  expect(server.engine.snapshot()).toMatchObject({ sessions: 0, slowReadersCut: 1, sessionsExpired: 0 });

  const hasty = client();
  const other = await hasty.connected();
  (await hasty.open()).pause();
  const flooded = server.engine.session(other.clientId);
  flooded?.deliver(big);
  await turnsUntil(() => flooded?.socket?.isCongested === true);
  for (let n = 0; n < 5; n++) flooded?.deliver(server.engine.prepare('/a', n));
  expect(server.engine.snapshot()).toMatchObject({ sessions: 0, slowReadersCut: 2, sessionsOverflowed: 1 });
});

it('goes on with a reader that reads again', async () => {
  const slow = await start({ maxQueueBytes: 64 * 1024 * 1024 });
  const { clientId } = await slow.connected();
  const socket = await slow.open();
  socket.pause();
  const session = server.engine.session(clientId);
  session?.deliver(server.engine.prepare('/big', 'x'.repeat(16 * 1024 * 1024)));
  await turnsUntil(() => session?.socket?.isCongested === true);
  session?.deliver(server.engine.prepare('/a', 1));
  socket.resume();
  expect(await slow.received('/a')).toEqual({ channel: '/a', data: 1 });
  server.clock.advance(1_000);
  expect(server.engine.snapshot()).toMatchObject({ sessions: 1, slowReadersCut: 0 });
});

it('gives back what a broken connection did not carry', async () => {
  const lost = await start({ maxQueueBytes: 64 * 1024 * 1024 });
  const { clientId } = await lost.connected();
  (await lost.open()).pause();
  const session = server.engine.session(clientId);
  session?.deliver(server.engine.prepare('/big', 'x'.repeat(16 * 1024 * 1024)));
  await turnsUntil(() => session?.socket?.isCongested === true);
  lost.cut();
  await turnsUntil(() => session?.queue !== undefined);
  expect(session?.queue?.length).toBe(1);
});

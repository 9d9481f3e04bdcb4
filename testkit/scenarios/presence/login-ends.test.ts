import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';

// A push session ends with the login session that it was last used under, over either transport.

const idleTimeoutMs = 60_000;
let box: ServerInABox<ManualClock>;
const sockets: Socket[] = [];

beforeEach(async () => {
  box = await startServer({ config: { agentSession: { idleTimeoutMs } } });
});

afterEach(async () => {
  for (const { webSocket } of sockets.splice(0)) webSocket.close();
  await box.stop();
});

interface Message {
  readonly channel: string;
  readonly clientId?: string;
  readonly successful?: boolean;
}

const basic = `Basic ${btoa('marat:demo')}`;

/** Signs in; the cookie is that of a login session of its own. */
async function signIn(): Promise<string> {
  const response = await fetch(`${box.baseUrl}/api/v2/me`, { headers: { authorization: basic } });
  return response.headers.getSetCookie().map((one) => one.split(';')[0])[0] ?? '';
}

async function signOut(cookie: string): Promise<void> {
  const response = await fetch(`${box.baseUrl}/api/v2/me`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ operationName: 'EndContactCenterSession' }),
  });
  expect(await response.json()).toEqual({ statusCode: 0 });
}

interface Socket {
  readonly webSocket: WebSocket;
  ask(message: object): Promise<Message>;
  /** The code with which it was closed; undefined while it is open. */
  code: number | undefined;
}

async function openSocket(headers: Record<string, string>): Promise<Socket> {
  const webSocket = new WebSocket(`${box.baseUrl.replace('http', 'ws')}/api/v2/notifications`, { headers });
  await once(webSocket, 'open');
  const waiting = new Map<string, (message: Message) => void>();
  let lastId = 0;
  const socket: Socket = {
    webSocket,
    code: undefined,
    ask: (message) =>
      new Promise((resolve) => {
        const id = String((lastId += 1));
        waiting.set(id, resolve);
        webSocket.send(JSON.stringify([{ ...message, id }]));
      }),
  };
  webSocket.on('message', (frame: Buffer) => {
    for (const message of JSON.parse(frame.toString()) as (Message & { readonly id?: string })[])
      waiting.get(message.id ?? '')?.(message);
  });
  webSocket.on('close', (code) => void (socket.code = code));
  sockets.push(socket);
  return socket;
}

const handshake = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['websocket'] };
const connect = (clientId: string | undefined, connectionType = 'websocket') => ({
  channel: '/meta/connect',
  clientId,
  connectionType,
});

/** A socket on which a push session is connected and holds its second connect. */
async function connected(headers: Record<string, string>): Promise<Socket & { readonly clientId: string }> {
  const socket = await openSocket(headers);
  const { clientId = '' } = await socket.ask(handshake);
  await socket.ask(connect(clientId));
  void socket.ask(connect(clientId));
  return Object.assign(socket, { clientId });
}

const closed = (socket: Socket) => vi.waitFor(() => expect(socket.code).toBe(1000));

it('a WebSocket is closed when its agent signs out, and that of another login session is not', async () => {
  const [first, second] = [await signIn(), await signIn()];
  const [one, other] = [await connected({ cookie: first }), await connected({ cookie: second })];
  await signOut(first);
  await closed(one);
  expect(other.code).toBeUndefined();
  expect(
    await other.ask({ channel: '/meta/subscribe', clientId: other.clientId, subscription: '/a' }),
  ).toMatchObject({ successful: true });
});

it('a WebSocket is closed when nothing was heard of its login session for too long', async () => {
  const socket = await connected({ cookie: await signIn() });
  box.clock.advance(idleTimeoutMs - 1);
  await socket.ask({ channel: '/meta/subscribe', clientId: socket.clientId, subscription: '/a' });
  box.clock.advance(idleTimeoutMs - 1);
  expect(socket.code).toBeUndefined();
  box.clock.advance(1);
  await closed(socket);
});

it('a WebSocket that is older than the end of its login session begins no push session', async () => {
  const cookie = await signIn();
  const socket = await openSocket({ cookie });
  await signOut(cookie);
  expect(await socket.ask(handshake)).toMatchObject({ channel: '/meta/handshake', successful: false });
});

it('a push session that goes on under another login session ends with that one and not with its first', async () => {
  const [first, second] = [await signIn(), await signIn()];
  const { clientId } = await connected({ cookie: first });
  const moved = await openSocket({ cookie: second });
  expect(await moved.ask({ channel: '/meta/subscribe', clientId, subscription: '/a' })).toMatchObject({
    successful: true,
  });
  void moved.ask(connect(clientId));
  await vi.waitFor(() => expect(sockets[0]?.code).toBe(1000));
  await signOut(first);
  expect(await moved.ask({ channel: '/meta/subscribe', clientId, subscription: '/b' })).toMatchObject({
    successful: true,
  });
  void moved.ask(connect(clientId));
  await signOut(second);
  await closed(moved);
});

it('a held poll is answered with the end of its session when its agent signs out', async () => {
  const cookie = await signIn();
  let browser = '';
  const post = async (message: object): Promise<Message[]> => {
    const response = await fetch(`${box.baseUrl}/api/v2/notifications`, {
      method: 'POST',
      headers: { cookie: `${cookie}; ${browser}`, 'content-type': 'application/json' },
      body: JSON.stringify([message]),
    });
    browser ||= response.headers.getSetCookie().map((one) => one.split(';')[0])[0] ?? '';
    return (await response.json()) as Message[];
  };
  const [shaken] = await post({ ...handshake, supportedConnectionTypes: ['long-polling'] });
  await post(connect(shaken?.clientId, 'long-polling'));
  const held = post(connect(shaken?.clientId, 'long-polling'));
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${box.baseUrl}/metrics`)).text();
    expect(metrics).toMatch(/^parley_push_connects_total 2$/m);
  });
  await signOut(cookie);
  expect(await held).toContainEqual({ channel: '/meta/disconnect', successful: true });
});

it('a WebSocket that was opened with a password is closed when the password changes', async () => {
  const admin = box.agent('admin');
  await admin.signIn();
  const { id } = await box.agent('marat').signIn();
  const [idle, busy] = [
    await openSocket({ authorization: basic }),
    await connected({ authorization: basic }),
  ];
  await admin.fetch(`${box.baseUrl}/api/v2/users/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ password: 'another one' }),
  });
  await vi.waitFor(() => expect(idle.code).toBe(1008));
  await closed(busy);
});

import { RawPoll } from './raw-poll.ts';
import { RawWebSocket, frameBytes } from './raw-websocket.ts';

/**
 * Sessions that come, subscribe, connect and go. Each returns what is still open on purpose (a connection nobody reads),
 * to be closed when the server has given the session up, or nothing.
 */
export type WayToGo = (port: number, n: number) => Promise<(() => void) | undefined>;

/** Over long-polling. */
export const pollingWays: Record<string, WayToGo> = {
  'says goodbye': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    await poll.ask([{ channel: '/meta/disconnect', clientId, id: '9' }]);
    return void poll.destroy();
  },
  'says goodbye while its connect is held': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    poll.send([connect(clientId)]);
    const other = new RawPoll(port, `${userHeader(n)}Cookie: ${poll.cookie}\r\n`);
    await other.ask([{ channel: '/meta/disconnect', clientId, id: '9' }]);
    poll.destroy();
    return void other.destroy();
  },
  'never connects': async (port, n) => {
    const poll = new RawPoll(port, userHeader(n));
    await poll.ask([handshake]);
    return void poll.destroy();
  },
  'connects once and is never heard of again, with events waiting': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    await poll.ask([{ channel: `/leak/${n}`, clientId, data: 'for nobody', id: '8' }]);
    return void poll.destroy();
  },
  'closes its connection while its connect is held': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    poll.send([connect(clientId)]);
    return void poll.destroy();
  },
  'resets its connection while its connect is held': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    poll.send([connect(clientId)]);
    return void setImmediate(() => poll.destroy(true));
  },
  'half-open: holds its connect and neither reads nor closes': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    poll.send([connect(clientId)]);
    poll.pause();
    return () => poll.destroy();
  },
  'connects again and again, each time giving up the one before': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    for (let again = 0; again < 3; again += 1) {
      const next = new RawPoll(port, `${userHeader(n)}Cookie: ${poll.cookie}\r\n`);
      next.send([connect(clientId)]);
      setImmediate(() => next.destroy());
    }
    return void poll.destroy();
  },
  'subscribes to much and unsubscribes from a part': async (port, n) => {
    const { poll, clientId } = await pollingSession(port, n);
    const names = [`/leak/${n}/a`, `/leak/${n}/*`, '/leak/**', `/leak/${n}/b`];
    await poll.ask([
      { channel: '/meta/subscribe', clientId, subscription: names, id: '5' },
      { channel: '/meta/unsubscribe', clientId, subscription: names.slice(0, 2), id: '6' },
    ]);
    return void poll.destroy();
  },
};

/** Over WebSocket. */
export const socketWays: Record<string, WayToGo> = {
  'says goodbye': async (port, n) => {
    const { socket, ask, clientId } = await socketSession(port, n);
    await ask([{ channel: '/meta/disconnect', clientId, id: '9' }]);
    return void socket.destroy();
  },
  'sends a close frame': async (port, n) => {
    const { socket } = await socketSession(port, n);
    socket.send(frameBytes({ payload: Buffer.from([0x03, 0xe8]), opcode: 8 }));
    await socket.until(() => socket.isClosed, 2_000);
    return void socket.destroy();
  },
  'closes its connection while its connect is held': async (port, n) => {
    const { socket, send, clientId } = await socketSession(port, n);
    send([connect(clientId)]);
    return void socket.destroy();
  },
  'resets its connection': async (port, n) => {
    const { socket } = await socketSession(port, n);
    return void socket.destroy(true);
  },
  'half-open: neither reads nor closes': async (port, n) => {
    const { socket, send, clientId } = await socketSession(port, n);
    send([connect(clientId)]);
    socket.pause();
    return () => socket.destroy();
  },
  'moves to another socket and leaves both': async (port, n) => {
    const { socket, clientId } = await socketSession(port, n);
    const other = await RawWebSocket.open(port, userHeader(n));
    other.send(frameBytes({ payload: JSON.stringify([connect(clientId)]) }));
    socket.destroy();
    return void setImmediate(() => other.destroy());
  },
  'opens a socket and never shakes hands': async (port) => {
    const socket = await RawWebSocket.open(port);
    return void socket.destroy();
  },
};

const handshake = {
  channel: '/meta/handshake',
  version: '1.0',
  supportedConnectionTypes: ['websocket', 'long-polling'],
  id: '1',
};

function connect(clientId: string): object {
  return { channel: '/meta/connect', clientId, connectionType: 'long-polling', id: '7' };
}

/** Three sessions each share a user, so that the users' counts go up and down. */
function userHeader(n: number): string {
  return `X-User: user-${Math.floor(n / 3)}\r\n`;
}

async function pollingSession(port: number, n: number): Promise<{ poll: RawPoll; clientId: string }> {
  const poll = new RawPoll(port, userHeader(n));
  const ext = n % 2 === 0 ? { ext: { ack: true } } : {};
  const [reply] = await poll.ask([{ ...handshake, ...ext }]);
  const clientId = String(reply?.['clientId']);
  const subscription = [`/leak/${n}`, '/leak/all'];
  const replies = await poll.ask([{ channel: '/meta/subscribe', clientId, subscription, id: '2' }]);
  replies.push(...(await poll.ask([{ ...connect(clientId), advice: { timeout: 0 } }])));
  if (replies.some((each) => each['successful'] === false)) throw new Error(JSON.stringify(replies));
  return { poll, clientId };
}

type SocketSession = {
  socket: RawWebSocket;
  clientId: string;
  send: (messages: object[]) => void;
  ask: (messages: object[]) => Promise<Record<string, unknown>>;
};

async function socketSession(port: number, n: number): Promise<SocketSession> {
  const socket = await RawWebSocket.open(port, userHeader(n));
  const send = (messages: object[]): void => socket.send(frameBytes({ payload: JSON.stringify(messages) }));
  const ask = async (messages: object[]): Promise<Record<string, unknown>> => {
    socket.texts.length = 0;
    send(messages);
    // Events of other sessions may come before the reply.
    const reply = (): Record<string, unknown> | undefined =>
      socket.texts
        .flatMap((text) => JSON.parse(text) as Record<string, unknown>[])
        .find((each) => Object.hasOwn(each, 'successful'));
    await socket.until(() => reply() !== undefined, 5_000);
    const found = reply();
    if (found?.['successful'] !== true)
      throw new Error(`${JSON.stringify(messages)}: ${socket.texts.join()}`);
    return found;
  };
  const ext = n % 2 === 0 ? { ext: { ack: true } } : {};
  const clientId = String((await ask([{ ...handshake, ...ext }]))['clientId']);
  await ask([{ channel: '/meta/subscribe', clientId, subscription: [`/leak/${n}`, '/leak/**'], id: '2' }]);
  await ask([{ ...connect(clientId), advice: { timeout: 0 } }]);
  return { socket, clientId, send, ask };
}

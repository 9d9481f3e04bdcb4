import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { servePeer } from './peer.ts';

/**
 * The limit: `ws` and JSON, the same frames and the same deliveries, and nothing of a session. The publisher gets its
 * own copy and the reply in one frame. On `/echo` every frame is sent back as it came.
 */
type Request = { channel: string; id: string; subscription: string; data: unknown };

const channels = new Map<string, WebSocket[]>();
const server = createServer();

new WebSocketServer({ server }).on('connection', (socket, request) => {
  // The load ends by closing its sockets with frames still under way.
  socket.on('error', () => socket.terminate());
  if (request.url === '/echo') socket.on('message', (bytes) => socket.send(bytes, { binary: false }));
  else socket.on('message', (bytes) => handle((JSON.parse(String(bytes)) as [Request])[0], socket));
});

function handle({ channel, id, subscription, data }: Request, socket: WebSocket): void {
  if (channel === '/meta/handshake') {
    socket.send(`[${JSON.stringify({ channel, id, clientId: '0', successful: true, version: '1.0' })}]`);
  } else if (channel === '/meta/connect') {
    // The heartbeat is held until the run is over: no figure of this benchmark contains one.
    if (id === '1') socket.send(`[${JSON.stringify({ channel, id, successful: true })}]`);
  } else if (channel === '/meta/subscribe') {
    channels.set(subscription, [...(channels.get(subscription) ?? []), socket]);
    socket.send(`[${JSON.stringify({ channel, id, subscription, successful: true })}]`);
  } else {
    const own = publish(channel, data, socket);
    const reply = JSON.stringify({ channel, id, successful: true });
    socket.send(own === undefined ? `[${reply}]` : `[${own},${reply}]`);
  }
}

function publish(channel: string, payload: unknown, publisher: WebSocket | undefined): string | undefined {
  const event = JSON.stringify({ channel, data: payload });
  let own: string | undefined;
  for (const socket of channels.get(channel) ?? []) {
    if (socket === publisher) own = event;
    else socket.send(`[${event}]`);
  }
  return own;
}

await servePeer(server, (channel, payload) => void publish(channel, payload, undefined));

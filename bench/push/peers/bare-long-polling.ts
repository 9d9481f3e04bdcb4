import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mountPath } from '../orders.ts';
import { servePeer } from './peer.ts';

/**
 * The limit: node:http and JSON, the same requests and the same deliveries, and nothing of a session. A slot is where a
 * poll is parked, or what came while none was; there is no identity, expiry, check, limit or order to keep. Like any
 * server after the Bayeux manner it puts the publisher's own copy into the answer to the publish.
 */
type Slot = { poll: ServerResponse | undefined; pollId: string; waiting: string[]; connected: boolean };
type Request = { channel: string; id: string; clientId: string; subscription: string; data: unknown };

const slots: Slot[] = [];
const channels = new Map<string, Slot[]>();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    if (request.url === '/echo') return end(response, JSON.stringify(JSON.parse(body)));
    const [message] = JSON.parse(body) as [Request];
    handle(message, response, request);
  });
});

function handle(message: Request, response: ServerResponse, request: IncomingMessage): void {
  if (!request.url?.startsWith(mountPath)) throw new Error(`asked for ${request.url}`);
  const { channel, id } = message;
  if (channel === '/meta/handshake') {
    slots.push({ poll: undefined, pollId: '', waiting: [], connected: false });
    const clientId = String(slots.length - 1);
    end(response, `[${JSON.stringify({ channel, id, clientId, successful: true, version: '1.0' })}]`);
    return;
  }
  const slot = slots[Number(message.clientId)] as Slot;
  if (channel === '/meta/connect') connect(slot, id, response);
  else if (channel === '/meta/subscribe') {
    channels.set(message.subscription, [...(channels.get(message.subscription) ?? []), slot]);
    end(
      response,
      `[${JSON.stringify({ channel, id, subscription: message.subscription, successful: true })}]`,
    );
  } else {
    const own = publish(channel, message.data, slot);
    const reply = JSON.stringify({ channel, id, successful: true });
    end(response, own === undefined ? `[${reply}]` : `[${own},${reply}]`);
  }
}

function connect(slot: Slot, id: string, response: ServerResponse): void {
  slot.pollId = id;
  if (slot.connected && slot.waiting.length === 0) {
    slot.poll = response;
    return;
  }
  slot.connected = true;
  const events = slot.waiting.splice(0);
  end(response, `[${[...events, connectReply(slot)].join()}]`);
}

function publish(channel: string, payload: unknown, publisher: Slot | undefined): string | undefined {
  const event = JSON.stringify({ channel, data: payload });
  let own: string | undefined;
  for (const slot of channels.get(channel) ?? []) {
    if (slot === publisher) own = event;
    else if (slot.poll === undefined) slot.waiting.push(event);
    else {
      const poll = slot.poll;
      slot.poll = undefined;
      end(poll, `[${event},${connectReply(slot)}]`);
    }
  }
  return own;
}

function connectReply(slot: Slot): string {
  return JSON.stringify({ channel: '/meta/connect', id: slot.pollId, successful: true });
}

function end(response: ServerResponse, body: string): void {
  const headers = {
    'Content-Type': 'application/json;charset=UTF-8',
    'Content-Length': Buffer.byteLength(body),
  };
  response.writeHead(200, headers);
  response.end(body);
}

await servePeer(server, (channel, payload) => void publish(channel, payload, undefined));

import { deliveryOf } from '@parley/contract/bayeux/messages.ts';
import {
  bayeuxMounts,
  customerChannels,
  metaChannels,
  topics,
  type PushChannel,
} from '@parley/contract/notifications.ts';
import { ComponentSchemas, type Json, type JsonObject } from './component-schemas.ts';
import { version } from './version.ts';

const description = [
  'What agents are told and customers may publish, over Bayeux 1.0 as CometD speaks it.',
  '',
  'Transport: HTTP POST of a JSON array of messages (long-polling), or a WebSocket on the same URL. A client shakes hands,',
  'subscribes, and keeps one connect request waiting; deliveries come back before the reply to it. Requests carry the',
  'cookie of the login session or HTTP Basic.',
  '',
  '- `advice` of a reply says how long a connect is held (`timeout`), how long to wait before the next (`interval`) and',
  '  what to do when the session is gone (`reconnect: handshake`).',
  '- `ext.ack`: asked for with `true` in the handshake. Each connect reply then names its batch, each connect request the',
  '  last batch received; what was not acknowledged is sent again.',
  '- `ext.replay`: asked for with `true` in the handshake. Deliveries then carry `ext.replay.position`, and a subscribe may',
  '  name the position after which to go on, by channel.',
].join('\n');

/** The AsyncAPI 3.0 description of the push channels: what the server sends and receives. */
export function asyncApi(): JsonObject {
  const schemas = new ComponentSchemas();
  const messages: Record<string, Json> = {};
  const channels: Record<string, Json> = {};
  const operations: Record<string, Json> = {};
  for (const [address, channel] of Object.entries<PushChannel>({
    ...metaChannels,
    ...topics,
    ...customerChannels,
  })) {
    const name = nameOf(address);
    const sent = channel.sent.map((schema) => addMessage(address, schema, { schemas, messages }));
    const received = channel.received.map((schema) => addMessage(address, schema, { schemas, messages }));
    const all = [...new Set([...sent, ...received])];
    channels[name] = {
      address,
      summary: channel.summary,
      ...parametersOf(address),
      messages: Object.fromEntries(all.map((id) => [id, { $ref: `#/components/messages/${id}` }])),
    };
    if (sent.length > 0) operations[`send.${name}`] = operationOf('send', name, sent);
    if (received.length > 0) operations[`receive.${name}`] = operationOf('receive', name, received);
  }
  return {
    asyncapi: '3.0.0',
    info: { title: 'Parley notifications', version, description, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    servers: Object.fromEntries(bayeuxMounts.map((pathname) => [nameOf(pathname), serverOf(pathname)])),
    channels,
    operations,
    components: { messages, schemas: schemas.all() },
  };
}

function serverOf(pathname: string): JsonObject {
  const bayeux = { version: '1.0', connectionTypes: ['long-polling', 'callback-polling', 'websocket'] };
  return { host: '127.0.0.1:8080', pathname, protocol: 'http', 'x-bayeux': bayeux };
}

interface Parts {
  readonly schemas: ComponentSchemas;
  readonly messages: Record<string, Json>;
}

/** Adds a message and returns its id. A topic's payload goes into the message that delivers it. */
function addMessage(
  address: string,
  schema: { readonly title?: string },
  { schemas, messages }: Parts,
): string {
  const title = schema.title;
  if (title === undefined) throw new Error(`a message of ${address} has no title`);
  const whole = address.startsWith('/meta/') ? schema : deliveryOf(address, schema);
  messages[title] = { name: title, payload: schemas.place(whole) };
  return title;
}

function operationOf(action: 'send' | 'receive', name: string, messageIds: readonly string[]): JsonObject {
  return {
    action,
    channel: { $ref: `#/channels/${name}` },
    messages: messageIds.map((id) => ({ $ref: `#/channels/${name}/messages/${id}` })),
    bindings: { http: { method: 'POST', bindingVersion: '0.3.0' } },
  };
}

/** `/v2/me/chats` → `v2.me.chats`: ids must not hold a slash. */
function nameOf(address: string): string {
  return address.slice(1).replaceAll('/', '.').replaceAll(/[{}]/g, '');
}

function parametersOf(address: string): JsonObject {
  const names = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name as string, {}] as const);
  return names.length > 0 ? { parameters: Object.fromEntries(names) } : {};
}

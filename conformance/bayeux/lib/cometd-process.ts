import { createRequire } from 'node:module';
import type {
  ClientCall,
  ClientExtension,
  ClientMessage,
  ClientReport,
  CometdClientName,
  OpenOptions,
} from './client-calls.ts';

// The process around one unmodified CometD client: the adapters write to `global.window`, so each client has its own.

type Callback = (message: ClientMessage) => void;
type Cometd = {
  configure: (configuration: object) => void;
  unregisterTransport: (name: string) => void;
  registerExtension: (name: string, extension: object) => boolean;
  addListener: (channel: string, callback: Callback) => unknown;
  handshake: (callback: Callback) => void;
  subscribe: (channel: string, onEvent: Callback, onReply?: Callback) => object;
  unsubscribe: (subscription: object, onReply: Callback) => void;
  publish: (channel: string, data: unknown, onReply: Callback) => void;
  remoteCall: (target: string, data: unknown, timeoutMs: number, callback: Callback) => void;
  batch: (group: () => void) => void;
  disconnect: (onReply: Callback) => void;
  reload: () => void;
  getClientId: () => string;
  /** A method up to 7.x, a property from 8.0 on. */
  getTransport: () => { getType?: () => string; type?: string };
};
type Extensions = Record<`${ClientExtension}Extension`, new () => object>;
type ClientPackage = { CometD: new () => Cometd } & Extensions;

const callTimeoutMs = 8_000;

const { adapter, client } = await load(process.argv[2] as CometdClientName);
adapter.adapt();
const stored = new Map<string, string>();
Object.assign((globalThis as unknown as { window: object }).window, {
  sessionStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  },
});

let cometd: Cometd;
let opened: OpenOptions;
const subscriptions = new Map<string, object>();

const calls = {
  open: (options: OpenOptions) => {
    opened = options;
    return open();
  },
  subscribe: ({ channel }: { channel: string }) =>
    reply((done) => subscriptions.set(channel, cometd.subscribe(channel, reportEvent, done))),
  unsubscribe: ({ channel }: { channel: string }) =>
    reply((done) => cometd.unsubscribe(subscriptions.get(channel) as object, done)),
  publish: ({ channel, data }: { channel: string; data: unknown }) =>
    reply((done) => cometd.publish(channel, data, done)),
  batch: async (publishes: { channel: string; data: unknown }[]) => {
    const replies: Promise<ClientMessage>[] = [];
    cometd.batch(() => {
      for (const { channel, data } of publishes)
        replies.push(reply((done) => cometd.publish(channel, data, done)));
    });
    return Promise.all(replies);
  },
  subscribeAndPublish: async ({ channel, data }: { channel: string; data: unknown }) => {
    const replies: Promise<ClientMessage>[] = [];
    cometd.batch(() => {
      replies.push(reply((done) => subscriptions.set(channel, cometd.subscribe(channel, reportEvent, done))));
      replies.push(reply((done) => cometd.publish(channel, data, done)));
    });
    return Promise.all(replies);
  },
  remoteCall: ({ target, data }: { target: string; data: unknown }) =>
    reply((done) => cometd.remoteCall(target, data, callTimeoutMs, done)),
  reload: async () => {
    cometd.reload();
    return open();
  },
  state: () => ({ clientId: cometd.getClientId(), transport: transportInUse() }),
  disconnect: () => reply((done) => cometd.disconnect(done)),
};

function transportInUse(): string {
  const transport = cometd.getTransport();
  return transport.getType?.() ?? transport.type ?? 'none';
}

function open(): Promise<ClientMessage> {
  cometd = new client.CometD();
  for (const name of ['websocket', 'long-polling', 'callback-polling']) {
    if (name !== opened.transport) cometd.unregisterTransport(name);
  }
  const { url, requestHeaders = {} } = opened;
  cometd.configure({ url, requestHeaders, logLevel: 'warn', backoffIncrement: 50, maxBackoff: 200 });
  for (const name of opened.extensions) {
    cometd.registerExtension(name.toLowerCase(), new client[`${name}Extension`]());
  }
  const current = cometd;
  for (const channel of ['/meta/handshake', '/meta/connect', '/meta/subscribe', '/meta/disconnect']) {
    cometd.addListener(channel, (message) => report({ kind: 'meta', message }));
  }
  cometd.addListener('/meta/handshake', (message) => {
    if (message.successful !== true || cometd !== current) return;
    for (const channel of opened.subscribeOnHandshake) cometd.subscribe(channel, reportEvent);
  });
  return reply((done) => cometd.handshake(done));
}

async function load(
  name: CometdClientName,
): Promise<{ adapter: { adapt: () => void }; client: ClientPackage }> {
  if (name === 'cometd' || name === 'cometd-8') {
    return {
      adapter: (await import('cometd-nodejs-client')) as { adapt: () => void },
      client: (await import(name)) as unknown as ClientPackage,
    };
  }
  const require = createRequire(import.meta.url);
  const loaded = require(name) as ClientPackage;
  for (const extension of ['Ack', 'Reload', 'TimeSync', 'TimeStamp'] as const) {
    loaded[`${extension}Extension`] = require(`${name}/${extension}Extension.js`) as new () => object;
  }
  return { adapter: require('cometd-nodejs-client-1') as { adapt: () => void }, client: loaded };
}

function reply(act: (done: Callback) => void): Promise<ClientMessage> {
  return new Promise((resolve) => act(resolve));
}

function reportEvent(message: ClientMessage): void {
  report({ kind: 'event', message });
}

function report(message: ClientReport): void {
  // An extension of the 3.x line leaves objects with cycles on failed messages; what the test reads is plain.
  const plain = JSON.stringify(message, (key, value: unknown) => (key === 'xhr' ? undefined : value));
  process.send?.(JSON.parse(plain));
}

async function obey({ call, name, argument }: ClientCall): Promise<void> {
  try {
    const act = calls[name] as (argument: unknown) => unknown;
    report({ kind: 'answer', call, result: await act(argument) });
  } catch (error) {
    report({ kind: 'answer', call, error: String(error) });
  }
}

process.on('disconnect', () => process.exit());
process.on('message', (call: ClientCall) => void obey(call));

import faye from 'faye';
import type { ClientCall, ClientMessage, ClientReport, OpenOptions } from './client-calls.ts';

// The process around faye's unmodified client. It shakes hands by itself, has no extensions of CometD's, and answers
// with promises instead of messages: what it says is put into the words of the other clients.

let client: InstanceType<typeof faye.Client>;
const subscriptions = new Map<string, { cancel: () => Promise<void> }>();

const calls = {
  open: async ({ url, transport, subscribeOnHandshake }: OpenOptions) => {
    client = new faye.Client(url, { retry: 0.1, timeout: 10 });
    // It always shakes hands over long-polling and then moves to a WebSocket where the server offers one.
    if (transport === 'long-polling') client.disable('websocket');
    client.addExtension({
      incoming: (message, callback) => {
        if (message.channel.startsWith('/meta/')) report({ kind: 'meta', message });
        callback(message);
      },
    });
    await new Promise<void>((resolve, reject) => {
      client.connect(resolve, undefined);
      client.on('transport:down', () => reject(new Error('transport down')));
    });
    for (const channel of subscribeOnHandshake) await calls.subscribe({ channel });
    return { channel: '/meta/handshake', successful: true };
  },
  subscribe: async ({ channel }: { channel: string }): Promise<ClientMessage> => {
    const subscription = client.subscribe(channel, (data) =>
      report({ kind: 'event', message: { channel, data } }),
    );
    subscriptions.set(channel, subscription);
    return outcome('/meta/subscribe', subscription);
  },
  unsubscribe: async ({ channel }: { channel: string }) =>
    outcome('/meta/unsubscribe', subscriptions.get(channel)?.cancel()),
  publish: async ({ channel, data }: { channel: string; data: unknown }) =>
    outcome(channel, client.publish(channel, data)),
  batch: async (publishes: { channel: string; data: unknown }[]) =>
    Promise.all(publishes.map(({ channel, data }) => outcome(channel, client.publish(channel, data)))),
  disconnect: async () => outcome('/meta/disconnect', client.disconnect()),
};

async function outcome(channel: string, promise: PromiseLike<unknown> | undefined): Promise<ClientMessage> {
  try {
    await promise;
    return { channel, successful: true };
  } catch (error) {
    return { channel, successful: false, error: (error as Error).message };
  }
}

function report(message: ClientReport): void {
  process.send?.(message);
}

async function obey({ call, name, argument }: ClientCall): Promise<void> {
  try {
    const act = (calls as Record<string, (argument: never) => Promise<unknown>>)[name];
    if (act === undefined) throw new Error(`faye's client cannot ${name}`);
    report({ kind: 'answer', call, result: await act(argument as never) });
  } catch (error) {
    report({ kind: 'answer', call, error: String(error) });
  }
}

process.on('disconnect', () => process.exit());
process.on('message', (call: ClientCall) => void obey(call));

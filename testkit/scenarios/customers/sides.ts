import { BayeuxClient } from '@parley/client/bayeux-client.ts';
import type { Fetch } from '@parley/client/fetch.ts';
import type { CustomerEvent, CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';

/** A customer's request or publish, in the words of CometD (gms-customer-api §6.3). */
export type Fields = Readonly<Record<string, unknown>>;
export type Reply = CustomerReply | CustomerFailure;

/** A customer over one of the ways to the server; all of them are played by the same scenarios. */
export interface Side {
  /** Opens a chat. */
  open(fields: Fields): Promise<Reply>;
  /** Publishes an operation, or posts it; the failure that came of it, if one did. */
  operate(operation: string, fields?: Fields): Promise<Reply | undefined>;
  /** The events so far, once the last is of this type and there are so many at least. */
  until(type: CustomerEvent['type'], count?: number): Promise<readonly CustomerEvent[]>;
  /** Every time it was told that something has failed. */
  readonly failures: readonly CustomerFailure[];
  /** Whether the server has said that the chat is over. */
  readonly ended: boolean;
  /** What another tab needs to be in the same chat. */
  readonly key: { readonly chatId: string; readonly secureKey: string };
  /** Goes into a chat that another tab has opened; hears everything from the position on. */
  restore(key: Side['key'], transcriptPosition: number | string): Promise<void>;
  close(): Promise<void>;
}

export const ways = ['REST', 'CometD long-polling', 'CometD WebSocket'] as const;
export type Way = (typeof ways)[number];

const service = 'customer-support';
const channel = `/service/chatV2/${service}`;
const patienceMs = 10_000;

/** Something that is looked at again whenever anything has come in. */
class Inbox {
  readonly replies: Reply[] = [];
  readonly #waiting = new Set<() => void>();

  put(reply: Reply): void {
    this.replies.push(reply);
    for (const look of this.#waiting) look();
  }

  async find<Found>(find: () => Found | undefined, what: string): Promise<Found> {
    const found = find();
    if (found !== undefined) return found;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const late = find();
        if (late === undefined) return;
        done();
        resolve(late);
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`waited in vain for ${what}; came: ${JSON.stringify(this.replies)}`));
      }, patienceMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
    });
  }

  get events(): readonly CustomerEvent[] {
    return this.replies.flatMap(({ messages }) => messages);
  }

  eventsUntil(type: CustomerEvent['type'], count: number): Promise<readonly CustomerEvent[]> {
    const isThere = (): boolean => this.events.at(-1)?.type === type && this.events.length >= count;
    return this.find(() => (isThere() ? this.events : undefined), type);
  }
}

const paths: Readonly<Record<string, string>> = { sendMessage: 'send', requestNotifications: 'refresh' };

class RestSide implements Side {
  readonly #url: string;
  readonly #events: CustomerEvent[] = [];
  #position = 1;
  readonly failures: CustomerFailure[] = [];
  key = { chatId: '', secureKey: '' };
  ended = false;

  constructor(baseUrl: string) {
    this.#url = `${baseUrl}/genesys/2/chat/${service}`;
  }

  async open(fields: Fields): Promise<Reply> {
    const reply = await this.#post('', fields);
    if (reply.statusCode === 0) this.key = { chatId: reply.chatId, secureKey: reply.secureKey };
    return reply;
  }

  operate(operation: string, fields: Fields = {}): Promise<Reply> {
    return this.#post(`/${this.key.chatId}/${paths[operation] ?? operation}`, {
      secureKey: this.key.secureKey,
      ...fields,
    });
  }

  async until(type: CustomerEvent['type'], count = 1): Promise<readonly CustomerEvent[]> {
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      const reply = await this.operate('refresh', { transcriptPosition: this.#position });
      this.#events.push(...reply.messages);
      if (reply.statusCode === 0) this.#position = reply.nextPosition ?? this.#position;
      if (this.#events.at(-1)?.type === type && this.#events.length >= count) return this.#events;
    }
    throw new Error(`waited in vain for ${type}; came: ${JSON.stringify(this.#events)}`);
  }

  async restore(key: Side['key'], transcriptPosition: number | string): Promise<void> {
    this.key = key;
    this.#position = Number(transcriptPosition) || 1;
  }

  close = (): Promise<void> => Promise.resolve();

  async #post(path: string, fields: Fields): Promise<Reply> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    const reply = (await response.json()) as Reply;
    if (reply.statusCode !== 0) this.failures.push(reply);
    this.ended ||= reply.chatEnded;
    return reply;
  }
}

interface Wire {
  readonly publish: (data: Fields) => Promise<void>;
  readonly close: () => Promise<void>;
}

class CometdSide implements Side {
  readonly #inbox: Inbox;
  readonly #wire: Wire;
  key = { chatId: '', secureKey: '' };

  constructor(inbox: Inbox, wire: Wire) {
    this.#inbox = inbox;
    this.#wire = wire;
  }

  get failures(): readonly CustomerFailure[] {
    return this.#inbox.replies.filter((reply) => reply.statusCode !== 0);
  }

  get ended(): boolean {
    return this.#inbox.replies.some(({ chatEnded }) => chatEnded);
  }

  async open(fields: Fields): Promise<Reply> {
    await this.#wire.publish({ operation: 'requestChat', ...fields });
    const reply = await this.#inbox.find(() => this.#inbox.replies[0], 'the answer to requestChat');
    if (reply.statusCode === 0) this.key = { chatId: reply.chatId, secureKey: reply.secureKey };
    return reply;
  }

  /** Every publish is answered by a push before or after its acknowledgement. */
  async operate(operation: string, fields: Fields = {}): Promise<Reply | undefined> {
    const before = this.#inbox.replies.length;
    await this.#wire.publish({ operation, secureKey: this.key.secureKey, ...fields });
    return this.#inbox.find(() => this.#inbox.replies[before], `a push after ${operation}`);
  }

  until(type: CustomerEvent['type'], count = 1): Promise<readonly CustomerEvent[]> {
    return this.#inbox.eventsUntil(type, count);
  }

  async restore(key: Side['key'], transcriptPosition: number | string): Promise<void> {
    this.key = key;
    await this.#wire.publish({
      operation: 'requestNotifications',
      secureKey: key.secureKey,
      transcriptPosition,
    });
  }

  close(): Promise<void> {
    return this.#wire.close();
  }
}

/** `fetch` of a browser: it brings cookies back. */
function browserFetch(): Fetch {
  let cookie: string | undefined;
  return async (url, init) => {
    const headers = { ...(init?.headers as Record<string, string>), ...(cookie ? { cookie } : {}) };
    const response = await fetch(url, { ...init, headers });
    cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie;
    return response;
  };
}

async function longPolling(baseUrl: string, inbox: Inbox): Promise<Wire> {
  const client = new BayeuxClient({ url: `${baseUrl}/genesys/cometd`, fetch: browserFetch() });
  client.on('message', (delivery) => inbox.put(delivery.data as Reply));
  await client.handshake();
  await client.subscribe(channel);
  return { publish: (fields) => client.publish(channel, fields), close: () => client.disconnect() };
}

interface Message {
  readonly channel: string;
  readonly id?: string;
  readonly clientId?: string;
  readonly successful?: boolean;
  readonly data?: Reply;
}

/** As the iOS library does it: single objects in, arrays out (gms-customer-api §6.2). */
async function overWebSocket(baseUrl: string, inbox: Inbox): Promise<Wire> {
  const socket = new WebSocket(`${baseUrl.replace('http', 'ws')}/genesys/cometd`);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  const answers = new Map<string, (message: Message) => void>();
  let lastId = 0;
  const session: { clientId?: string } = {};
  const ask = (message: Fields): Promise<Message> => {
    const id = String((lastId += 1));
    return new Promise((resolve) => {
      answers.set(id, resolve);
      socket.send(JSON.stringify({ ...message, id, ...session }));
    });
  };
  const connect = (): void => {
    void ask({ channel: '/meta/connect', connectionType: 'websocket' }).then(({ successful }) => {
      if (successful && socket.readyState === WebSocket.OPEN) connect();
    });
  };
  socket.addEventListener('message', ({ data }) => {
    for (const message of JSON.parse(String(data)) as Message[])
      if (message.data !== undefined) inbox.put(message.data);
      else answers.get(message.id ?? '')?.(message);
  });
  const shaken = await ask({
    channel: '/meta/handshake',
    version: '1.0',
    minimumVersion: '1.0beta',
    supportedConnectionTypes: ['long-polling', 'callback-polling', 'iframe', 'websocket'],
  });
  if (shaken.clientId !== undefined) session.clientId = shaken.clientId;
  connect();
  await ask({ channel: '/meta/subscribe', subscription: channel });
  return {
    async publish(fields) {
      const { successful } = await ask({ channel, data: fields });
      if (!successful) throw new Error('the publish was not acknowledged');
    },
    async close() {
      await ask({ channel: '/meta/disconnect', ext: { transcriptPosition: '3' } });
      socket.close();
    },
  };
}

/** A customer of `customer-support` who has not asked for a chat yet. */
export async function openSide(way: Way, baseUrl: string): Promise<Side> {
  if (way === 'REST') return new RestSide(baseUrl);
  const inbox = new Inbox();
  const connect = way === 'CometD WebSocket' ? overWebSocket : longPolling;
  return new CometdSide(inbox, await connect(baseUrl, inbox));
}

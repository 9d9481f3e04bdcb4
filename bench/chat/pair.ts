import { openLongPolling, openWebSocket } from '../push/load-session.ts';
import { words, type LoadJob } from './orders.ts';
import { customer, listen, type Pair, type PairEvents } from './sides.ts';
import { setUpParleyPair } from './parley-pair.ts';
import { openXmppPair } from './xmpp-pair.ts';

/** Brings a customer and an agent of this server together, after which nothing but messages is asked of it. */
export async function openPair(job: LoadJob, pair: number, events: PairEvents): Promise<Pair> {
  if (job.peer === 'parley') return setUpParleyPair(job, pair, events);
  if (job.peer === 'ejabberd') return openXmppPair(job.port, pair, events);
  return job.peer === 'bare' ? openBarePair(job.port, pair, events) : openBayeuxPair(job, pair, events);
}

/** The bare server knows no setup: its chats begin with their first request. */
function openBarePair(port: number, pair: number, events: PairEvents): Pair {
  const secret = '0123456789abcdef0123456789abcdef';
  const form = new URLSearchParams({ userId: secret, secureKey: secret, alias: '1', message: '' });
  const connect = { channel: '/meta/connect', clientId: secret, connectionType: 'long-polling', id: '4' };
  const body = JSON.stringify([connect]);
  const poll =
    `POST /${pair}/connect HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json;charset=UTF-8\r\n` +
    `Cookie: JSESSIONID=${secret}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  listen(port, poll, events);
  return customer(port, { path: `/${pair}/send`, form: form.toString() }, events);
}

/** Two sessions of a server that knows only channels: one publishes, one is subscribed. */
async function openBayeuxPair({ port, push }: LoadJob, pair: number, events: PairEvents): Promise<Pair> {
  const open = push === 'websocket' ? openWebSocket : openLongPolling;
  const refused = (_: unknown, text: string): void => {
    throw new Error(`the server refused: ${text}`);
  };
  const nothing = (): void => {};
  const common = { port, index: pair, cookie: '' };
  await open({
    ...common,
    channel: `/pair/${pair}`,
    events: { delivery: (_, atUs, n) => events.received(atUs, n), published: nothing, refused },
  });
  const writer = await open({
    ...common,
    channel: `/none/${pair}`,
    events: { delivery: nothing, published: events.answered, refused },
  });
  return {
    say: (atUs, n) =>
      writer.publish(`/pair/${pair}`, `{"t":${atUs},"n":${n},"text":${JSON.stringify(words)}}`),
  };
}

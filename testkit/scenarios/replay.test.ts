import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ManualClock } from '../manual-clock.ts';
import { startServer, type ServerInABox } from '../server-in-a-box.ts';
import type { TestAgent } from '../test-agent.ts';
import type { TestCustomer } from '../test-customer.ts';

// The replay extension over plain Bayeux: a chat's own channel goes on after the index that was kept.

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let customer: TestCustomer;

beforeEach(async () => {
  box = await startServer();
  marat = box.agent('marat');
  await marat.goToWork();
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
});

afterEach(() => box.stop());

interface Message {
  readonly channel: string;
  readonly successful?: boolean;
  readonly clientId?: string;
  readonly ext?: { readonly replay?: true | { readonly position: number } };
  readonly data?: { readonly messages: readonly { readonly index: number; readonly text?: string }[] };
}

/** One request of a Bayeux client that is nobody's but ours: `cookie` keeps the browser's id. */
function pushClient(userName: string): (...messages: object[]) => Promise<Message[]> {
  let cookie = '';
  return async (...messages) => {
    const response = await fetch(`${box.baseUrl}/api/v2/notifications`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${userName}:demo`)}`,
        'content-type': 'application/json',
        cookie,
      },
      body: JSON.stringify(messages),
    });
    cookie ||= response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    return (await response.json()) as Message[];
  };
}

async function subscribe(userName: string, afterIndex: number): Promise<Message[]> {
  const send = pushClient(userName);
  const channel = `/v2/me/chats/${customer.chatId}`;
  const handshake = {
    channel: '/meta/handshake',
    version: '1.0',
    supportedConnectionTypes: ['long-polling'],
  };
  const [shaken] = await send({ ...handshake, ext: { replay: true } });
  expect(shaken).toMatchObject({ successful: true, ext: { replay: true } });
  const clientId = shaken?.clientId;
  const connect = {
    channel: '/meta/connect',
    clientId,
    connectionType: 'long-polling',
    advice: { timeout: 0 },
  };
  await send(connect);
  const got = await send({
    channel: '/meta/subscribe',
    clientId,
    subscription: channel,
    ext: { replay: { [channel]: afterIndex } },
  });
  for (let round = 0; round < 3; round += 1) got.push(...(await send(connect)));
  return got;
}

it('an agent reads on after the index it kept, each message once and with its position', async () => {
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  for (const text of ['one', 'two', 'three']) await customer.send(text);
  const got = await subscribe('marat', 3);
  const events = got.filter(({ data }) => data !== undefined);
  expect(events.map(({ data }) => data?.messages.map(({ index, text }) => `${index} ${text}`))).toEqual([
    ['4 two'],
    ['5 three'],
  ]);
  expect(events.map(({ ext }) => ext?.replay)).toEqual([{ position: 4 }, { position: 5 }]);
});

it('a supervisor in the chat is replayed what a supervisor sees of it, and the agent is not', async () => {
  const sofia = box.agent('sofia');
  await sofia.goToWork('NotReady');
  await sofia.monitor((await marat.me()).id, 'Monitor');
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  await vi.waitFor(async () => expect(await sofia.chats()).toMatchObject([{ state: 'Chatting' }]));
  await customer.send('one');
  const replayed = async (userName: string) =>
    (await subscribe(userName, 0)).flatMap(({ data }) => data?.messages ?? []);
  const read = await sofia.messages(customer.chatId);
  expect(await replayed('sofia')).toEqual(read);
  expect(read.map(({ type, visibility }) => `${type} ${visibility}`)).toEqual([
    'ParticipantJoined All',
    'ParticipantJoined All',
    'ParticipantJoined Supervisors',
    'Text All',
  ]);
  expect(await replayed('marat')).toEqual(read.filter(({ visibility }) => visibility !== 'Supervisors'));
});

it('nobody reads the chat of somebody else', async () => {
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  await customer.send('secret');
  const got = await subscribe('kristi', 0);
  expect(JSON.stringify(got)).not.toContain('secret');
  expect(got.filter(({ data }) => data !== undefined)).toEqual([]);
});

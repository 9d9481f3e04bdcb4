import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import type { ManualClock } from '@parley/testkit/manual-clock.ts';
import { startServer, type ServerInABox } from '@parley/testkit/server-in-a-box.ts';
import type { TestAgent } from '@parley/testkit/test-agent.ts';
import { RealClient } from '../bayeux/lib/real-client.ts';

// A customer's chat with CometD's own clients, as chat widgets use them (gms-customer-api §6.2).

const channel = '/service/chatV2/customer-support';
const ways = (['cometd-3', 'cometd'] as const).flatMap((client) =>
  (['long-polling', 'websocket'] as const).map((transport) => [client, transport] as const),
);

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
beforeAll(async () => {
  box = await startServer();
  marat = box.agent('marat');
  await marat.goToWork();
});
afterAll(() => box?.stop());

describe.each(ways)('%s over %s', (name, transport) => {
  let client: RealClient;
  let secureKey = '';
  const pushes = (): readonly CustomerReply[] => client.received(channel) as CustomerReply[];
  const types = (): string[] => pushes().flatMap(({ messages }) => messages.map(({ type }) => type));
  const open = (): Promise<{ readonly successful?: boolean }> =>
    client.call('open', {
      url: `${transport === 'websocket' ? box.baseUrl.replace('http', 'ws') : box.baseUrl}/genesys/cometd`,
      transport,
      extensions: [],
      subscribeOnHandshake: [],
    });

  beforeAll(() => {
    client = new RealClient(name);
  });
  afterAll(() => client?.kill());

  it('opens a chat with a subscribe and a publish in one batch, and learns its secure key from the push', async () => {
    expect(await open()).toMatchObject({ successful: true });
    const data = { operation: 'requestChat', nickname: 'PersonP', subject: 'Hello' };
    const [subscribed, published] = await client.call('subscribeAndPublish', { channel, data });
    expect(subscribed).toMatchObject({ successful: true, subscription: channel });
    expect(published).toMatchObject({ channel, successful: true });
    expect(published).not.toHaveProperty('data');
    await client.until('the push came', () => pushes().length > 0);
    expect(pushes()[0]).toMatchObject({ statusCode: 0, chatEnded: false, nextPosition: 2, monitored: false });
    secureKey = pushes()[0]?.secureKey ?? '';
    expect(secureKey).toMatch(/^[0-9A-Za-z.]{40,}$/);
  });

  it('talks, is talked to, and hears the end', async () => {
    const chatId = pushes()[0]?.chatId ?? '';
    const { position } = marat.recorder;
    await marat.offered({ after: 0 });
    await expect.poll(async () => (await marat.chats()).some(({ id }) => id === chatId)).toBe(true);
    await marat.accept(chatId, { nickname: 'Marat' });
    const publish = (operation: string, fields: object = {}): ReturnType<typeof client.call<'publish'>> =>
      client.call('publish', { channel, data: { operation, secureKey, ...fields } });
    expect(await publish('sendMessage', { message: 'hi ☃' })).toMatchObject({ successful: true });
    await marat.logged({ after: position });
    await marat.sendMessage(chatId, 'Good day');
    await client.until('the answer came', () => types().filter((type) => type === 'Message').length === 2);
    expect(await publish('disconnect')).toMatchObject({ successful: true });
    await client.until('the end came', () => pushes().some(({ chatEnded }) => chatEnded));
    expect(types()).toEqual([
      'ParticipantJoined',
      'ParticipantJoined',
      'Message',
      'Message',
      'ParticipantLeft',
    ]);
    expect(pushes().every((push) => push.secureKey === secureKey && push.chatId === chatId)).toBe(true);
    await marat.complete(chatId);
  });

  it('may ask again after the end, in a new session: everything and chatEnded', async () => {
    expect(await client.call('disconnect', {})).toMatchObject({ successful: true });
    client.forget();
    expect(await open()).toMatchObject({ successful: true });
    const data = { operation: 'requestNotifications', secureKey };
    await client.call('subscribeAndPublish', { channel, data });
    await client.until('the push came', () => pushes().length > 0);
    expect(pushes()).toHaveLength(1);
    expect(pushes()[0]).toMatchObject({ chatEnded: true });
    // The agent has left since.
    expect(types()).toHaveLength(6);
  });
});

describe('the traffic that was captured', () => {
  const post = async (path: string, body: object, cookie = ''): Promise<Response> =>
    fetch(`${box.baseUrl}/genesys/cometd${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json;charset=UTF-8', ...(cookie ? { cookie } : {}) },
      body: JSON.stringify(body),
    });

  it('is answered step by step', async () => {
    const shaken = await post('/handshake', [
      {
        id: '1',
        version: '1.0',
        minimumVersion: '1.0',
        channel: '/meta/handshake',
        supportedConnectionTypes: ['long-polling', 'callback-polling'],
        advice: { timeout: 60_000, interval: 0 },
      },
    ]);
    const cookie = shaken.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    expect(cookie).toMatch(/^BAYEUX_BROWSER=/);
    const [{ clientId }] = (await shaken.json()) as [{ clientId: string }];
    const batch = [
      { id: '2', channel: '/meta/subscribe', subscription: channel, clientId },
      { id: '3', channel, data: { operation: 'requestChat', nickname: 'P' }, clientId },
    ];
    const published = (await (await post('/', batch, cookie)).json()) as Record<string, unknown>[];
    expect(published.filter(({ successful }) => successful === true).map(({ id }) => id)).toEqual(['2', '3']);
    const connect = { id: '4', channel: '/meta/connect', connectionType: 'long-polling', clientId };
    const connected = await post('/connect', [{ ...connect, advice: { timeout: 0 } }], cookie);
    const all = [...published, ...((await connected.json()) as Record<string, unknown>[])];
    const pushed = all.filter((message) => 'data' in message);
    expect(pushed).toHaveLength(1);
    expect(pushed[0]).toMatchObject({ channel, data: { statusCode: 0, messages: [{ index: 1 }] } });
  });

  it('takes a disconnect and an unsubscribe in one request, and goes on', async () => {
    const shaken = await post('/handshake', [
      { id: '1', version: '1.0', channel: '/meta/handshake', supportedConnectionTypes: ['long-polling'] },
    ]);
    const cookie = shaken.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    const [{ clientId }] = (await shaken.json()) as [{ clientId: string }];
    const ask = async (...messages: object[]): Promise<Record<string, unknown>[]> => {
      const answer = await post(
        '/',
        messages.map((message) => ({ clientId, ...message })),
        cookie,
      );
      return (await answer.json()) as Record<string, unknown>[];
    };
    const data = { operation: 'requestChat', nickname: 'P' };
    const connect = {
      id: '9',
      channel: '/meta/connect',
      connectionType: 'long-polling',
      advice: { timeout: 0 },
    };
    const all = [...(await ask({ id: '2', channel, data })), ...(await ask(connect))];
    const [pushed] = all.filter((message) => 'data' in message);
    const secureKey = (pushed?.['data'] as CustomerReply | undefined)?.secureKey;
    expect(secureKey).toBeTypeOf('string');
    const last = await ask(
      { id: '3', channel, data: { operation: 'disconnect', secureKey } },
      { id: '4', channel: '/meta/unsubscribe', subscription: channel },
    );
    const replies = last.filter((message) => 'successful' in message);
    expect(replies.map(({ id, successful }) => [id, successful])).toEqual([
      ['3', true],
      ['4', true],
    ]);
    const rest = [...last, ...(await ask(connect))].filter((message) => 'data' in message);
    expect(rest).toMatchObject([{ data: { chatEnded: true, messages: [{ type: 'ParticipantLeft' }] } }]);
  });

  it('without the cookie is refused', async () => {
    const body = [
      { id: '1', channel, data: { operation: 'requestChat', nickname: 'P' }, clientId: 'nobody' },
    ];
    const [answer] = (await (await post('/', body)).json()) as [object];
    expect(answer).toMatchObject({ channel, successful: false, error: '402::Unknown client' });
  });

  it('on any other channel is refused to a customer', async () => {
    const shaken = await post('/handshake', [
      { id: '1', version: '1.0', channel: '/meta/handshake', supportedConnectionTypes: ['long-polling'] },
    ]);
    const cookie = shaken.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    const [{ clientId }] = (await shaken.json()) as [{ clientId: string }];
    for (const other of ['/v2/me/chats', '/service/other', '/service/chatV2']) {
      const [answer] = (await (
        await post('/', [{ id: '2', channel: other, data: {}, clientId }], cookie)
      ).json()) as [object];
      expect(answer).toMatchObject({ successful: false, error: expect.stringMatching(/^403:/) });
    }
  });
});

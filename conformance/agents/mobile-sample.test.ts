import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type ServerInABox } from '@parley/testkit/server-in-a-box.ts';
import type { ManualClock } from '@parley/testkit/manual-clock.ts';
import { RealClient } from '../bayeux/lib/real-client.ts';
import { PlainClient } from './lib/conversation.ts';

// The mobile sample (gws-agent-api §2.5, §2.6, §2.8): the cookie on its polls, the session started once the last
// subscription is confirmed, the chats read anew after another handshake, and the way it says goodbye.

const topics = [
  '/v2/me',
  '/v2/me/chats',
  '/v2/me/channels',
  '/v2/me/devices',
  '/v2/me/calls',
  '/v2/me/emails',
];

describe('the mobile sample', () => {
  let box: ServerInABox<ManualClock>;
  let client: PlainClient;
  const phones: RealClient[] = [];

  beforeAll(async () => {
    box = await startServer();
    client = new PlainClient(box.baseUrl, 'marat');
  });

  afterAll(async () => {
    await Promise.all(phones.map((phone) => phone.kill()));
    await box.stop();
  });

  const handshake = async (): Promise<RealClient> => {
    const phone = new RealClient('cometd-3');
    phones.push(phone);
    const opened = await phone.call('open', {
      url: `${box.baseUrl}/api/v2/notifications`,
      transport: 'long-polling',
      extensions: [],
      subscribeOnHandshake: [],
      requestHeaders: { cookie: client.cookie },
    });
    expect(opened.successful).toBe(true);
    for (const channel of topics)
      expect(await phone.call('subscribe', { channel }), channel).toMatchObject({ successful: true });
    return phone;
  };
  const cookie = (
    name: string,
    send: readonly [string, string, object?],
    holds: object = { statusCode: 0 },
  ) => client.say({ name, send, with: 'cookie', holds });

  it('goes on after another handshake without starting its session again', async () => {
    await client.say({
      name: 'who am I',
      send: ['GET', '/api/v2/me'],
      with: 'password',
      holds: { statusCode: 0 },
    });
    const phone = await handshake();
    await cookie('start', [
      'POST',
      '/api/v2/me',
      { operationName: 'StartContactCenterSession', channels: ['chat'] },
    ]);
    await cookie('ready', ['POST', '/api/v2/me', { operationName: 'Ready' }]);
    const [kept, gone] = [box.customer(), box.customer()];
    for (const customer of [kept, gone]) {
      await customer.requestChat({ nickname: 'PersonP' });
      await phone.until('the offer', () => JSON.stringify(phone.events).includes(customer.chatId));
      const accept = { operationName: 'Accept', nickname: 'Marat' };
      await cookie('accept', ['POST', `/api/v2/me/chats/${customer.chatId}`, accept]);
    }
    await phone.kill();
    await kept.send('one');
    await kept.send('two');
    await cookie('elsewhere', ['POST', `/api/v2/me/chats/${gone.chatId}`, { operationName: 'Complete' }]);

    const again = await handshake();
    const { chats } = (await cookie('its chats', ['GET', '/api/v2/me/chats?fields=*'])) as {
      chats: { id: string }[];
    };
    expect(chats.map(({ id }) => id)).toEqual([kept.chatId]);
    const read = await cookie('what it missed', [
      'GET',
      `/api/v2/me/chats/${kept.chatId}/messages?startIndex=3&count=10`,
    ]);
    expect(read).toMatchObject({
      messages: [
        { index: 3, text: 'one' },
        { index: 4, text: 'two' },
      ],
    });
    const { user } = (await cookie('still at work', ['GET', '/api/v2/me?subresources=channels'])) as {
      user: { channels: unknown };
    };
    expect(user.channels).toMatchObject([{ channel: 'chat', userState: { state: 'Ready' } }]);
    await kept.send('three');
    await again.until('live again', () => JSON.stringify(again.events).includes('three'));
  });

  it('says goodbye: topics, push session, contact-centre session, which ends the cookie', async () => {
    const phone = phones.at(-1);
    if (!phone) throw new Error('the test before opened one');
    for (const channel of topics) await phone.call('unsubscribe', { channel });
    await phone.call('disconnect', {});
    await cookie('the end', ['POST', '/api/v2/me', { operationName: 'EndContactCenterSession' }]);
    const answer = await client.say({
      name: 'the cookie is of no use',
      send: ['GET', '/api/v2/me'],
      with: 'cookie',
      httpStatus: 403,
      holds: { statusCode: 20 },
    });
    expect(answer).toEqual({ statusCode: 20, statusMessage: 'Access denied' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type ServerInABox } from '@parley/testkit/server-in-a-box.ts';
import type { ManualClock } from '@parley/testkit/manual-clock.ts';
import { RealClient } from '../bayeux/lib/real-client.ts';
import { PlainClient } from './lib/conversation.ts';

// The .NET client (gws-agent-api §2.6, §3, the checklist of §10): Basic with every request and every poll, one
// subscription to everything, then the whole user; and what its code takes for granted of each event.

type Event = Readonly<Record<string, unknown>> & { readonly chat?: Readonly<Record<string, unknown>> };

describe('the .NET client', () => {
  let box: ServerInABox<ManualClock>;
  let pushed: RealClient;
  let client: PlainClient;
  const authorization = `Basic ${btoa('marat:demo')}`;
  // A client's `/**` hears its own meta messages too; those carry no data.
  const events = (): Event[] =>
    pushed.events.filter(({ data }) => data !== undefined).map(({ data }) => data as Event);

  beforeAll(async () => {
    box = await startServer();
    pushed = new RealClient('cometd-3');
    client = new PlainClient(box.baseUrl, 'marat');
  });

  afterAll(async () => {
    await pushed.kill();
    await box.stop();
  });

  it('subscribes to everything, then reads the whole user', async () => {
    const opened = await pushed.call('open', {
      url: `${box.baseUrl}/api/v2/notifications`,
      transport: 'long-polling',
      extensions: [],
      subscribeOnHandshake: [],
      requestHeaders: { authorization },
    });
    expect(opened.successful).toBe(true);
    expect(await pushed.call('subscribe', { channel: '/**' })).toMatchObject({ successful: true });
    const answer = (await client.say({
      name: 'the whole user',
      send: ['GET', '/api/v2/me?subresources=*'],
      with: 'password',
      holds: { statusCode: 0 },
    })) as { user: Readonly<Record<string, unknown>> };
    // It dereferences these without asking whether they are there.
    for (const name of [
      'channels',
      'channelStates',
      'devices',
      'chats',
      'features',
      'skills',
      'interactions',
    ])
      expect(Array.isArray(answer.user[name]), name).toBe(true);
    expect(answer.user['settings']).toBeTypeOf('object');
    expect(answer.user['channelStates']).toEqual(answer.user['channels']);
  });

  it('finds in each event what it reads without asking', async () => {
    const post = (path: string, body: object) =>
      client.say({ name: path, send: ['POST', path, body], with: 'password', holds: { statusCode: 0 } });
    await post('/api/v2/me', { operationName: 'StartContactCenterSession', channels: ['chat'] });
    await post('/api/v2/me/channels/chat', { operationName: 'Ready' });
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    await pushed.until('the chat is offered', () =>
      events().some(({ chat }) => chat?.['state'] === 'Invited'),
    );
    const path = `/api/v2/me/chats/${customer.chatId}`;
    await post(path, { operationName: 'Accept', nickname: 'Marat', saveLAR: 'true' });
    await pushed.until('the history', () =>
      events().some((one) => one['messageType'] === 'MessageLogUpdated'),
    );
    await post(path, { operationName: 'SendMessage', text: 'Hello' });
    await post(path, { operationName: 'SetInFocus' });
    await post(path, { operationName: 'InFocus' });
    await post(path, { operationName: 'Complete' });
    await pushed.until('the end', () => events().some(({ chat }) => chat?.['state'] === 'Completed'));

    for (const event of events()) {
      expect(event['messageType'], JSON.stringify(event)).toBeTypeOf('string');
      if (event['messageType'] === 'ChannelStateChangeMessageV2')
        expect((event['channels'] as { channel: string }[]).map(({ channel }) => channel)).toEqual(['chat']);
      if (event['messageType'] === 'ChatStateChangeMessage') {
        expect(event.chat?.['path']).toBe(`/chats/${customer.chatId}`);
        expect(String(event.chat?.['uri']).split('/').at(-1)).toBe(customer.chatId);
        expect(Array.isArray(event.chat?.['capabilities'])).toBe(true);
        expect(Array.isArray(event.chat?.['participants'])).toBe(true);
        expect(event.chat?.['userData']).toMatchObject({ ContactId: expect.any(String) });
      }
      if (event['messageType'] === 'MessageLogUpdated') {
        expect(event['chatPath']).toBe(`/chats/${customer.chatId}`);
        expect(String(event['chatUri']).split('/').at(-1)).toBe(customer.chatId);
        for (const message of event['messages'] as Readonly<Record<string, unknown>>[])
          expect(message).toMatchObject({
            index: expect.any(Number),
            timestamp: expect.stringMatching(/[+-]\d{4}$/),
            timestampSeconds: expect.any(Number),
            visibility: 'All',
            from: {
              nickname: expect.any(String),
              type: expect.any(String),
              participantId: expect.any(String),
            },
          });
      }
    }
    const afterAccept = events()
      .filter(
        ({ chat, ...event }) =>
          chat?.['state'] === 'Chatting' || event['messageType'] === 'MessageLogUpdated',
      )
      .map((event) => event['notificationType']);
    expect(afterAccept.slice(0, 3)).toEqual(['StatusChange', 'ParticipantsUpdated', 'NewMessages']);
  });
});

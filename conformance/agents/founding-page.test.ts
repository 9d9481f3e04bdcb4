import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { assertCarriesPage, foundingPage, type FoundingPage } from '@parley/testkit/founding-page.ts';
import { startServer, type ServerInABox } from '@parley/testkit/server-in-a-box.ts';
import type { ManualClock } from '@parley/testkit/manual-clock.ts';
import { SnapshotNames } from '@parley/testkit/snapshot.ts';
import { RealClient } from '../bayeux/lib/real-client.ts';

// The founding page with nothing of ours in between: CometD's own client hears, plain HTTP asks.

const clients = ['cometd-3', 'cometd'] as const;
const mounts = ['/api/v2/notifications', '/genesys/cometd'] as const;
const ways = clients.flatMap((client) => mounts.map((mount) => [client, mount] as const));
const authorization = (userName: string): Record<string, string> => ({
  authorization: `Basic ${btoa(`${userName}:demo`)}`,
});

type Notification = { readonly notificationType: string; readonly chat?: { readonly state: string } };

describe.each(ways)('%s at %s', (clientName, mount) => {
  let box: ServerInABox<ManualClock>;
  let client: RealClient;
  const page = foundingPage({ customer: 'PersonP', earlierAgent: 'Marat', agent: 'Marat' });
  const got: Partial<Record<keyof FoundingPage, unknown>> = {};
  let order: readonly string[] = [];

  const agentPost = async (
    userName: string,
    path: string,
    body: object,
  ): Promise<{ readonly statusCode: number }> => {
    const response = await fetch(`${box.baseUrl}/api/v2${path}`, {
      method: 'POST',
      headers: { ...authorization(userName), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const type = response.headers.get('content-type') ?? 'none';
    if (!type.startsWith('application/json')) throw new Error(`${path} was answered with the type ${type}`);
    return (await response.json()) as { readonly statusCode: number };
  };
  const customerPost = async (
    path: string,
    form: Record<string, string>,
  ): Promise<Record<string, string>> => {
    const url = `${box.baseUrl}/genesys/2/chat/customer-support${path}`;
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    return (await response.json()) as Record<string, string>;
  };
  const notifications = (): Notification[] => client.received('/v2/me/chats') as Notification[];
  const goToWork = async (userName: string): Promise<void> => {
    await agentPost(userName, '/me', { operationName: 'StartContactCenterSession', channels: ['chat'] });
    await agentPost(userName, '/me', { operationName: 'Ready' });
  };

  beforeAll(async () => {
    box = await startServer();
    client = new RealClient(clientName);
    const opened = await client.call('open', {
      url: `${box.baseUrl}${mount}`,
      transport: 'long-polling',
      extensions: [],
      subscribeOnHandshake: [],
      requestHeaders: authorization('kristi'),
    });
    const subscribed = await client.call('subscribe', { channel: '/v2/me/chats' });
    if (!opened.successful || !subscribed.successful) throw new Error('the client could not listen');

    await goToWork('marat');
    const { chatId = '', secureKey = '' } = await customerPost('', { nickname: 'PersonP', subject: 'Hello' });
    const accept = { operationName: 'Accept', nickname: 'Marat' };
    await vi.waitFor(async () => {
      const { statusCode } = await agentPost('marat', `/me/chats/${chatId}`, accept);
      if (statusCode !== 0) throw new Error(`Accept was answered with ${statusCode}`);
    });
    await agentPost('marat', '/me', { operationName: 'NotReady' });
    await agentPost('marat', `/me/chats/${chatId}`, { operationName: 'Transfer', queueName: 'support' });
    await customerPost(`/${chatId}/startTyping`, { secureKey });
    await customerPost(`/${chatId}/send`, { secureKey, message: 'Hello World' });
    await goToWork('kristi');
    await client.until('the chat is offered', () =>
      notifications().some(({ chat }) => chat?.state === 'Invited'),
    );
    client.forget();
    got.reply = await agentPost('kristi', `/me/chats/${chatId}`, { ...accept, saveLAR: 'true' });
    await client.until('the history came', () => notifications().length >= 3);
    order = notifications().map(({ notificationType }) => notificationType);
    [got.statusChange, got.participantsUpdated, got.messageLogUpdated] = notifications();
  });

  afterAll(async () => {
    await client?.kill();
    await box?.stop();
  });

  it('hears the three notifications in the order of the page', () => {
    expect(order).toEqual(['StatusChange', 'ParticipantsUpdated', 'NewMessages']);
  });

  it.each(['reply', 'statusChange', 'participantsUpdated', 'messageLogUpdated'] as const)('%s', (payload) => {
    assertCarriesPage(got[payload], page[payload]);
    const names = new SnapshotNames();
    names.forSnapshot(got);
    expect(names.forSnapshot(got[payload])).toMatchSnapshot();
  });
});

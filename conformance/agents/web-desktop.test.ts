import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startServer, type ServerInABox } from '@parley/testkit/server-in-a-box.ts';
import type { ManualClock } from '@parley/testkit/manual-clock.ts';
import { RealClient } from '../bayeux/lib/real-client.ts';
import { PlainClient, type Step } from './lib/conversation.ts';

// The web desktop's log-in in its thirteen steps (gws-agent-api §2.6), with the parts of each answer it goes on with.

const signIn: readonly Step[] = [
  {
    name: '1: without credentials there is a form to fill in',
    send: ['GET', '/api/v2/me?subresources=features,devices,channels'],
    with: 'none',
    httpStatus: 403,
    holds: { statusCode: 20, statusMessage: 'Access denied' },
  },
  {
    name: '2: the same with a password answers the user and the cookie',
    send: ['GET', '/api/v2/me?subresources=features,devices,channels'],
    with: 'password',
    holds: {
      statusCode: 0,
      user: {
        userName: 'marat',
        roles: ['ROLE_AGENT'],
        enabled: true,
        changePasswordOnFirstLogin: false,
        devices: [],
        channels: [],
        features: [{ id: 'api-multimedia-chat' }],
      },
    },
    keeps: { userId: 'user.id' },
  },
];

const loading: readonly Step[] = [
  {
    name: '3: agent states and options',
    send: ['GET', '/internal-api/me/settings?fields=*'],
    with: 'cookie',
    holds: {
      statusCode: 0,
      resources: {
        agentStates: expect.arrayContaining([
          expect.objectContaining({ operationName: 'Ready', id: '9430250E-0A1B-421F-B372-F29E69366DED' }),
          expect.objectContaining({ operationName: 'AfterCallWork', workMode: 'AfterCallWork' }),
        ]),
        user: { settings: [{ name: 'interaction-workspace', key: 'name' }] },
      },
    },
  },
  {
    name: '4: services',
    send: ['GET', '/api/v2/services?fields=*'],
    with: 'cookie',
    holds: {
      services: expect.arrayContaining([
        expect.objectContaining({ type: 'MultiMediaState', state: 'Active' }),
        expect.objectContaining({ type: 'MultiMediaContent', state: 'Active' }),
      ]),
    },
  },
  {
    name: '5: business units',
    send: ['GET', '/api/v2/me/groups?type=BusinessUnit&fields=*'],
    with: 'cookie',
    holds: { groups: [{ id: expect.stringMatching(/^2-/), name: 'Everybody', type: 'BusinessUnit' }] },
  },
  {
    name: '6: business attributes',
    send: ['GET', '/internal-api/contact-center?subresources=businessAttributes'],
    with: 'cookie',
    holds: {
      resources: {
        businessAttributes: expect.arrayContaining([
          expect.objectContaining({ name: 'DispositionCode', userProperties: [] }),
          expect.objectContaining({ name: 'InteractionSubtype' }),
        ]),
      },
    },
  },
  {
    name: '7: dispositions',
    send: ['GET', '/api/v2/groups?type=dispositions&fields=*'],
    with: 'cookie',
    holds: {
      groups: [{ id: expect.stringMatching(/^1-/), type: 'dispositions', contains: ['dispositions'] }],
    },
  },
  {
    name: '8: no device, so no settings of one',
    send: ['GET', '/api/v2/devices/none/settings/tserver'],
    with: 'cookie',
    httpStatus: 404,
    holds: { statusCode: 6 },
  },
  {
    name: '9: the session starts on chat, and says of voice what became of it',
    send: ['POST', '/api/v2/me', { operationName: 'StartContactCenterSession', channels: ['voice', 'chat'] }],
    with: 'cookie',
    holds: {
      statusCode: 7,
      failed: [{ statusCode: 4, channel: 'voice' }],
      succeeded: [{ statusCode: 0, channel: 'multimedia' }],
    },
  },
  {
    name: '10: the agent as others see them',
    send: ['GET', '/api/v2/contacts/{userId}?type=User'],
    with: 'cookie',
    holds: {
      contact: {
        type: 'User',
        userName: 'marat',
        availability: { channels: [{ channel: 'chat', available: false, userState: { state: 'NotReady' } }] },
      },
    },
  },
];

const connected: readonly Step[] = [
  {
    name: '12: the version',
    send: ['GET', '/api/v2/diagnostics/version'],
    with: 'cookie',
    holds: { version: expect.stringMatching(/^\d+\.\d+/) },
  },
  {
    name: '12: the workbins',
    send: ['GET', '/api/v2/workbins?fields=*'],
    with: 'cookie',
    holds: { workbins: [{ type: 'Agent', displayName: expect.any(String) }] },
    keeps: { workbin: 'workbins.0.id' },
  },
  {
    name: '12: the search indexes',
    send: ['GET', '/internal-api/lucene/index'],
    with: 'cookie',
    holds: { statusCode: 0 },
  },
  {
    name: '12: everything there is, asked with a slash at the end',
    send: ['GET', '/api/v2/me/?subresources=devices,calls,channels,interactions,chats'],
    with: 'cookie',
    holds: {
      user: { devices: [], calls: [], interactions: [], chats: [], channels: [{ channel: 'chat' }] },
    },
  },
  {
    name: '13: a state of the channel',
    send: ['POST', '/api/v2/me/channels/chat', { operationName: 'NotReady' }],
    with: 'cookie',
    holds: { statusCode: 0 },
  },
  {
    name: '13: a channel that is not there is refused in the same form',
    send: ['POST', '/api/v2/me/channels/voice', { operationName: 'NotReady' }],
    with: 'cookie',
    httpStatus: 404,
    holds: { statusCode: 6, statusMessage: expect.any(String) },
  },
  {
    name: '13: the workbin',
    send: ['POST', '/api/v2/workbins/{workbin}', { operationName: 'Subscribe' }],
    with: 'cookie',
    holds: { statusCode: 0, referenceId: expect.any(Number) },
    keeps: { referenceId: 'referenceId' },
  },
];

describe('the web desktop', () => {
  let box: ServerInABox<ManualClock>;
  let pushed: RealClient;
  let desktop: PlainClient;

  beforeAll(async () => {
    box = await startServer();
    pushed = new RealClient('cometd-3');
    desktop = new PlainClient(box.baseUrl, 'marat');
  });

  afterAll(async () => {
    await pushed.kill();
    await box.stop();
  });

  const listen = async (): Promise<void> => {
    const opened = await pushed.call('open', {
      url: `${box.baseUrl}/api/v2/notifications`,
      transport: 'long-polling',
      extensions: [],
      subscribeOnHandshake: [],
      requestHeaders: { cookie: desktop.cookie },
    });
    expect(opened.successful, '11: the push session opens with the cookie').toBe(true);
    for (const channel of ['/v2/me/chats', '/v2/me/channels', '/v2/me/workbins', '/notifications/services'])
      expect(await pushed.call('subscribe', { channel })).toMatchObject({ successful: true });
  };

  it('logs in, loads, listens and is at work; doing it again changes nothing', async () => {
    await desktop.play(signIn);
    await desktop.play(loading);
    await listen();
    await desktop.play(connected);
    await pushed.until('the workbin answers', () => pushed.received('/v2/me/workbins').length > 0);
    expect(pushed.received('/v2/me/workbins')).toMatchObject([
      {
        messageType: 'WorkbinSubscriptionStateChangeMessage',
        stateResource: 'Subscribed',
        referenceId: Number(desktop.kept.get('referenceId')),
      },
    ]);
    const start = loading.find(({ name }) => name.startsWith('9'));
    if (start) await desktop.say(start);
    await desktop.play(connected);
  });

  it('hears of the services when the server stops', async () => {
    // Only who waits with a poll can be told at the last moment; the others see it when they come back.
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${box.baseUrl}/metrics`)).text();
      const polls = Number(/^parley_push_connects_total (\d+)$/m.exec(metrics)?.[1]);
      const answered = pushed.metas.filter(({ channel }) => channel === '/meta/connect').length;
      expect(polls).toBe(answered + 1);
    });
    await box.restart();
    await pushed.until('the services stop', () => pushed.received('/notifications/services').length > 0);
    expect(pushed.received('/notifications/services')[0]).toMatchObject({
      messageType: 'ServiceState',
      services: expect.arrayContaining([
        expect.objectContaining({ type: 'MultiMediaState', state: 'Inactive' }),
      ]),
    });
    await desktop.play(connected.slice(0, 4));
  });
});

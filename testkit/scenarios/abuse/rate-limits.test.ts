import { afterEach, describe, expect, test } from 'vitest';
import type { ConfigFile } from '@parley/server/config/schema.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type DeepPartial, type ServerInABox } from '../../server-in-a-box.ts';
import { openSide } from '../customers/sides.ts';
import { codeOf, post, type Answer, type Asking } from './requests.ts';

// Every request here comes through 127.0.0.1, which is no exception and, where it says so, a proxy that is believed.

const proxied = { listen: { trustedProxies: ['127.0.0.1'] } };
const unlimited = {
  exemptAddresses: [],
  perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
  perService: { newChatsPerMinute: 0 },
  perAgent: { requestsPerSecond: 0 },
};

let box: ServerInABox<ManualClock>;
afterEach(() => box.stop());

async function start(config: DeepPartial<ConfigFile>): Promise<string> {
  box = await startServer({ config });
  return `${box.baseUrl}/genesys/2/chat/customer-support`;
}

const times = async <Done>(count: number, ask: (turn: number) => Promise<Done>): Promise<Done[]> => {
  const done: Done[] = [];
  for (let turn = 0; turn < count; turn += 1) done.push(await ask(turn));
  return done;
};

async function openChat(url: string, asking: Asking = {}): Promise<{ path: string; key: string }> {
  const { body } = await post(url, 'nickname=P', asking);
  return { path: `${url}/${String(body['chatId'])}`, key: `secureKey=${String(body['secureKey'])}` };
}

const tooManyRequests = { status: 200, retryAfter: '1', body: { statusCode: 1, errors: [{ code: 119 }] } };

describe('a flood from one address', () => {
  const config = {
    ...proxied,
    rateLimits: { ...unlimited, perAddress: { requestsPerSecond: 5, requestBurst: 10 } },
  };

  test('is refused as something to try again, does not touch others, and is over when it is over', async () => {
    const url = await start(config);
    const refresh = (from: string): Promise<Answer> =>
      post(`${url}/0123456789abcdef/refresh`, 'secureKey=x', { from });
    const flood = await times(30, () => refresh('203.0.113.1'));
    expect(flood.map(codeOf)).toEqual([
      ...Array.from({ length: 10 }, () => 109),
      ...Array.from({ length: 20 }, () => 119),
    ]);
    expect(flood.at(-1)).toMatchObject(tooManyRequests);
    expect(codeOf(await refresh('203.0.113.2'))).toBe(109);
    box.clock.advance(1000);
    const later = await times(10, () => refresh('203.0.113.1'));
    expect(later.map(codeOf).filter((code) => code === 109)).toHaveLength(5);
  });

  test('is refused on /api/v2/chats with 429, and at the handshake of CometD', async () => {
    await start(config);
    const asking = { from: '203.0.113.1' };
    const shake = { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] };
    const cometd = `${box.baseUrl}/genesys/cometd/handshake`;
    expect((await times(10, () => post(cometd, [shake], asking))).map(({ status }) => status)).not.toContain(
      429,
    );
    expect(await post(cometd, [shake], asking)).toMatchObject({ status: 429, retryAfter: '1' });
    const chats = await post(`${box.baseUrl}/api/v2/chats`, { operationName: 'RequestChat' }, asking);
    expect(chats).toMatchObject({ status: 429, retryAfter: '1', body: { statusCode: 4 } });
  });

  test('is not escaped by making addresses up: nobody but a configured proxy is believed', async () => {
    const url = await start({ rateLimits: config.rateLimits });
    const flood = await times(15, (turn) =>
      post(`${url}/x/refresh`, 'secureKey=x', { from: `203.0.113.${turn}` }),
    );
    expect(flood.map(codeOf).filter((code) => code === 119)).toHaveLength(5);
  });

  test('behind the proxy neither: what is left of the last hop is made up', async () => {
    const url = await start(config);
    const flood = await times(15, (turn) =>
      post(`${url}/x/refresh`, 'secureKey=x', { from: `10.0.0.${turn}, 203.0.113.1` }),
    );
    expect(flood.map(codeOf).filter((code) => code === 119)).toHaveLength(5);
  });

  test('over one WebSocket is refused publish by publish', async () => {
    await start({ rateLimits: config.rateLimits });
    const side = await openSide('CometD WebSocket', box.baseUrl);
    const codes = await times(15, async () => {
      const reply = await side.operate('sendMessage', { secureKey: '0123456789abcdef.0', message: 'x' });
      return reply && 'errors' in reply ? reply.errors[0]?.code : undefined;
    });
    expect(codes.filter((code) => code === 119).length).toBeGreaterThanOrEqual(5);
    await side.close();
  });
});

test('a flood from many addresses is let through, and each of them is watched', async () => {
  const url = await start({
    ...proxied,
    rateLimits: { ...unlimited, maxWatched: 100, perAddress: { requestsPerSecond: 1, requestBurst: 1 } },
  });
  const ask = (turn: number): Promise<Answer> =>
    post(`${url}/x/refresh`, 'secureKey=x', { from: `198.51.${Math.floor(turn / 250)}.${turn % 250}` });
  expect((await times(500, ask)).map(codeOf).filter((code) => code === 119)).toHaveLength(0);
  expect(codeOf(await ask(499))).toBe(119);
});

describe('new chats', () => {
  test('of one address come at a rate; more are refused as what clients know, with a time', async () => {
    const url = await start({
      ...proxied,
      rateLimits: { ...unlimited, perAddress: { newChatsPerMinute: 6, newChatBurst: 3 } },
    });
    const open = (from: string): Promise<Answer> => post(url, 'nickname=P', { from });
    const answers = await times(5, () => open('203.0.113.1'));
    expect(answers.map(codeOf)).toEqual([0, 0, 0, 240, 240]);
    expect(answers[3]).toMatchObject({
      status: 200,
      retryAfter: '10',
      body: { statusCode: 1, chatEnded: false },
    });
    expect(codeOf(await open('203.0.113.2'))).toBe(0);
    box.clock.advance(10_000);
    expect((await times(2, () => open('203.0.113.1'))).map(codeOf)).toEqual([0, 240]);
  });

  test('of one address are so many at a time; one that ends makes room', async () => {
    const url = await start({ ...proxied, rateLimits: { ...unlimited, perAddress: { openChats: 2 } } });
    const asking = { from: '2001:db8::1' };
    const { path, key } = await openChat(url, asking);
    await openChat(url, { from: '2001:db8::ffff:1' });
    expect(await post(url, 'nickname=P', asking)).toMatchObject({
      retryAfter: '30',
      body: { statusCode: 1 },
    });
    expect(await post(`${path}/disconnect`, key, asking)).toMatchObject({
      body: { statusCode: 0, chatEnded: true },
    });
    expect(codeOf(await post(url, 'nickname=P', asking))).toBe(0);
    expect(codeOf(await post(url, 'nickname=P', asking))).toBe(240);
  });

  test('of one service come at a rate, wherever from', async () => {
    const services = ['customer-support', 'sales'].map((name) => ({ name, queue: 'support' }));
    const url = await start({
      services,
      rateLimits: { perService: { newChatsPerMinute: 1, newChatBurst: 2 } },
    });
    expect((await times(3, () => post(url, 'nickname=P'))).map(codeOf)).toEqual([0, 0, 240]);
    expect(codeOf(await post(url.replace('customer-support', 'sales'), 'nickname=P'))).toBe(0);
  });
});

describe('in one chat', () => {
  const rateLimits = {
    perChat: { requestsPerSecond: 50, requestBurst: 60, messagesPerSecond: 10, messageBurst: 20 },
  };

  test('messages come at a rate; refused ones are nowhere, typing and reading go on, leaving is always possible', async () => {
    const url = await start({ rateLimits });
    const { path, key } = await openChat(url);
    const other = await openChat(url);
    const said = await times(25, (turn) => post(`${path}/send`, `${key}&message=m${turn}`));
    expect(said.map(codeOf)).toEqual([
      ...Array.from({ length: 20 }, () => 0),
      ...Array.from({ length: 5 }, () => 119),
    ]);
    expect(said.at(-1)).toMatchObject(tooManyRequests);
    expect(codeOf(await post(`${path}/startTyping`, key))).toBe(0);
    expect(codeOf(await post(`${other.path}/send`, `${other.key}&message=x`))).toBe(0);
    const { body } = await post(`${path}/refresh`, `${key}&transcriptPosition=1`);
    const texts = (body['messages'] as { type: string; text?: string }[]).flatMap(({ type, text }) =>
      type === 'Message' ? [text] : [],
    );
    expect(texts).toEqual(Array.from({ length: 20 }, (_, turn) => `m${turn}`));
    expect((await times(60, () => post(`${path}/refresh`, key))).map(codeOf)).toContain(119);
    expect(await post(`${path}/disconnect`, key)).toMatchObject({ body: { statusCode: 0, chatEnded: true } });
  });

  test('nobody uses up what is another’s: requests without the key do not count', async () => {
    const url = await start({ rateLimits });
    const { path, key } = await openChat(url);
    const stranger = await times(100, () =>
      post(`${path}/refresh`, 'secureKey=0123456789abcdef0123456789abcdef'),
    );
    expect(new Set(stranger.map(codeOf))).toEqual(new Set([109]));
    expect((await times(60, () => post(`${path}/refresh`, key))).map(codeOf)).not.toContain(119);
  });

  test.each(['CometD long-polling', 'CometD WebSocket'] as const)('the same holds over %s', async (way) => {
    await start({ rateLimits });
    const side = await openSide(way, box.baseUrl);
    await side.open({ nickname: 'P' });
    const replies = await times(22, () => side.operate('sendMessage', { message: 'x' }));
    const codes = replies.map((reply) => (reply && 'errors' in reply ? reply.errors[0]?.code : 0));
    expect(codes.filter((code) => code === 119).length).toBeGreaterThanOrEqual(1);
    await side.close();
  });
});

test('an agent who asks too often is refused with 429, one tab does not spoil it for another agent', async () => {
  await start({ rateLimits: { perAgent: { requestsPerSecond: 5, requestBurst: 10 } } });
  const headers = { authorization: `Basic ${Buffer.from('marat:demo').toString('base64')}` };
  const first = await fetch(`${box.baseUrl}/api/v2/me`, { headers });
  const cookie = first.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const answers = await times(12, () => fetch(`${box.baseUrl}/api/v2/me`, { headers: { cookie } }));
  expect(answers.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 9 }, () => 200),
    429,
    429,
    429,
  ]);
  const last = answers.at(-1);
  expect(last?.headers.get('retry-after')).toBe('1');
  expect(await last?.json()).toEqual({ statusCode: 4, statusMessage: 'Too many requests; try again later.' });
  const kristi = { authorization: `Basic ${Buffer.from('kristi:demo').toString('base64')}` };
  expect((await fetch(`${box.baseUrl}/api/v2/me`, { headers: kristi })).status).toBe(200);
});

import { PushToApp } from '@parley/contract/push-to-apps.ts';
import type { ConfigFile } from '@parley/server/config/schema.ts';
import { filledIn } from '@parley/server/outbox/push-sender.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Check } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type DeepPartial, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import { openSide } from '../customers/sides.ts';

const delayMs = 90_000;
const subscription = {
  push_notification_deviceid: 'a token',
  push_notification_type: 'fcm',
  push_notification_language: 'et',
};

let pushes: PushToApp[];
let box: ServerInABox<ManualClock>;
let marat: TestAgent;

/** A push service that takes everything. */
const service = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    pushes.push(JSON.parse(body) as PushToApp);
    response.writeHead(202).end();
  });
});

async function start(customHttp: DeepPartial<ConfigFile['push']['customHttp']> = {}): Promise<void> {
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/push`;
  box = await startServer({
    config: { push: { customHttp: { url, allowPrivateAddresses: true, delayMs, ...customHttp } } },
  });
  marat = box.agent('marat');
  await marat.goToWork();
}

beforeEach(async () => {
  pushes = [];
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await box.stop();
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
});

async function accepted(): Promise<string> {
  const { id } = await marat.offered();
  await marat.accept(id, { nickname: 'Marat' });
  await marat.logged();
  return id;
}

async function came(count: number): Promise<readonly string[]> {
  await vi.waitFor(() => expect(pushes.length).toBeGreaterThanOrEqual(count), { timeout: 10_000 });
  return pushes.map(({ type }) => type);
}

describe('a customer over REST', () => {
  test('is told by push of what they have not fetched after a while, without its text', async () => {
    await start();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP', userData: subscription });
    const id = await accepted();
    await customer.refresh();
    await marat.sendMessage(id, 'a secret of theirs');
    await marat.startTyping(id);
    await marat.sendCustomNotice(id, 'a notice');
    await marat.sendUrl(id, 'https://example.com/');
    box.clock.advance(delayMs);
    expect(await came(2)).toEqual(['Message', 'PushUrl']);
    expect(JSON.stringify(pushes)).not.toContain('secret');
    for (const push of pushes) expect(Check(PushToApp, push), JSON.stringify(push)).toBe(true);
    expect(pushes[0]).toMatchObject({ chatId: id, deviceId: 'a token', deviceType: 'fcm', language: 'et' });
    // Their app is closed by now: no need to wait again.
    await marat.sendMessage(id, 'more');
    expect(await came(3)).toEqual(['Message', 'PushUrl', 'Message']);
  });

  test('is not told by push of what they fetch, nor who has no subscription', async () => {
    await start();
    const [with_, without] = [box.customer(), box.customer()];
    await with_.requestChat({ nickname: 'PersonP', userData: subscription });
    const id = await accepted();
    await without.requestChat({ nickname: 'PersonQ' });
    await marat.sendMessage(id, 'one');
    await with_.refresh();
    box.clock.advance(delayMs);
    await marat.sendMessage(id, 'two');
    box.clock.advance(delayMs);
    expect(await came(1)).toEqual(['Message']);
    expect(pushes).toHaveLength(1);
  });

  test('is told after a restart too, when they have not come back', async () => {
    await start({ includePayload: true });
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP', userData: { GCTI_Chat_PushSubscribe: 'true' } });
    const id = await accepted();
    await customer.refresh();
    await marat.sendMessage(id, 'one');
    box.clock.advance(delayMs - 1);
    await box.restart();
    box.clock.advance(1);
    expect(pushes).toEqual([]);
    box.clock.advance(delayMs);
    const told = () => pushes.filter(({ event }) => event?.text === 'one');
    await vi.waitFor(() => expect(told()).toHaveLength(1), { timeout: 10_000 });
  });
});

test('an app that goes to the background is told at once from its position on, until it is back', async () => {
  await start({ includePayload: true });
  const app = await openSide('CometD WebSocket', box.baseUrl);
  await app.open({ nickname: 'PersonP', userData: subscription });
  const id = await accepted();
  // It says that it has seen all up to 3; see `close`.
  await marat.sendMessage(id, 'third');
  await marat.sendMessage(id, 'fourth');
  await app.until('Message', 4);
  await app.close();
  await came(1);
  await marat.sendMessage(id, 'fifth');
  await came(2);
  expect(pushes.map(({ event }) => event?.text)).toEqual(['fourth', 'fifth']);
  const again = await openSide('CometD WebSocket', box.baseUrl);
  await again.restore(app.key, 4);
  await marat.sendMessage(id, 'sixth');
  await again.until('Message', 3);
  expect(pushes).toHaveLength(2);
});

test('a template is filled in and stays JSON, whatever is said', () => {
  const template =
    '{"to":"{{deviceId}}","title":"{{type}}","body":"{{text}}","none":"{{toString}}{{event}}"}';
  const text = '"},{"a":"\\ {{deviceId}} \n';
  const event = {
    index: 1,
    type: 'Message',
    from: { nickname: 'A', participantId: 2, type: 'Agent' },
    text,
  } as const;
  const push: PushToApp = {
    ...{
      type: 'Message',
      chatId: 'c',
      service: 's',
      seq: 1,
      timestamp: '2014-01-02T22:23:18.000Z',
      debug: false,
    },
    ...{ deviceId: 'd', deviceType: null, provider: null, language: null },
    event: { ...event, utcTime: 1, userData: {}, eventAttributes: {} },
  };
  expect(JSON.parse(filledIn(template, push))).toEqual({ to: 'd', title: 'Message', body: text, none: '' });
});

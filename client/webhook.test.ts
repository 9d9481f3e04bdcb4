import { signedHeaders } from '@parley/server/outbox/signature.ts';
import { expect, test } from 'vitest';
import { verifyWebhook, WebhookError, type ReceivedWebhook } from './webhook.ts';

const secret = `whsec_${Buffer.from('a secret of 24 characters').toString('base64')}`;
const other = `whsec_${Buffer.from('another secret of 24 char').toString('base64')}`;
const nowMs = 1_400_000_000_000;
const body = JSON.stringify({ type: 'ChatEnded', timestamp: '', data: {} });

function received(changes: Partial<ReceivedWebhook['headers']> = {}, secrets = [secret]): ReceivedWebhook {
  return { headers: { ...signedHeaders({ id: 'one', atMs: nowMs, body }, secrets), ...changes }, body };
}

// Made with another implementation: https://www.standardwebhooks.com, the example of the specification's libraries.
test('an example of the Standard Webhooks libraries has their signature', () => {
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    atMs: 1_614_265_330_000,
    body: '{"test": 2432232314}',
  };
  expect(signedHeaders(message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('what the server signs is taken, by either secret while one is changed', async () => {
  const expected = { id: 'one', message: JSON.parse(body) as unknown };
  expect(await verifyWebhook(received(), { secrets: [secret], nowMs })).toEqual(expected);
  expect(await verifyWebhook(received({}, [other, secret]), { secrets: [secret], nowMs })).toEqual(expected);
  expect(await verifyWebhook(received(), { secrets: [other, secret], nowMs })).toEqual(expected);
});

const good = signedHeaders({ id: 'one', atMs: nowMs, body }, [secret]);
const bad: Readonly<Record<string, ReceivedWebhook>> = {
  'another secret': received({}, [other]),
  'another body': { ...received(), body: `${body} ` },
  'another id': received({ 'webhook-id': 'two' }),
  'another time': received({ 'webhook-timestamp': String(nowMs / 1000 + 1) }),
  'no signature': received({ 'webhook-signature': '' }),
  'no header': received({ 'webhook-signature': undefined }),
  'a header twice': received({ 'webhook-id': ['one', 'one'] }),
  'a signature of another kind': received({
    'webhook-signature': good['webhook-signature']?.replace('v1', 'v1a'),
  }),
  'half a signature': received({ 'webhook-signature': good['webhook-signature']?.slice(0, 20) }),
  'no base64': received({ 'webhook-signature': 'v1,????' }),
  'no number': received({ 'webhook-timestamp': 'NaN' }),
};

test.each(Object.entries(bad))('%s is refused', async (_name, message) => {
  await expect(verifyWebhook(message, { secrets: [secret], nowMs })).rejects.toThrow(WebhookError);
});

test('a recorded message is refused when it is old, and one from the future', async () => {
  for (const awayMs of [300_001, -300_001])
    await expect(verifyWebhook(received(), { secrets: [secret], nowMs: nowMs + awayMs })).rejects.toThrow(
      'time',
    );
  await verifyWebhook(received(), { secrets: [secret], nowMs: nowMs + 300_000 });
});

test('a signed body that is no known message is refused', async () => {
  for (const strange of ['', '[]', '{}', '{"type":"toString"}', 'null']) {
    const headers = signedHeaders({ id: 'one', atMs: nowMs, body: strange }, [secret]);
    await expect(verifyWebhook({ headers, body: strange }, { secrets: [secret], nowMs })).rejects.toThrow(
      WebhookError,
    );
  }
});

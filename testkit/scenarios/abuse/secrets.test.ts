import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRefusal } from '@parley/contract/refusals.ts';
import { newChatId, newSecureKey } from '@parley/server/domain/ids.ts';
import { findCustomerChat } from '@parley/server/operations/customer-chat.ts';
import { World } from '../../model/world.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { openSide, ways } from '../customers/sides.ts';
import { post } from './requests.ts';

const identity = {
  issuer: 'https://shop.example',
  audience: 'parley',
  secret: 'the shop and the server know this',
};
let box: ServerInABox<ManualClock>;
beforeAll(async () => {
  const services = ['customer-support', 'other'].map((name) => ({ name, queue: 'support', identity }));
  box = await startServer({ config: { services } });
});
afterAll(() => box.stop());

test('of 100,000 random chats and keys none is there, and each is answered alike', async () => {
  const world = new World();
  await world.start();
  const chatId = await world.requestChat();
  if (chatId === null) throw new Error('no chat was opened');
  const { operations } = world.center;
  const answers = new Set<string>();
  for (let turn = 0; turn < 100_000; turn += 1) {
    const key = {
      service: turn % 3 === 0 ? 'customer-support' : 'other',
      chatId: turn % 2 === 0 ? chatId : newChatId(randomBytes),
      secureKey: newSecureKey(randomBytes),
    };
    const found = await findCustomerChat(operations, key);
    answers.add(isRefusal(found) ? JSON.stringify(found) : 'found');
  }
  expect([...answers]).toEqual([
    '{"refused":"NotFound","detail":"There is no such chat, or the secure key does not open it."}',
  ]);
  expect(operations.limits.watched).toBeLessThan(10);
  world.stop();
}, 60_000);

test('over HTTP nobody learns which chats there are: unknown, wrong key, another service are one answer', async () => {
  const url = `${box.baseUrl}/genesys/2/chat`;
  const { body } = await post(`${url}/customer-support`, 'nickname=P');
  const [chatId, secureKey] = [String(body['chatId']), String(body['secureKey'])];
  const wrong = newSecureKey(randomBytes);
  const ask = async (service: string, id: string, key: string): Promise<string> => {
    const answer = await post(`${url}/${service}/${id}/refresh`, `secureKey=${key}`);
    return JSON.stringify({ ...answer, text: answer.text.replaceAll(id, 'ID'), body: null });
  };
  const unknown = await ask('customer-support', newChatId(randomBytes), wrong);
  expect(await ask('customer-support', chatId, wrong)).toBe(unknown);
  expect(await ask('other', chatId, secureKey)).toBe(unknown);
  expect(await ask('customer-support', chatId, `${chatId}.${wrong}`)).toBe(unknown);
  expect(unknown).toContain('"statusCode\\":2');
});

test('neither secure keys nor identity tokens are ever in the log, down to the finest level', async () => {
  const secrets: string[] = [];
  const token = `eyJhbGciOiJIUzI1NiJ9.${'c2VjcmV0'.repeat(5)}.c2lnbmF0dXJl`;
  for (const way of ways) {
    const side = await openSide(way, box.baseUrl);
    await side.open({ nickname: 'P' });
    secrets.push(side.key.secureKey.slice(-32));
    await side.operate('sendMessage', { message: 'hello' });
    await side.operate('pushUrl', { pushUrl: 'nonsense' });
    await side.operate('sendMessage', { secureKey: `${side.key.secureKey}0`, message: 'x' });
    await side.close();
  }
  const url = `${box.baseUrl}/genesys/2/chat/customer-support`;
  await post(url, { nickname: 'P', identityToken: token });
  await post(url, 'nickname=P', { headers: { authorization: `Bearer ${token}` } });
  const chats = `${box.baseUrl}/api/v2/chats`;
  const { body } = await post(chats, { operationName: 'RequestChat', nickname: 'P' });
  const id = String(body['id']);
  secrets.push(id.slice(-32));
  await post(`${chats}/${id}`, { operationName: 'Nothing' });
  // A body that is no JSON is an error while the request is read.
  const headers = { 'content-type': 'application/json' };
  await fetch(`${chats}/${id}`, { method: 'POST', headers, body: '{"operationName":' });
  await fetch(`${chats}/${id}`, { method: 'DELETE' });
  const log = box.logged.join('\n');
  expect(new Set(secrets).size).toBe(4);
  for (const secret of [...secrets, token.slice(25, 50), identity.secret]) {
    expect(secret.length).toBeGreaterThanOrEqual(25);
    expect(log).not.toContain(secret);
  }
});

import { SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { openSide, ways } from '../customers/sides.ts';
import { codeOf, post, type Answer } from './requests.ts';

// A shop signs who its customers are; the service `customer-support` wants to know it, `open` may be told.

const secret = 'the shop and the server know this secret';
const identity = { issuer: 'https://shop.example', audience: 'parley', secret };
const services = [
  { name: 'customer-support', queue: 'support', identity: { ...identity, required: true } },
  { name: 'open', queue: 'support', identity },
];

let box: ServerInABox<ManualClock>;
afterEach(() => box.stop());

async function start(): Promise<string> {
  box = await startServer({ config: { services } });
  return `${box.baseUrl}/genesys/2/chat`;
}

function signed(claims: Record<string, unknown> = {}, key = secret): Promise<string> {
  const nowSeconds = Math.floor(box.clock.now() / 1000);
  return new SignJWT({ sub: '4711', name: 'Pat Person', email: 'pat@example.com', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(identity.issuer)
    .setAudience(identity.audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + 300)
    .sign(new TextEncoder().encode(key));
}

const spoof = { nickname: 'Root', firstName: 'Boss', emailAddress: 'boss@example.com' };
const spoofedData = {
  IdentityVerified: 'true',
  IDENTITYSUBJECT: '1',
  FirstName: 'Boss',
  PhoneNumber: '112',
  Order: '7',
};

/** What an agent sees of the only chat. */
async function seenByAgent(): Promise<{ nickname: unknown; userData: Record<string, unknown> }> {
  const agent = box.agent('marat');
  await agent.goToWork();
  const { id } = await agent.offered();
  await agent.accept(id, { nickname: 'Marat' });
  const [chat] = await agent.chats();
  const customer = chat?.participants.find(({ type }) => type === 'Customer');
  return { nickname: customer?.nickname, userData: chat?.userData ?? {} };
}

test.each(ways)('over %s the token says who it is, whatever the form says', async (way) => {
  await start();
  const side = await openSide(way, box.baseUrl);
  const token = await signed();
  const proof = way === 'REST' ? { identityToken: token } : { auth: { token } };
  expect(await side.open({ ...spoof, userData: spoofedData, ...proof })).toMatchObject({ statusCode: 0 });
  const renamed = await side.operate('updateNickname', { nickname: 'Root' });
  expect(renamed).toMatchObject({ statusCode: 2, errors: [{ code: 106 }] });
  await side.operate('updateData', {
    userData: { ...spoofedData, EmailAddress: 'boss@example.com', Order: '8' },
  });
  const { nickname, userData } = await seenByAgent();
  expect(nickname).toBe('Pat Person');
  expect(userData).toMatchObject({
    IdentityVerified: 'true',
    IdentitySubject: '4711',
    IdentityIssuer: identity.issuer,
    EmailAddress: 'pat@example.com',
    Order: '8',
  });
  expect(JSON.stringify(userData)).not.toMatch(/Boss|boss|112|IDENTITYSUBJECT/);
  await side.close();
});

test('an agent changes nothing of what was proven, and proves nothing', async () => {
  const url = await start();
  const agent = box.agent('marat');
  await agent.goToWork();
  const opened = async (fields: object): Promise<string> => {
    const { position } = agent.recorder;
    await post(`${url}/open`, { nickname: 'Pat', ...fields });
    const { id } = await agent.offered({ after: position });
    await agent.accept(id, { nickname: 'Marat' });
    return id;
  };
  const [proven, other] = [await opened({ identityToken: await signed() }), await opened({})];
  const { userData: before } = await agent.chat(proven);
  const refused = { httpStatus: 403, statusCode: 3 };
  for (const id of [proven, other]) {
    for (const data of [
      { IdentityVerified: 'yes' },
      { ' identityverified': 'true' },
      { IDENTITYISSUER: 'x' },
    ]) {
      await expect(agent.attachUserData(id, data)).rejects.toMatchObject(refused);
      await expect(agent.updateUserData(id, { Order: '7', ...data })).rejects.toMatchObject(refused);
    }
    await expect(agent.setDisposition(id, 'true', 'IdentityVerified ')).rejects.toMatchObject(refused);
  }
  await expect(agent.updateUserData(other, { IdentityVerified: 'true' })).rejects.toMatchObject(refused);
  await expect(agent.deleteUserData(proven, ['IdentityVerified'])).rejects.toMatchObject(refused);
  // What was there may be sent back, and all else be changed.
  await agent.updateUserData(proven, { IdentityVerified: 'true', Order: '7' });
  await agent.deleteUserData(other, ['IdentityVerified', 'Order']);
  expect((await agent.chat(proven)).userData).toEqual({ ...before, Order: '7' });
  expect(JSON.stringify((await agent.chat(other)).userData).toLowerCase()).not.toContain('identity');
});

test('as a header, over HTTP and on /api/v2/chats', async () => {
  const url = await start();
  const headers = { authorization: `Bearer ${await signed()}` };
  expect(await post(`${url}/customer-support`, 'nickname=Root', { headers })).toMatchObject({
    body: { statusCode: 0 },
  });
  const request = { operationName: 'RequestChat', nickname: 'Root' };
  expect(await post(`${box.baseUrl}/api/v2/chats`, request, { headers })).toMatchObject({ status: 200 });
  const bare = await post(`${box.baseUrl}/api/v2/chats`, request);
  expect(bare).toMatchObject({ status: 403, retryAfter: null, body: { statusCode: 20 } });
});

test('without a token, with a wrong one or an old one the chat is refused, and nothing is made', async () => {
  const url = await start();
  const open = (fields: object): Promise<Answer> =>
    post(`${url}/customer-support`, { nickname: 'P', ...fields });
  expect(await open({})).toMatchObject({ status: 200, body: { statusCode: 2, errors: [{ code: 120 }] } });
  expect(codeOf(await open({ identityToken: '' }))).toBe(120);
  expect(codeOf(await open({ identityToken: 'x' }))).toBe(121);
  expect(codeOf(await open({ identityToken: 'x'.repeat(60_000) }))).toBe(121);
  expect(codeOf(await open({ identityToken: await signed({}, 'somebody else has another secret') }))).toBe(
    121,
  );
  const old = await signed();
  box.clock.advance(331_000);
  const expired = await open({ identityToken: old });
  expect(codeOf(expired)).toBe(121);
  expect(expired.text).toContain('expired');
  expect(expired.text).not.toContain(old.slice(0, 20));
  const metrics = await (await fetch(`${box.baseUrl}/metrics`)).text();
  expect(metrics).toContain('parley_chats{state="Waiting"} 0');
});

test('where no token is required nobody can say that they were proven', async () => {
  const url = await start();
  const opened = await post(`${url}/open`, { nickname: 'Pat', userData: spoofedData });
  expect(codeOf(opened)).toBe(0);
  const key = { secureKey: opened.body['secureKey'] };
  const path = `${url}/open/${String(opened.body['chatId'])}`;
  await post(`${path}/updateData`, {
    ...key,
    userData: { identityverified: 'true', ' IdentityIssuer': 'x', Order: '9' },
  });
  expect(codeOf(await post(`${path}/updateNickname`, { ...key, nickname: 'Patty' }))).toBe(0);
  const { nickname, userData } = await seenByAgent();
  expect(nickname).toBe('Patty');
  expect(JSON.stringify(userData).toLowerCase()).not.toContain('identity');
  expect(userData).toMatchObject({ FirstName: 'Boss', Order: '9' });
  expect(codeOf(await post(`${url}/open`, { nickname: 'P', identityToken: 'x' }))).toBe(121);
});

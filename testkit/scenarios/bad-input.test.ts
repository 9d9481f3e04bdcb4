import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../manual-clock.ts';
import { startServer, type ServerInABox } from '../server-in-a-box.ts';
import type { TestAgent } from '../test-agent.ts';
import type { TestCustomer } from '../test-customer.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let customer: TestCustomer;

beforeEach(async () => {
  box = await startServer();
  marat = box.agent('marat');
  await marat.goToWork();
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
});

afterEach(() => box.stop());

interface Answer {
  readonly httpStatus: number;
  readonly statusCode: number;
  readonly statusMessage: string;
}

/** Posts a body as it is, as this agent. */
async function post(
  agent: TestAgent,
  path: string,
  body?: string,
  type = 'application/json',
): Promise<Answer> {
  const response = await agent.fetch(`${box.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    ...(body === undefined ? {} : { body }),
  });
  const { statusCode, statusMessage } = (await response.json()) as Answer;
  return { httpStatus: response.status, statusCode, statusMessage };
}

const chatPath = (): string => `/api/v2/me/chats/${customer.chatId}`;
const accept = { operationName: 'Accept', nickname: 'Marat' };

/** The chat is still offered, as if nothing had been asked. */
async function expectUntouched(): Promise<void> {
  expect((await marat.chat(customer.chatId)).state).toBe('Invited');
  expect((await customer.refresh(1)).messages.map(({ type }) => type)).toEqual(['ParticipantJoined']);
}

describe('a request that is not in order is refused and changes nothing', () => {
  it.each([
    ['no body', undefined, 400, 1, /no body/],
    ['an empty body', '', 400, 1, /no body/],
    ['not JSON', '{"operationName":', 400, 10, /JSON/],
    ['a list', '[1]', 400, 10, /object/],
    ['null', 'null', 400, 1, /operationName/],
    ['no operation', '{}', 400, 1, /operationName/],
    ['an operation of the wrong type', '{"operationName":7}', 400, 10, /operationName/],
    ['an unknown operation', '{"operationName":"Explode"}', 400, 2, /Explode/],
    ['a name of the prototype', '{"operationName":"constructor"}', 400, 2, /constructor/],
    ['a prototype key', '{"operationName":"Accept","nickname":"M","__proto__":{"x":1}}', 400, 10, /JSON/],
    ['no nickname', '{"operationName":"Accept"}', 400, 1, /nickname/],
    ['an empty nickname', '{"operationName":"Accept","nickname":""}', 400, 10, /nickname/],
    ['a nickname of the wrong type', '{"operationName":"Accept","nickname":{}}', 400, 10, /nickname/],
    [
      'a saveLAR of the wrong type',
      '{"operationName":"Accept","nickname":"M","saveLAR":"perhaps"}',
      400,
      10,
      /saveLAR/,
    ],
    ['an operation of another state', '{"operationName":"SendMessage","text":"hi"}', 400, 2, /Invited/],
    ['a transfer to nowhere', '{"operationName":"Transfer"}', 400, 1, /targetUri/],
    ['1 MB', JSON.stringify({ ...accept, filler: 'x'.repeat(1_000_000) }), 413, 10, /too large/],
  ])('%s', async (_name, body, httpStatus, statusCode, message) => {
    const answer = await post(marat, chatPath(), body);
    expect(answer).toMatchObject({ httpStatus, statusCode, statusMessage: expect.stringMatching(message) });
    await expectUntouched();
  });

  it('a body that is no JSON by its type', async () => {
    const answer = await post(marat, chatPath(), JSON.stringify(accept), 'text/plain');
    expect(answer).toMatchObject({
      statusCode: 10,
      statusMessage: expect.stringMatching(/application\/json/),
    });
    await expectUntouched();
  });

  it('a chat that does not exist', async () => {
    const answer = await post(marat, '/api/v2/me/chats/0000000000000000', JSON.stringify(accept));
    expect(answer).toMatchObject({ httpStatus: 404, statusCode: 6 });
  });

  it("someone else's chat, in the same words", async () => {
    const kristi = box.agent('kristi');
    await kristi.goToWork('NotReady');
    const foreign = await post(kristi, chatPath(), JSON.stringify(accept));
    expect(foreign).toEqual(await post(kristi, '/api/v2/me/chats/0000000000000000', JSON.stringify(accept)));
    expect(foreign).toMatchObject({ httpStatus: 404, statusCode: 6 });
    await expect(kristi.chat(customer.chatId)).rejects.toMatchObject({ statusCode: 6 });
    await expect(kristi.messages(customer.chatId)).rejects.toMatchObject({ statusCode: 6 });
    await expectUntouched();
  });

  it('somebody without the feature', async () => {
    const admin = box.agent('admin');
    await admin.signIn();
    expect(await post(admin, chatPath(), JSON.stringify(accept))).toMatchObject({
      httpStatus: 403,
      statusCode: 5,
    });
    await expectUntouched();
  });

  it('somebody without credentials', async () => {
    const response = await fetch(`${box.baseUrl}${chatPath()}`, {
      method: 'POST',
      body: JSON.stringify(accept),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ statusCode: 20, statusMessage: 'Access denied' });
    expect(response.headers.get('www-authenticate')).toBeNull();
    await expectUntouched();
  });

  it('a session that has been idle too long', async () => {
    await marat.closeNotifications();
    box.clock.advance(1_800_000);
    expect(await post(marat, chatPath(), JSON.stringify(accept))).toMatchObject({
      httpStatus: 403,
      statusCode: 20,
    });
  });
});

it('a text beyond the limit is refused, the next one goes through', async () => {
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  const tooLong = JSON.stringify({ operationName: 'SendMessage', text: 'x'.repeat(14_001) });
  expect(await post(marat, chatPath(), tooLong)).toMatchObject({ httpStatus: 400, statusCode: 10 });
  await marat.sendMessage(customer.chatId, 'short');
  const texts = (await customer.refresh(1)).messages.flatMap(({ text }) => text ?? []);
  expect(texts).toEqual(['short']);
});

it('accepting twice is refused the second time; there is one seat', async () => {
  const body = JSON.stringify(accept);
  const answers = await Promise.all([post(marat, chatPath(), body), post(marat, chatPath(), body)]);
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([0, 2]);
  const { participants } = await marat.chat(customer.chatId);
  expect(participants.map(({ type }) => type)).toEqual(['Agent', 'Customer']);
});

it('of two agents who accept at once only the one to whom it is offered gets in', async () => {
  const kristi = box.agent('kristi');
  await kristi.goToWork();
  const body = JSON.stringify(accept);
  const answers = await Promise.all([post(kristi, chatPath(), body), post(marat, chatPath(), body)]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([6, 0]);
});

describe('CSRF protection', () => {
  let protectedBox: ServerInABox<ManualClock>;
  beforeEach(async () => {
    protectedBox = await startServer({ config: { agentSession: { csrfProtection: true } } });
  });
  afterEach(() => protectedBox.stop());

  const signIn = (): Promise<Response> =>
    fetch(`${protectedBox.baseUrl}/api/v2/me`, { headers: { authorization: `Basic ${btoa('marat:demo')}` } });

  const start = (cookie: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${protectedBox.baseUrl}/api/v2/me`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: '{"operationName":"StartContactCenterSession","channels":["chat"]}',
    });

  it('names the header and the token on a GET, and demands them of a POST', async () => {
    const me = await signIn();
    const cookie = me.headers.get('set-cookie')?.split(';')[0] ?? '';
    const header = me.headers.get('x-csrf-header') ?? '';
    expect(header).toBe('X-CSRF-TOKEN');
    const token = me.headers.get(header) ?? '';
    const without = await start(cookie, {});
    expect(without.status).toBe(403);
    expect(await without.json()).toEqual({ statusCode: 3, statusMessage: 'Missing or invalid Csrf token' });
    expect((await start(cookie, { [header]: `${token}x` })).status).toBe(403);
    expect((await start(cookie, { [header]: token })).status).toBe(200);
  });
});

it('a page of another origin cannot use the cookie', async () => {
  const me = await fetch(`${box.baseUrl}/api/v2/me`, {
    headers: { authorization: `Basic ${btoa('marat:demo')}` },
  });
  const cookie = me.headers.get('set-cookie')?.split(';')[0] ?? '';
  const act = (origin: string): Promise<Response> =>
    fetch(`${box.baseUrl}/api/v2/me`, {
      method: 'POST',
      headers: { cookie, origin, 'content-type': 'application/json' },
      body: '{"operationName":"NotReady"}',
    });
  expect((await act('https://evil.example')).status).toBe(403);
  expect((await act(box.baseUrl)).status).toBe(200);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

// The customer's side of `/api/v2/chats` (gws-agent-api §5.7), without any sign-in.

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let opened: Answer | undefined;
let id = '';
let chatId = '';

interface Answer {
  readonly httpStatus: number;
  readonly statusCode: number;
  readonly [key: string]: unknown;
}

async function ask(method: string, path: string, body?: object, headers: object = {}): Promise<Answer> {
  const response = await fetch(`${box.baseUrl}/api/v2${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { httpStatus: response.status, ...((await response.json()) as { readonly statusCode: number }) };
}
const operate = (operationName: string, fields: object = {}): Promise<Answer> =>
  ask('POST', `/chats/${id}`, { operationName, ...fields });

beforeAll(async () => {
  box = await startServer();
  marat = box.agent('marat');
  await marat.goToWork();
  const body = { operationName: 'RequestChat', nickname: 'PersonP', subject: 'Hello', userData: { a: 1 } };
  opened = await ask('POST', '/chats', body);
  id = String(opened['id']);
  ({ id: chatId } = await marat.offered());
});
afterAll(() => box?.stop());

it('opens, talks, reads from an index and leaves', async () => {
  expect(opened).toMatchObject({ httpStatus: 200, statusCode: 0, path: `/chats/${id}` });
  expect(id).toMatch(new RegExp(`^${chatId}\\.[0-9a-f]{32}$`));
  expect(await ask('GET', `/chats/${id}`)).toMatchObject({ chat: { id, state: 'WaitingForAgent' } });
  await marat.accept(chatId, { nickname: 'Marat' });
  expect(await operate('SendStartTypingNotification')).toEqual({ httpStatus: 200, statusCode: 0 });
  expect(await operate('SendStopTypingNotification')).toMatchObject({ statusCode: 0 });
  expect(await operate('SendMessage', { text: 'hi' })).toMatchObject({ statusCode: 0 });
  const shown = await ask('GET', `/chats/${id}`);
  expect(shown).toMatchObject({ chat: { state: 'Chatting', participants: [{ nickname: 'Marat' }, {}] } });
  expect(JSON.stringify(shown)).not.toContain('/users/');
  const all = (await ask('GET', `/chats/${id}/messages`))['messages'] as { type: string; index: number }[];
  expect(all.map(({ type }) => type)).toEqual([
    'ParticipantJoined',
    'ParticipantJoined',
    'TypingStarted',
    'TypingStopped',
    'Text',
  ]);
  const late = await ask('GET', `/chats/${id}/messages?index=5`);
  expect(late['messages']).toMatchObject([{ index: 5, text: 'hi', from: { nickname: 'PersonP' } }]);
  expect(await operate('Complete')).toMatchObject({ statusCode: 0 });
  expect(await operate('Complete')).toMatchObject({ statusCode: 0 });
  expect(await ask('GET', `/chats/${id}`)).toMatchObject({ chat: { state: 'Completed', capabilities: [] } });
  expect(await operate('SendMessage', { text: 'hi' })).toMatchObject({ httpStatus: 400, statusCode: 2 });
});

it('lets nobody in who does not know the secret', async () => {
  const [, key = ''] = id.split('.');
  for (const wrong of [`${chatId}.${'0'.repeat(32)}`, `0000000000000000.${key}`, `${chatId}.${key}0`]) {
    expect(await ask('GET', `/chats/${wrong}`)).toMatchObject({ httpStatus: 404, statusCode: 6 });
    expect(await ask('GET', `/chats/${wrong}/messages`)).toMatchObject({ httpStatus: 404, statusCode: 6 });
    const post = await ask('POST', `/chats/${wrong}`, { operationName: 'Complete' });
    expect(post).toMatchObject({ httpStatus: 404, statusCode: 6 });
  }
});

it("is another resource than the agent's, at the same address", async () => {
  expect(await ask('GET', `/chats/${chatId}`)).toMatchObject({ httpStatus: 403, statusCode: 20 });
  expect((await marat.fetch(`${box.baseUrl}/api/v2/chats/${chatId}`)).status).toBe(200);
  expect(await ask('POST', `/chats/${chatId}`, { operationName: 'Complete' })).toMatchObject({
    httpStatus: 404,
  });
});

describe('is refused', () => {
  const request = { operationName: 'RequestChat', nickname: 'P' };
  it.each([
    ['an unknown operation', { operationName: 'Explode' }, {}, 2],
    ['nobody', { operationName: 'RequestChat' }, {}, 1],
    ['an unknown endpoint', { ...request, endpoint: 'Environment:nowhere' }, {}, 6],
    ['another contact centre', request, { ContactCenterId: '00000000-0000-0000-0000-000000000000' }, 6],
  ])('%s', async (_name, body, headers, statusCode) => {
    expect(await ask('POST', '/chats', body, headers)).toMatchObject({ statusCode });
  });

  it('but not our own contact centre, and not a known endpoint', async () => {
    const me = (await (await marat.fetch(`${box.baseUrl}/api/v2/me`)).json()) as { statusCode: number };
    expect(me.statusCode).toBe(0);
    const body = { ...request, endpoint: 'Environment:customer-support' };
    expect(await ask('POST', '/chats', body)).toMatchObject({ statusCode: 0 });
  });
});

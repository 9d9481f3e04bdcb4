import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';

// The Idempotency-Key header over plain HTTP (docs/adr/0010), on both APIs.

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let customer: TestCustomer;

beforeEach(async () => {
  box = await startServer();
  marat = box.agent('marat');
  await marat.goToWork();
});

afterEach(() => box.stop());

interface Answer {
  readonly status: number;
  readonly isReplayed: boolean;
  readonly text: string;
}

async function read(response: Response): Promise<Answer> {
  const isReplayed = response.headers.get('idempotent-replayed') === 'true';
  return { status: response.status, isReplayed, text: await response.text() };
}

/** A request of a customer, as a form. */
async function post(path: string, fields: Record<string, string>, key?: string): Promise<Answer> {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const body = new URLSearchParams(fields).toString();
  return read(await fetch(`${box.baseUrl}${path}`, { method: 'POST', headers, body }));
}

/** A request of the agent, or with `fetchAs` of somebody else. */
async function operate(path: string, body: object, options: { key?: string; method?: string } = {}) {
  const { key, method = 'POST' } = options;
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  return read(await marat.fetch(`${box.baseUrl}${path}`, { method, headers, body: JSON.stringify(body) }));
}

/** How many entries the store has taken since it was opened. */
async function appended(): Promise<number> {
  const text = await (await fetch(`${box.baseUrl}/metrics`)).text();
  return Number(/^parley_commit_batch_entries_sum (\d+)$/m.exec(text)?.[1]);
}

async function openChat(): Promise<string> {
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  return customer.chatId;
}

async function texts(): Promise<readonly (string | undefined)[]> {
  const { messages } = await customer.refresh(1);
  return messages.filter(({ type }) => type === 'Message').map(({ text }) => text);
}

function expectReplay(first: Answer, again: Answer): void {
  expect(first.isReplayed).toBe(false);
  expect(again).toEqual({ ...first, isReplayed: true });
}

const openPath = '/genesys/2/chat/customer-support';
const longKey = '8e03978e-40d5-43dd-bc93-6894a57f9324';

describe('a customer', () => {
  const send = (message: string, key: string, fields: Record<string, string> = {}) =>
    post(`${openPath}/${customer.chatId}/send`, { secureKey: customer.secureKey, message, ...fields }, key);

  it('says something once, and is answered alike, whatever has happened in between', async () => {
    await openChat();
    const first = await send('hello', 'k1', { transcriptPosition: '1' });
    await marat.sendMessage(customer.chatId, 'good day');
    const again = await send('hello', 'k1', { transcriptPosition: '1' });
    expectReplay(first, again);
    expect(JSON.parse(first.text)).toMatchObject({ statusCode: 0, nextPosition: 4 });
    expect(await texts()).toEqual(['hello', 'good day']);
  });

  it('is answered alike after the chat is over, and after a restart', async () => {
    await openChat();
    const first = await send('hello', 'k1', { transcriptPosition: '1' });
    await customer.disconnect();
    await marat.complete(customer.chatId);
    expectReplay(first, await send('hello', 'k1', { transcriptPosition: '1' }));
    await box.restart();
    expectReplay(first, await send('hello', 'k1', { transcriptPosition: '1' }));
    expect(await texts()).toEqual(['hello']);
  });

  it('sends the same ten times at once, and it is said once', async () => {
    await openChat();
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('hello', 'k1')));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(await texts()).toEqual(['hello']);
  });

  it('is refused who says something else under the same key', async () => {
    await openChat();
    await send('hello', 'k1');
    const other = await send('goodbye', 'k1');
    expect(other.status).toBe(200);
    expect(JSON.parse(other.text)).toMatchObject({ statusCode: 2, errors: [{ code: 118 }] });
    expect(await texts()).toEqual(['hello']);
  });

  it('may use a key in two chats, and on two operations', async () => {
    await openChat();
    await send('hello', 'k1');
    const typing = await post(
      `${openPath}/${customer.chatId}/startTyping`,
      { secureKey: customer.secureKey },
      'k1',
    );
    expect(JSON.parse(typing.text)).toMatchObject({ statusCode: 0 });
    const before = customer.chatId;
    customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    expect(customer.chatId).not.toBe(before);
    expect((await send('hello', 'k1')).isReplayed).toBe(false);
  });

  it('learns nothing of the keys of others without the secure key', async () => {
    await openChat();
    await send('hello', 'k1');
    const path = `${openPath}/${customer.chatId}/send`;
    const wrong = (message: string) => post(path, { secureKey: 'f'.repeat(32), message }, 'k1');
    const [same, other] = [await wrong('hello'), await wrong('goodbye')];
    expect(same).toEqual(other);
    expect(JSON.parse(same.text)).toMatchObject({ statusCode: 2, errors: [{ code: 109 }] });
  });

  it('opens one chat with one key, and is told its secret again, also after a restart', async () => {
    const fields = { nickname: 'PersonP', subject: 'a bill' };
    const first = await post(openPath, fields, longKey);
    expectReplay(first, await post(openPath, fields, longKey));
    await box.restart();
    const again = await post(openPath, fields, longKey);
    expectReplay(first, again);
    const { chatId, secureKey } = JSON.parse(again.text) as { chatId: string; secureKey: string };
    expect(secureKey).toMatch(/^[0-9a-f]{32}$/);
    const sent = await post(`${openPath}/${chatId}/send`, { secureKey, message: 'hello' });
    expect(JSON.parse(sent.text)).toMatchObject({ statusCode: 0, chatId });
  });

  it('is not told the secret of a chat who asks with another body, in another service or with a short key', async () => {
    await post(openPath, { nickname: 'PersonP' }, longKey);
    const other = await post(openPath, { nickname: 'PersonQ' }, longKey);
    expect(JSON.parse(other.text)).toMatchObject({ errors: [{ code: 118 }] });
    const short = await post(openPath, { nickname: 'PersonP' }, 'fifteen letters');
    expect(JSON.parse(short.text)).toMatchObject({ statusCode: 2, errors: [{ code: 110 }] });
  });

  it('opens another chat with the same words under another key, and without one', async () => {
    const fields = { nickname: 'PersonP' };
    const answers = [
      await post(openPath, fields, longKey),
      await post(openPath, fields, `${longKey}2`),
      await post(openPath, fields),
      await post(openPath, fields),
    ];
    const chats = answers.map(({ text }) => (JSON.parse(text) as { chatId: string }).chatId);
    expect(new Set(chats).size).toBe(4);
  });

  it('leaves once, and changes nothing twice', async () => {
    await openChat();
    const path = `${openPath}/${customer.chatId}`;
    const change = () =>
      post(`${path}/updateData`, { secureKey: customer.secureKey, 'userData[a]': '1' }, 'k2');
    const changed = await change();
    await marat.updateUserData(customer.chatId, { a: '2' });
    expectReplay(changed, await change());
    expect((await marat.chat(customer.chatId)).userData).toMatchObject({ a: '2' });
    const leave = () => post(`${path}/disconnect`, { secureKey: customer.secureKey }, 'k3');
    expectReplay(await leave(), await leave());
  });

  it('polls with a key as without', async () => {
    await openChat();
    const poll = () =>
      post(`${openPath}/${customer.chatId}/refresh`, { secureKey: customer.secureKey }, 'k1');
    const first = await poll();
    await customer.send('hello');
    const second = await poll();
    expect(second.isReplayed).toBe(false);
    expect(second.text).not.toBe(first.text);
  });

  it('on /api/v2/chats opens one chat and speaks once', async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': longKey };
    const call = async (path: string, body: object) =>
      read(await fetch(`${box.baseUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
    const opening = { operationName: 'RequestChat', nickname: 'PersonP' };
    const first = await call('/api/v2/chats', opening);
    expectReplay(first, await call('/api/v2/chats', opening));
    const { id } = JSON.parse(first.text) as { id: string };
    const saying = { operationName: 'SendMessage', text: 'hello' };
    expectReplay(await call(`/api/v2/chats/${id}`, saying), await call(`/api/v2/chats/${id}`, saying));
    const listed = await fetch(`${box.baseUrl}/api/v2/chats/${id}/messages`);
    const { messages } = (await listed.json()) as { messages: { text?: string }[] };
    expect(messages.filter(({ text }) => text === 'hello')).toHaveLength(1);
    expect((await call('/api/v2/chats', { ...opening, nickname: 'PersonQ' })).status).toBe(422);
  });
});

describe('an agent', () => {
  it('says something once, and after a restart too', async () => {
    const id = await openChat();
    const say = (text: string) =>
      operate(`/api/v2/me/chats/${id}`, { operationName: 'SendMessage', text }, { key: 'k1' });
    const first = await say('good day');
    expectReplay(first, await say('good day'));
    await box.restart();
    expectReplay(first, await say('good day'));
    const other = await say('good night');
    expect(other.status).toBe(422);
    expect(JSON.parse(other.text)).toMatchObject({ statusCode: 10 });
    expect(await texts()).toEqual(['good day']);
  });

  it('is refused again as long as nothing was done', async () => {
    const id = await openChat();
    const accept = () =>
      operate(
        `/api/v2/me/chats/${id}`,
        { operationName: 'Accept', nickname: 'Marat' },
        { key: 'accept again' },
      );
    const [first, second] = [await accept(), await accept()];
    expect(first).toMatchObject({ status: 400, isReplayed: false });
    expect(second).toEqual(first);
  });

  it('hears the same referenceId, from one consultation', async () => {
    const kristi = box.agent('kristi');
    await kristi.goToWork();
    const id = await openChat();
    const { uri } = await kristi.me();
    const consult = () =>
      operate(`/api/v2/me/chats/${id}`, { operationName: 'Consult', targetUri: uri }, { key: 'k1' });
    const first = await consult();
    expectReplay(first, await consult());
    expect(JSON.parse(first.text)).toMatchObject({ referenceId: expect.any(Number) as number });
    await box.restart();
    expectReplay(first, await consult());
  });

  it('is told a channel that is not served again', async () => {
    const start = () =>
      operate(
        '/api/v2/me',
        { operationName: 'StartContactCenterSession', channels: ['chat', 'voice'] },
        { key: 'k1' },
      );
    const first = await start();
    expect(JSON.parse(first.text)).toMatchObject({ statusCode: 7 });
    expectReplay(first, await start());
  });

  it('does not undo what came after', async () => {
    const ready = () => operate('/api/v2/me', { operationName: 'Ready' }, { key: 'k1' });
    const first = await ready();
    await marat.setState('NotReady');
    expectReplay(first, await ready());
    expect((await marat.channels()).map(({ userState }) => userState?.state)).toEqual(['NotReady']);
  });

  it('makes a contact once', async () => {
    const make = () => operate('/api/v2/ucs/contacts', { firstName: 'Ada' }, { key: 'k1' });
    const first = await make();
    expectReplay(first, await make());
    await box.restart();
    expectReplay(first, await make());
    const { contacts } = (await (
      await marat.fetch(`${box.baseUrl}/api/v2/ucs/contacts?name=Ada&fields=*`)
    ).json()) as { contacts: unknown[] };
    expect(contacts).toHaveLength(1);
  });

  it('makes, changes and merges a contact in one append each, the answer with it', async () => {
    const idOf = async (name: string): Promise<string> => {
      const { text } = await operate('/api/v2/ucs/contacts', { firstName: name }, { key: name });
      return (JSON.parse(text) as { id: string }).id;
    };
    const before = await appended();
    const [ada, bob] = [await idOf('Ada'), await idOf('Bob')];
    expect(await appended()).toBe(before + 2);
    const path = `/api/v2/ucs/contacts/${ada}`;
    const update = () => operate(path, { lastName: 'Lovelace' }, { key: 'update', method: 'PUT' });
    const merge = () => operate(path, { operationName: 'MergeContact', contactId: bob }, { key: 'merge' });
    const [updated, merged] = [await update(), await merge()];
    expect(await appended()).toBe(before + 4);
    expect(JSON.parse(merged.text)).toMatchObject({ statusCode: 0, contact: { id: ada } });
    for (const again of [false, true]) {
      if (again) await box.restart();
      expectReplay(updated, await update());
      expectReplay(merged, await merge());
    }
  });

  it('makes and deletes an entry of the set-up once', async () => {
    marat = box.agent('admin');
    await marat.signIn();
    const make = () => operate('/api/v2/skills', { name: 'Juggling' }, { key: 'k1' });
    const first = await make();
    expectReplay(first, await make());
    const { path } = JSON.parse(first.text) as { path: string };
    const remove = () => operate(`/api/v2${path}`, {}, { key: 'k2', method: 'DELETE' });
    expectReplay(await remove(), await remove());
  });

  it('shares no key with another agent', async () => {
    const ready = () => operate('/api/v2/me', { operationName: 'Ready' }, { key: 'k1' });
    await ready();
    marat = box.agent('kristi');
    await marat.goToWork('NotReady');
    expect((await ready()).isReplayed).toBe(false);
  });

  it('is told what is no key', async () => {
    const answer = await operate('/api/v2/me', { operationName: 'Ready' }, { key: 'k'.repeat(256) });
    expect(answer).toMatchObject({ status: 400, isReplayed: false });
    expect(answer.text).toContain('1 to 255 visible characters');
  });
});

it('keys are kept for a day of the server’s clock', async () => {
  const make = () => operate('/api/v2/ucs/contacts', { firstName: 'Ada' }, { key: 'k1' });
  const first = await make();
  box.clock.advance(86_399_999);
  await marat.signIn();
  expectReplay(first, await make());
  box.clock.advance(1);
  const late = await make();
  expect(late).toMatchObject({ status: 200, isReplayed: false });
  expect(late.text).not.toBe(first.text);
});

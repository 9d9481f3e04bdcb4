import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answerAfterMs } from '@parley/server/limits/requests-under-way.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { openSide } from '../customers/sides.ts';
import { codeOf, post, type Answer } from './requests.ts';

// A disk that is full, and has room again. The database cannot grow; what it does about it is the store's own.

const headers = { authorization: `Basic ${Buffer.from('marat:demo').toString('base64')}` };
/** Long enough that the database has to grow for a few of them. */
const textOf = (turn: number): string => `${turn} ${'a few words '.repeat(160)}`.trim();
const unavailable = { body: { statusCode: 1, errors: [{ code: 240 }] } };
const unconfirmed = { status: 200, retryAfter: '1', body: { statusCode: 1, errors: [{ code: 122 }] } };

const full = new SharedArrayBuffer(4);
const setFull = (isFull: boolean): void => void Atomics.store(new Int32Array(full), 0, isFull ? 1 : 0);

let folder: string;
let box: ServerInABox<ManualClock>;
let url: string;

beforeEach(async () => {
  setFull(false);
  // Of its own, so that the store is the embedded one.
  folder = await mkdtemp(join(tmpdir(), 'parley-full-'));
  const config = { push: { maxChatsPerSession: 1 } };
  box = await startServer({ config, dataFolder: folder, storeFaults: { full } });
  url = `${box.baseUrl}/genesys/2/chat/customer-support`;
});

afterEach(async () => {
  setFull(false);
  await box.stop();
  await rm(folder, { recursive: true });
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${box.baseUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

async function health(): Promise<unknown> {
  const response = await fetch(`${box.baseUrl}/health`);
  return { http: response.status, ...((await response.json()) as object) };
}

/** Waits until it is so; what it depends on is under way. */
async function until(look: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 4000; turn += 1) if (await look()) return;
  throw new Error('waited in vain');
}

const isFull = async (): Promise<boolean> => (await metric('parley_store_full')) === 1;
const hasRoom = async (): Promise<boolean> => !(await isFull());

interface Chat {
  readonly path: string;
  readonly key: string;
}

async function openChat(): Promise<Chat> {
  const { body } = await post(url, 'nickname=P');
  return { path: `${url}/${String(body['chatId'])}`, key: `secureKey=${String(body['secureKey'])}` };
}

function say({ path, key }: Chat, text: string, idempotencyKey = ''): Promise<Answer> {
  const asking = idempotencyKey === '' ? {} : { headers: { 'idempotency-key': idempotencyKey } };
  return post(`${path}/send`, `${key}&message=${text}`, asking);
}

async function texts({ path, key }: Chat): Promise<unknown[]> {
  const { body } = await post(`${path}/refresh`, `${key}&transcriptPosition=1`);
  return (body['messages'] as { type: string; text?: string }[]).flatMap(({ type, text }) =>
    type === 'Message' ? [text] : [],
  );
}

/** Asks one after the other until one waits for room. */
async function fillUp<Answered>(ask: (turn: number) => Promise<Answered>): Promise<Promise<Answered>[]> {
  setFull(true);
  const asked: Promise<Answered>[] = [];
  for (;;) {
    const answer = ask(asked.length);
    asked.push(answer);
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await until(async () => isAnswered || (await isFull()));
    if (!isAnswered) return asked;
  }
}

/** Lets time go by until a request that waits for room is answered. */
async function answered<Answered>(waiting: Promise<Answered>): Promise<Answered> {
  let isOver = false;
  void waiting.then(() => (isOver = true));
  await until(async () => {
    await box.clock.advance(answerAfterMs);
    return isOver || (await hasRoom());
  });
  return waiting;
}

test('a full disk: changes are refused, reads go on; with room nothing is lost, doubled or out of order', async () => {
  const marat = box.agent('marat');
  await marat.goToWork();
  const chat = await openChat();
  const offered = await marat.offered();
  await marat.accept(offered.id, { nickname: 'Marat' });
  const asked = await fillUp((turn) => say(chat, textOf(turn), `key-of-turn-${turn}`));
  const last = asked.length - 1;
  const taken = Array.from({ length: last }, (_, turn) => textOf(turn));

  expect(await say(chat, 'x')).toMatchObject({ ...unavailable, retryAfter: '5' });
  expect(await post(url, 'nickname=Q')).toMatchObject({ ...unavailable, retryAfter: '5' });
  expect(await post(`${chat.path}/disconnect`, chat.key)).toMatchObject({ ...unavailable, retryAfter: '1' });
  const me = `${box.baseUrl}/api/v2/me`;
  const refused = { status: 503, body: { statusCode: 4 } };
  for (const operation of [
    { operationName: 'SendMessage', text: 'x' },
    { operationName: 'Complete' },
    { operationName: 'Leave' },
  ])
    expect(await post(`${me}/chats/${offered.id}`, operation, { headers })).toMatchObject(refused);
  expect(await post(`${me}/channels/chat`, { operationName: 'NotReady' }, { headers })).toMatchObject(
    refused,
  );
  const form = new FormData();
  form.set('secureKey', chat.key.slice('secureKey='.length));
  form.set('file', new File(['hello'], 'hello.txt'));
  const upload = await fetch(`${chat.path}/file`, { method: 'POST', body: form });
  expect(await upload.json()).toMatchObject(unavailable.body);

  expect(await texts(chat)).toEqual(taken);
  expect((await fetch(`${me}/chats`, { headers })).status).toBe(200);
  expect((await fetch(`${me}/chats/${offered.id}/messages`, { headers })).status).toBe(200);
  expect(await health()).toMatchObject({ http: 200, status: 'full' });
  expect(await metric('parley_overload_stage')).toBe(2);
  expect(box.takeErrors()).toEqual([expect.stringMatching(/parley\.db cannot grow: the disk is full\./)]);

  // Whoever waits is not kept waiting, nor whoever asks again under the same key.
  const again = say(chat, textOf(last), `key-of-turn-${last}`);
  for (const one of [asked[last], again])
    expect(await answered(Promise.resolve(one))).toMatchObject(unconfirmed);
  expect(box.takeErrors()).toEqual([]);

  setFull(false);
  await until(hasRoom);
  expect(await say(chat, textOf(last), `key-of-turn-${last}`)).toMatchObject({ body: { statusCode: 0 } });
  expect(codeOf(await say(chat, 'behind'))).toBe(0);
  expect(await texts(chat)).toEqual([...taken, textOf(last), 'behind']);
  expect(await health()).toMatchObject({ http: 200, status: 'up' });
  expect(await metric('parley_overload_stage')).toBe(0);
  expect(box.logged.filter((line) => line.includes('there is room on the disk again'))).toHaveLength(1);
});

test('agents who wait for room are answered with HTTP 504, and find by their key what they did', async () => {
  const marat = box.agent('marat');
  await marat.goToWork();
  const chat = await openChat();
  const { id } = await marat.offered();
  await marat.accept(id, { nickname: 'Marat' });
  const send = (turn: number): Promise<Answer> =>
    post(
      `${box.baseUrl}/api/v2/me/chats/${id}`,
      { operationName: 'SendMessage', text: textOf(turn) },
      { headers: { ...headers, 'idempotency-key': `key-of-turn-${turn}` } },
    );
  const asked = await fillUp(send);
  const late = await answered(Promise.resolve(asked.at(-1)));
  expect(late).toMatchObject({ status: 504, retryAfter: '1', body: { statusCode: 4 } });
  setFull(false);
  await until(hasRoom);
  const repeated = await Promise.all(asked.map((_, turn) => send(turn)));
  expect(repeated.map(({ status }) => status)).toEqual(asked.map(() => 200));
  expect(await texts(chat)).toEqual(asked.map((_, turn) => textOf(turn)));
  box.takeErrors();
});

test.each(['CometD long-polling', 'CometD WebSocket'] as const)(
  'customers over %s are told the same',
  async (way) => {
    const side = await openSide(way, box.baseUrl);
    await side.open({ nickname: 'P' });
    const asked = await fillUp((turn) => side.operate('sendMessage', { message: textOf(turn) }));
    expect(await answered(Promise.resolve(asked.at(-1)))).toMatchObject({
      statusCode: 1,
      errors: [{ code: 122 }],
    });
    expect(await side.operate('sendMessage', { message: 'x' })).toMatchObject({ errors: [{ code: 240 }] });
    setFull(false);
    await until(hasRoom);
    await side.until('Message', asked.length + 1);
    await side.close();
    box.takeErrors();
  },
);

test('agents sign in while the disk is full, and their session outlives the server from its first use with room on', async () => {
  const chat = await openChat();
  const asked = await fillUp((turn) => say(chat, textOf(turn)));
  const me = `${box.baseUrl}/api/v2/me`;
  const { status, headers: came } = await fetch(me, { headers });
  const cookie = came.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const bySession = async (): Promise<number> => (await fetch(me, { headers: { cookie } })).status;
  expect([status, await bySession()]).toEqual([200, 200]);
  setFull(false);
  await Promise.all(asked);
  expect(await bySession()).toBe(200);
  await box.restart();
  expect(await bySession()).toBe(200);
  box.takeErrors();
});

test('a publish that was answered Unconfirmed and comes to nothing later is told once that it failed', async () => {
  const side = await openSide('CometD WebSocket', box.baseUrl);
  await side.open({ nickname: 'P' });
  // Each opens a chat, of which the connection cannot hear beside its first one.
  const asked = await fillUp((turn) => side.operate('requestChat', { nickname: 'Q', text: textOf(turn) }));
  await answered(Promise.resolve(asked.at(-1)));
  setFull(false);
  await until(hasRoom);
  await side.operate('sendMessage', { message: 'behind' });
  await side.until('Message');
  const codes = side.failures.map(({ errors }) => errors[0]?.code);
  expect(codes).toEqual([...asked.slice(1).map(() => 240), 122]);
  await side.close();
  box.takeErrors();
});

import { afterEach, describe, expect, test } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { codeOf, post, type Answer } from './requests.ts';

// A disk that hangs and goes on again, by a gate that the writer's thread passes with each commit.

const never = { eventLoopLagMs: 600_000, oldestWaitingMs: 600_000, memoryPercent: 100 };
const overload = {
  refuseNewChats: { ...never, waitingEntries: 10 },
  refuseMessages: { ...never, waitingEntries: 20 },
  retryAfterMs: 7000,
};
const refused = { status: 200, retryAfter: '7', body: { statusCode: 1, errors: [{ code: 240 }] } };

class Disk {
  readonly gate = new SharedArrayBuffer(4);
  readonly #state = new Int32Array(this.gate);

  hang(): void {
    Atomics.store(this.#state, 0, 1);
  }

  goOn(): void {
    Atomics.store(this.#state, 0, 0);
    Atomics.notify(this.#state, 0);
  }
}

let disk: Disk;
let box: ServerInABox<ManualClock>;
afterEach(async () => {
  disk.goOn();
  await box.stop();
});

async function start(config: object = { overload }): Promise<string> {
  disk = new Disk();
  box = await startServer({ config, storeFaults: { gate: disk.gate } });
  return `${box.baseUrl}/genesys/2/chat/customer-support`;
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${box.baseUrl}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

/** Waits until the figure is there; what it depends on is under way. */
async function until(look: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) if (await look()) return;
  throw new Error('waited in vain');
}

async function openChat(url: string): Promise<{ path: string; key: string }> {
  const { body } = await post(url, 'nickname=P');
  return { path: `${url}/${String(body['chatId'])}`, key: `secureKey=${String(body['secureKey'])}` };
}

const textsIn = ({ body }: Answer): unknown[] =>
  (body['messages'] as { type: string; text?: string }[]).flatMap(({ type, text }) =>
    type === 'Message' ? [text] : [],
  );

test('a disk that hangs: answers wait, then new chats are refused, then messages; nothing accepted is lost', async () => {
  const url = await start();
  const marat = box.agent('marat');
  await marat.goToWork();
  const chat = await openChat(url);
  const offered = await marat.offered();
  await marat.accept(offered.id, { nickname: 'Marat' });
  disk.hang();
  const say = (turn: number): Promise<Answer> => post(`${chat.path}/send`, `${chat.key}&message=m${turn}`);
  const waiting = async (): Promise<number> => metric('parley_commit_waiting');

  const first = Array.from({ length: 9 }, (_, turn) => say(turn));
  await until(async () => (await waiting()) >= 9);
  expect(await metric('parley_overload_stage')).toBe(0);
  first.push(say(9));
  await until(async () => (await waiting()) >= 10);
  expect(await post(url, 'nickname=Q')).toMatchObject(refused);
  expect(await metric('parley_overload_stage')).toBe(1);

  const more = Array.from({ length: 10 }, (_, turn) => say(10 + turn));
  await until(async () => (await waiting()) >= 20);
  expect(await say(20)).toMatchObject(refused);
  expect(await post(`${chat.path}/startTyping`, chat.key)).toMatchObject(refused);
  expect(await metric('parley_overload_stage')).toBe(2);
  const headers = { authorization: `Basic ${Buffer.from('marat:demo').toString('base64')}` };
  const agentSays = await post(
    `${box.baseUrl}/api/v2/me/chats/${offered.id}`,
    { operationName: 'SendMessage', text: 'x' },
    { headers },
  );
  expect(agentSays).toMatchObject({ status: 503, retryAfter: '7', body: { statusCode: 4 } });

  // Who reads is served, from what is on disk; who goes may go.
  const read = await post(`${chat.path}/refresh`, `${chat.key}&transcriptPosition=1`);
  expect(textsIn(read)).toEqual([]);
  expect((await fetch(`${box.baseUrl}/api/v2/me/chats`, { headers })).status).toBe(200);
  const leaving = post(`${chat.path}/disconnect`, chat.key);
  await until(async () => (await waiting()) >= 21);

  disk.goOn();
  const answers = await Promise.all([...first, ...more]);
  expect(answers.map(({ body }) => body['statusCode'])).toEqual(Array.from({ length: 20 }, () => 0));
  expect(await leaving).toMatchObject({ body: { statusCode: 0, chatEnded: true } });
  const after = await post(`${chat.path}/refresh`, `${chat.key}&transcriptPosition=1`);
  expect(textsIn(after).toSorted()).toEqual(Array.from({ length: 20 }, (_, turn) => `m${turn}`).toSorted());
  expect(codeOf(await post(url, 'nickname=R'))).toBe(0);
  expect(await metric('parley_overload_stage')).toBe(0);
});

describe('while the disk hangs nothing grows without end', () => {
  test('a flood of requests leaves no more waiting than the limit', async () => {
    const url = await start();
    const chat = await openChat(url);
    disk.hang();
    const taken: Promise<Answer>[] = [];
    const send = (turn: number): Promise<Answer> => post(`${chat.path}/send`, `${chat.key}&message=${turn}`);
    for (let round = 0; round < 10; round += 1) {
      taken.push(...Array.from({ length: 50 }, (_, turn) => send(50 * round + turn)));
      await until(async () => (await metric('parley_commit_waiting')) >= 20);
      expect(await metric('parley_commit_waiting')).toBe(20);
    }
    disk.goOn();
    const answers = await Promise.all(taken);
    const accepted = answers.filter(({ body }) => body['statusCode'] === 0);
    expect(accepted).toHaveLength(20);
    expect(answers.filter(({ retryAfter }) => retryAfter === '7')).toHaveLength(480);
    const after = await post(`${chat.path}/refresh`, `${chat.key}&transcriptPosition=1`);
    expect(textsIn(after)).toHaveLength(20);
  });
});

test('at the limit of open chats new ones are refused until there is room again: 80 % of it', async () => {
  const url = await start({ limits: { openChats: 5 }, overload });
  const chats: { path: string; key: string }[] = [];
  for (let turn = 0; turn < 5; turn += 1) chats.push(await openChat(url));
  expect(await post(url, 'nickname=P')).toMatchObject({ body: { statusCode: 1, errors: [{ code: 240 }] } });
  const leave = async (at: number): Promise<Answer> =>
    post(`${chats[at]?.path ?? ''}/disconnect`, chats[at]?.key ?? '');
  await leave(0);
  expect(codeOf(await post(url, 'nickname=P'))).toBe(240);
  await leave(1);
  expect(codeOf(await post(url, 'nickname=P'))).toBe(0);
});

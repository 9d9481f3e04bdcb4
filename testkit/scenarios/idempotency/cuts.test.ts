import { afterEach, beforeEach, expect, it } from 'vitest';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { basicAuthorization } from '@parley/client/login-session.ts';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { LossyProxy, type Direction } from '../../lossy-proxy.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestCustomer } from '../../test-customer.ts';
import { exchange, rawPost } from './raw-exchange.ts';

// R6: wherever in its bytes a request or its answer is cut off, sent again with its key it is carried out once.

let box: ServerInABox<ManualClock>;
/** Each cuts for itself, so that requests that are cut at different places wait for the disk together. */
let proxies: readonly LossyProxy[];
const laneCount = 8;
let customer: TestCustomer;

beforeEach(async () => {
  box = await startServer({ config: { rateLimits: generous, services } });
  proxies = await Promise.all(Array.from({ length: laneCount }, () => LossyProxy.open(serverPort())));
});

afterEach(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await box.stop();
});

/** The clock stands still, so no allowance would come back. */
const generous = {
  perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0, openChats: 0 },
  perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
  perService: { newChatsPerMinute: 0 },
  perAgent: { requestsPerSecond: 0 },
};

const services = [{ name: 'customer-support', queue: 'support', tellQueuePosition: true }];

const serverPort = (): number => Number(new URL(box.baseUrl).port);
const openPath = '/genesys/2/chat/customer-support';
const formType = 'application/x-www-form-urlencoded';

interface Cut {
  readonly number: number;
  readonly lane: number;
  readonly bytes: Buffer;
  /** What the client was told in the end. */
  readonly body: string;
}

/** So many times one request is cut, each time a byte later, before its client gets through. */
const cutsOfOne = 8;

/**
 * Cuts requests at every byte of theirs, then their answers, until there is nothing left to cut. `requestOf` makes the
 * bytes of a number; all are of one length.
 */
async function cutEverywhere(requestOf: (number: number) => Buffer): Promise<readonly Cut[]> {
  const cuts: Cut[] = [];
  const offsets: Record<Direction, number[]> = { request: [], response: [] };
  let count = 0;
  /** One request; whether its last attempts came through uncut. */
  const insist = async (lane: number, direction: Direction, from: number): Promise<boolean> => {
    const number = count++;
    const bytes = requestOf(number);
    const proxy = proxies[lane] as LossyProxy;
    const told: (string | undefined)[] = [];
    let isOver = false;
    for (let at = from; at < from + cutsOfOne && !isOver; at += 1) {
      proxy.cutAfter(direction, at);
      told.push((await exchange(proxy.port, bytes)).body);
      isOver = proxy.uncut();
      if (!isOver) offsets[direction].push(at);
    }
    const last = await exchange(proxy.port, bytes);
    if (last.body === undefined) throw new Error(`no answer to the repetition of ${number}`);
    const { body } = last;
    expect(told.filter((text) => text !== undefined && text !== body)).toEqual([]);
    // What was answered, in part even, had been done.
    if (direction === 'response') expect(last).toMatchObject({ isReplayed: true });
    cuts.push({ number, lane, bytes, body });
    return isOver;
  };
  const insistInLane = async (lane: number): Promise<void> => {
    for (const direction of ['request', 'response'] as const) {
      const step = laneCount * cutsOfOne;
      for (let from = lane * cutsOfOne; !(await insist(lane, direction, from)); from += step);
    }
  };
  await Promise.all(proxies.map((_, lane) => insistInLane(lane)));
  const upTo = (length: number): number[] => Array.from({ length }, (_, at) => at);
  const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((one, other) => one - other);
  expect(sorted(offsets.request)).toEqual(upTo(requestOf(0).length + 1));
  expect(sorted(offsets.response)).toEqual(upTo(offsets.response.length));
  expect(offsets.response.length).toBeGreaterThan(cuts[0]?.body.length ?? Infinity);
  return cuts;
}

/** Long after, twice at once: what was answered before is answered again. */
async function repeatLate(cuts: readonly Cut[]): Promise<void> {
  for (const { bytes, body } of cuts.slice(0, 24)) {
    const late = await Promise.all([exchange(serverPort(), bytes), exchange(serverPort(), bytes)]);
    for (const answer of late) expect(answer).toEqual({ body, isReplayed: true });
  }
}

const padded = (number: number): string => String(number).padStart(6, '0');
const keyOf = (number: number): string => `key-of-the-request-${padded(number)}`;
const textOf = (number: number): string => `text ${padded(number)}`;

/** The log of the customer's chat has each text once, those of a lane in the order in which they were sent, and no gap. */
async function expectEachOnce(cuts: readonly Pick<Cut, 'number' | 'lane'>[]): Promise<void> {
  const { messages } = await customer.refresh(1);
  expect(messages.map(({ index }) => index)).toEqual(messages.map((_, at) => at + 1));
  const texts = messages.filter(({ type }) => type === 'Message').map(({ text }) => text ?? '');
  expect(texts.toSorted()).toEqual(cuts.map(({ number }) => textOf(number)).toSorted());
  const places = new Map(texts.map((text, place) => [text, place]));
  for (const lane of new Set(cuts.map((cut) => cut.lane))) {
    const own = cuts.filter((cut) => cut.lane === lane).map(({ number }) => places.get(textOf(number)) ?? -1);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
  }
}

it('a customer says each thing once', async () => {
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  const { chatId, secureKey } = customer;
  const cuts = await cutEverywhere((number) =>
    rawPost({
      path: `${openPath}/${chatId}/send`,
      headers: { 'content-type': formType, 'idempotency-key': keyOf(number) },
      body: new URLSearchParams({ secureKey, message: textOf(number) }).toString(),
    }),
  );
  await expectEachOnce(cuts);
  await repeatLate(cuts);
  await expectEachOnce(cuts);
});

it('a customer opens each chat once, and is told its secret', async () => {
  const cuts = await cutEverywhere((number) =>
    rawPost({
      path: openPath,
      headers: { 'content-type': formType, 'idempotency-key': keyOf(number) },
      body: 'nickname=PersonP',
    }),
  );
  await repeatLate(cuts);
  const opened = cuts.map(({ body }) => JSON.parse(body) as CustomerReply);
  expect(new Set(opened.map(({ chatId }) => chatId)).size).toBe(cuts.length);
  expect(new Set(opened.map(({ nextPosition }) => nextPosition)).size).toBe(1);
  // Nobody works, so who comes now waits behind all of them: there is no chat that nobody knows of.
  box.clock.advance(1000);
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonQ' });
  const { userData } = await customer.refresh();
  expect(Number(userData['queuePosition'])).toBe(cuts.length + 1);
});

it('an agent says each thing once', async () => {
  const marat = box.agent('marat');
  await marat.goToWork();
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  const login = await fetch(`${box.baseUrl}/api/v2/me`, {
    headers: { authorization: basicAuthorization('marat', demoPassword) },
  });
  const csrf = login.headers.get('x-csrf-header') ?? 'x-none';
  const cookie = login.headers.getSetCookie().map((given) => given.split(';')[0]);
  const headers = {
    'content-type': 'application/json',
    cookie: cookie.join('; '),
    [csrf]: login.headers.get(csrf) ?? '',
  };
  const cuts = await cutEverywhere((number) =>
    rawPost({
      path: `/api/v2/me/chats/${customer.chatId}`,
      headers: { ...headers, 'idempotency-key': keyOf(number) },
      body: JSON.stringify({ operationName: 'SendMessage', text: textOf(number) }),
    }),
  );
  await repeatLate(cuts);
  await expectEachOnce(cuts);
});

it('the SDK repeats by itself what was cut', async () => {
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  const { credentials } = customer;
  const [proxy] = proxies as readonly [LossyProxy];
  const client = new CustomerClient({
    baseUrl: `http://127.0.0.1:${proxy.port}`,
    service: 'customer-support',
    retry: { firstPauseMs: 0, longestPauseMs: 0 },
  });
  client.resume(credentials);
  let count = 0;
  for (const direction of ['request', 'response'] as const)
    for (let isOver = false, at = 0; !isOver; at += 29, count += 1) {
      proxy.cutAfter(direction, at);
      await client.send(textOf(count));
      isOver = proxy.uncut();
    }
  expect(proxy.cuts).toBe(count - 2);
  await expectEachOnce(Array.from({ length: count }, (_, number) => ({ number, lane: 0 })));
});

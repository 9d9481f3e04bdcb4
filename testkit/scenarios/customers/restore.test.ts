import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CustomerEvent, CustomerReply } from '@parley/contract/gms/replies.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';
import { openSide, ways, type Side } from './sides.ts';

// Several tabs in one chat, each with its own position (gms-customer-api §14, restore).

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let customer: TestCustomer;
let key: Side['key'];
const sides: Side[] = [];

async function tab(way: (typeof ways)[number], position: number | string): Promise<Side> {
  const side = await openSide(way, box.baseUrl);
  sides.push(side);
  await side.restore(key, position);
  return side;
}

beforeEach(async () => {
  box = await startServer();
  marat = box.agent('marat');
  customer = box.customer();
  await marat.goToWork();
  await customer.requestChat({ nickname: 'PersonP' });
  key = { chatId: customer.chatId, secureKey: `${customer.chatId}.${customer.secureKey}` };
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
});

afterEach(async () => {
  for (const side of sides.splice(0)) await side.close();
  await box.stop();
});

const indexes = (events: readonly CustomerEvent[]): readonly number[] => events.map(({ index }) => index);
const from = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);

async function poll(position: number): Promise<CustomerReply> {
  const url = `${box.baseUrl}/genesys/2/chat/customer-support/${customer.chatId}/refresh`;
  const { secureKey } = customer;
  const body = new URLSearchParams({ secureKey, transcriptPosition: String(position) });
  return (await (await fetch(url, { method: 'POST', body })).json()) as CustomerReply;
}

it('tabs that poll side by side from different positions each get every event once while much is said', async () => {
  const last = 2 + 40 + 1;
  const polling = async (first: number): Promise<readonly number[]> => {
    const seen: number[] = [];
    for (let position = first; !seen.includes(last);) {
      const { messages, nextPosition } = await poll(position);
      seen.push(...indexes(messages));
      expect(messages.every(({ index }) => index >= position)).toBe(true);
      expect(nextPosition).toBe((messages.at(-1)?.index ?? position - 1) + 1);
      position = nextPosition ?? position;
    }
    return seen;
  };
  const starts = [1, 1, 2, 3, 3];
  const views = Promise.all(starts.map((first) => polling(first)));
  const said = Array.from({ length: 20 }, (_, at) => [
    customer.send(`c${at}`),
    marat.sendMessage(customer.chatId, `a${at}`),
  ]).flat();
  await Promise.all(said);
  await customer.customNotice('that was all');
  expect(await views).toEqual(starts.map((first) => from(first, last)));
});

it('polls of one tab that overlap, as after a slow answer, each get what lies behind their position', async () => {
  for (const text of ['one', 'two', 'three']) await customer.send(text);
  const replies = await Promise.all([3, 1, 6, 5, 2, 4, 1, 99].map(poll));
  expect(replies.map(({ messages }) => indexes(messages))).toEqual([
    [3, 4, 5],
    [1, 2, 3, 4, 5],
    [],
    [5],
    [2, 3, 4, 5],
    [4, 5],
    [1, 2, 3, 4, 5],
    [],
  ]);
  expect(new Set(replies.map(({ nextPosition }) => nextPosition))).toEqual(new Set([6]));
});

it.each(['CometD long-polling', 'CometD WebSocket'] as const)(
  'a second tab over %s goes on from any position, given as a number or as a text',
  async (way) => {
    for (const text of ['one', 'two', 'three']) await customer.send(text);
    const positions = [0, 1, '2', 3, '5', 6, '99'] as const;
    const tabs: Side[] = [];
    for (const position of positions) tabs.push(await tab(way, position));
    await marat.sendUrl(customer.chatId, 'https://a.example');
    for (const [at, side] of tabs.entries()) {
      const heard = indexes(await side.until('PushUrl'));
      // What comes later is told to everybody, whatever they had asked for.
      expect(heard).toEqual(from(Math.min(Math.max(1, Number(positions[at])), 6), 6));
    }
  },
);

it('leaving in one tab ends the chat in all, however they are connected, and twice is once', async () => {
  const tabs: Side[] = [];
  for (const way of [...ways, ...ways]) tabs.push(await tab(way, 1));
  const [first, second] = tabs;
  await Promise.all([first?.operate('disconnect'), second?.operate('disconnect'), customer.disconnect()]);
  for (const side of tabs) {
    const events = await side.until('ParticipantLeft');
    expect(events.map(({ type }) => type)).toEqual([
      'ParticipantJoined',
      'ParticipantJoined',
      'ParticipantLeft',
    ]);
    expect(side.ended).toBe(true);
  }
  // A tab that comes after the end is told everything, and that it is over.
  const late = await tab('CometD WebSocket', 1);
  expect(indexes(await late.until('ParticipantLeft'))).toEqual([1, 2, 3]);
  expect(late.ended).toBe(true);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CustomerClient } from '@parley/client/customer-client.ts';
import type { CustomerOperations } from '@parley/client/customer-operations.ts';
import { HistoryGoneError } from '@parley/client/customer-operations.ts';
import { CustomerPushClient } from '@parley/client/customer-push-client.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

// What an application on the SDK sees through absences (R7): each event once and in order, none missing.

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
const open: CustomerOperations[] = [];

beforeEach(async () => {
  box = await startServer({
    config: {
      presence: { lostAfterMs: 600_000, graceMs: 600_000 },
      rateLimits: generous,
    },
  });
  marat = box.agent('marat');
});

afterEach(async () => {
  for (const customer of open.splice(0)) await customer.close();
  await box.stop();
});

/** The clock stands still, so no allowance would come back. */
const generous = {
  perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0 },
  perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
  perAgent: { requestsPerSecond: 0 },
};

const ways = {
  polling: () => new CustomerClient({ baseUrl: box.baseUrl, service: 'customer-support', pollEveryMs: 5 }),
  push: () => new CustomerPushClient({ baseUrl: box.baseUrl, service: 'customer-support' }),
} as const;

function newCustomer(way: keyof typeof ways): CustomerOperations {
  const customer = ways[way]();
  open.push(customer);
  return customer;
}

/** Reads on until this text has come; the texts and indexes so far. */
class Reader {
  readonly texts: string[] = [];
  readonly indexes: number[] = [];
  readonly #waiting: { text: string; resolve: () => void }[] = [];

  take(index: number, text: string | undefined): void {
    this.indexes.push(index);
    if (text !== undefined) this.texts.push(text);
    for (const { text: wanted, resolve } of this.#waiting) if (text === wanted) resolve();
  }

  until(text: string): Promise<void> {
    if (this.texts.includes(text)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ text, resolve }));
  }

  get inOrder(): readonly number[] {
    return [...new Set(this.indexes)].toSorted((a, b) => a - b);
  }
}

function readerOf(customer: CustomerOperations, from = 1): Reader {
  const reader = new Reader();
  void (async () => {
    for await (const { index, text } of customer.events({ from })) reader.take(index, text);
  })();
  return reader;
}

function readerOfAgent(agent: TestAgent): Reader {
  const reader = new Reader();
  agent.on('entry', ({ message }) => reader.take(message.index, message.text));
  return reader;
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `message ${from + at}`);

async function chat(customer: CustomerOperations): Promise<string> {
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  return customer.chatId;
}

describe.each(Object.keys(ways) as (keyof typeof ways)[])(
  'a customer who comes by %s',
  { timeout: 60_000 },
  (way) => {
    beforeEach(() => marat.goToWork());

    it('does everything that the other way does', async () => {
      const customer = newCustomer(way);
      const id = await chat(customer);
      const reader = readerOf(customer);
      await customer.send('hello', { messageType: 'text' });
      await customer.startTyping('hm');
      await customer.stopTyping();
      await customer.updateNickname('Someone');
      await customer.pushUrl('https://example.com/');
      await customer.customNotice('a notice');
      await customer.updateData({ colour: 'red' });
      await customer.readReceipt(1);
      await marat.sendMessage(id, 'good day');
      await reader.until('good day');
      expect(reader.indexes).toEqual(reader.inOrder);
      expect(reader.texts).toEqual([
        ...['hello', 'hm', 'Someone', 'https://example.com/', 'a notice', 'read-confirm', 'good day'],
      ]);
      expect((await marat.chat(id)).userData).toMatchObject({ colour: 'red' });
      const left = await customer.disconnect();
      expect(left.chatEnded).toBe(true);
      await expect(customer.send('too late')).rejects.toMatchObject({ statusCode: 2, errorCodes: [113] });
      expect(customer.chatEnded).toBe(true);
    });

    it('reads on after a restart of the server, and says nothing twice', async () => {
      const customer = newCustomer(way);
      const id = await chat(customer);
      const reader = readerOf(customer);
      await customer.send('message 1');
      const restarted = box.restart();
      const sent = customer.send('message 2');
      await restarted;
      await sent;
      await marat.sendMessage(id, 'message 3');
      await reader.until('message 3');
      expect(reader.texts).toEqual(numbers(1, 3));
      expect(reader.indexes).toEqual(reader.inOrder);
    });

    it('comes back in another tab with what was kept, and to 1,000 messages', async () => {
      const customer = newCustomer(way);
      const id = await chat(customer);
      await customer.send('message 1');
      await customer.close();
      for (let number = 2; number <= 1000; number += 50)
        await Promise.all(
          numbers(number, Math.min(number + 49, 1000)).map((text) => marat.sendMessage(id, text)),
        );
      const [second, third] = [newCustomer(way), newCustomer(way)];
      for (const tab of [second, third]) tab.resume(customer.credentials);
      const [fromStart, fromPosition] = [readerOf(second), readerOf(third, 500)];
      await second.send('the end');
      for (const reader of [fromStart, fromPosition]) {
        await reader.until('the end');
        expect(reader.indexes).toEqual(reader.inOrder);
      }
      expect(fromStart.texts).toHaveLength(1001);
      expect(new Set(fromStart.texts).size).toBe(1001);
      // Index 1 and 2 are the joins.
      expect(fromPosition.texts).toEqual(fromStart.texts.slice(500 - 3));
    });

    it('is told when the chat is not there any more', async () => {
      const customer = newCustomer(way);
      await chat(customer);
      const other = newCustomer(way);
      other.resume({ chatId: 'A'.repeat(16), secureKey: 'f'.repeat(32) });
      await expect(other.events({ from: 7 }).next()).rejects.toThrow(HistoryGoneError);
    });
  },
);

describe('an agent', { timeout: 60_000 }, () => {
  it('reads on after a restart and after their push session is gone, each entry once and in order', async () => {
    const reader = readerOfAgent(marat);
    const current: string[][] = [];
    marat.on('current', (chats) => void current.push(chats.map(({ id }) => id)));
    await marat.goToWork();
    const customer = newCustomer('polling');
    const id = await chat(customer);
    await customer.send('message 1');
    await reader.until('message 1');
    await box.restart();
    await customer.send('message 2');
    await reader.until('message 2');
    // Gone for longer than the session lives, while much is said.
    await marat.closeNotifications();
    for (const text of numbers(3, 20)) await customer.send(text);
    await marat.openNotifications();
    await customer.send('message 21');
    await reader.until('message 21');
    expect(current.at(-1)).toEqual([id]);
    expect(reader.texts).toEqual(numbers(1, 21));
    expect(reader.indexes).toEqual(reader.inOrder);
  });

  it('joins late and reads 1,000 entries from the beginning, then what happens', async () => {
    const reader = readerOfAgent(marat);
    const customer = newCustomer('polling');
    await customer.requestChat({ nickname: 'PersonP' });
    for (let number = 1; number <= 1000; number += 50)
      await Promise.all(numbers(number, number + 49).map((text) => customer.send(text)));
    await marat.goToWork();
    await marat.offered();
    await marat.accept(customer.chatId, { nickname: 'Marat' });
    await customer.send('the end');
    await reader.until('the end');
    expect(reader.indexes).toEqual(reader.inOrder);
    expect(new Set(reader.texts).size).toBe(1001);
    expect(reader.texts).toHaveLength(1001);
  });

  it('is told when a chat cannot be read on', async () => {
    const gone: object[] = [];
    readerOfAgent(marat);
    marat.on('gone', (one) => void gone.push(one));
    await marat.signIn();
    await marat.openNotifications(new Map([['A'.repeat(16), 7]]));
    expect(gone).toEqual([{ chatId: 'A'.repeat(16), afterIndex: 7 }]);
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestCustomer } from '../../test-customer.ts';
import { RawTab } from './raw-tab.ts';

// A tab that is told a history longer than its push queue, whatever happens meanwhile: no event is missed, none is told twice.

/** A part is 2 KB then, and 60 messages are four times what the queue holds. */
const maxQueueBytes = 16 * 1024;
const words = 'x'.repeat(800);

let box: ServerInABox<ManualClock>;

beforeAll(async () => {
  box = await startServer({ config: { push: { maxQueueBytes }, rateLimits } });
});

afterAll(() => box.stop());

/** The clock stands still, so no allowance would come back. */
const rateLimits = {
  perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0 },
  perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
};

const actions = fc.constantFrom(
  ...(['poll', 'poll', 'poll', 'lost', 'say', 'say', 'notice', 'typing', 'again', 'renew', 'keyed'] as const),
);
type Action = typeof actions extends fc.Arbitrary<infer Name> ? Name : never;

/** A client as it should be: it keeps the index after the last event it has read, and asks from there. */
class Reader {
  readonly tab: RawTab;
  readonly customer: TestCustomer;
  readonly acknowledges: boolean;
  next = 1;
  #acknowledged = 0;
  /** In this session what was told may be told again, for it was asked for again. */
  #hasAskedAgain = false;
  #keys = 0;
  readonly problems: string[] = [];
  ended = false;

  constructor(customer: TestCustomer, acknowledges: boolean) {
    const key = { chatId: customer.chatId, secureKey: `${customer.chatId}.${customer.secureKey}` };
    this.tab = new RawTab(box.baseUrl, key, { acknowledges });
    this.customer = customer;
    this.acknowledges = acknowledges;
  }

  async begin(): Promise<void> {
    await this.tab.begin();
    this.#acknowledged = 0;
    this.#hasAskedAgain = false;
    this.#read((await this.tab.publish('requestNotifications', { transcriptPosition: this.next })).pushes);
  }

  async poll(waits = false): Promise<void> {
    const batch = await this.tab.poll(this.#acknowledged, { waits });
    if (!batch) return this.#wrong('the push session is over');
    this.#acknowledged = batch.number;
    if (batch.bytes > maxQueueBytes + 1024) this.#wrong(`${batch.bytes} bytes at once`);
    this.#read(batch.pushes);
  }

  /** An answer that never arrives: sent again where answers are acknowledged, else the client begins anew. */
  async lose(): Promise<void> {
    if (!(await this.tab.poll(this.#acknowledged))) this.#wrong('the push session is over');
    if (!this.acknowledges) await this.begin();
  }

  async again(): Promise<void> {
    const from = Math.max(1, this.next - 7);
    this.#hasAskedAgain = true;
    this.#read((await this.tab.publish('requestNotifications', { transcriptPosition: from })).pushes);
  }

  /** Said by the tab itself, with a key: the answer may come before what it answers, but then it says nothing. */
  async keyed(): Promise<void> {
    this.#hasAskedAgain = true;
    const idempotencyKey = `key-of-a-message-${(this.#keys += 1)}`;
    this.#read((await this.tab.publish('sendMessage', { message: 'keyed', idempotencyKey })).pushes);
  }

  #read(pushes: readonly CustomerReply[]): void {
    for (const { messages, nextPosition, chatEnded } of pushes) {
      if (this.ended) this.#wrong('told after the end');
      for (const { index } of messages) {
        if (this.#hasAskedAgain && index < this.next) continue;
        if (index !== this.next) this.#wrong(`${index} in the place of ${this.next}`);
        this.next = index + 1;
      }
      if (nextPosition !== undefined && !this.#hasAskedAgain && nextPosition !== this.next)
        this.#wrong(`${nextPosition} is to be next, after ${this.next - 1}`);
      this.ended = chatEnded;
    }
  }

  #wrong(problem: string): void {
    this.problems.push(problem);
  }

  async act(action: Action): Promise<void> {
    switch (action) {
      case 'poll':
        return this.poll();
      case 'lost':
        return this.lose();
      case 'again':
        return this.again();
      case 'renew':
        return this.begin();
      case 'keyed':
        return this.keyed();
      case 'say':
        return void (await this.customer.send(words));
      case 'notice':
        return void (await this.customer.customNotice('something'));
      case 'typing':
        return void (await this.customer.startTyping('hm'));
    }
  }
}

async function longChat(): Promise<TestCustomer> {
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  for (let count = 0; count < 3; count += 1)
    await Promise.all(Array.from({ length: 20 }, () => customer.send(words)));
  return customer;
}

it.each([true, false])(
  'a tab reads a long history to its end, each event once and in order (acknowledged: %s)',
  { timeout: 60_000 },
  async (acknowledges) => {
    await fc.assert(
      fc.asyncProperty(fc.array(actions, { maxLength: 40 }), fc.boolean(), async (done, ends) => {
        const customer = await longChat();
        const reader = new Reader(customer, acknowledges);
        await reader.begin();
        for (const action of done) await reader.act(action);
        if (ends) await customer.disconnect();
        const { nextPosition = 0 } = await customer.refresh(1);
        for (let round = 0; reader.next < nextPosition && round < 200; round += 1) await reader.poll(true);
        expect(reader.problems).toEqual([]);
        expect(reader.next).toBe(nextPosition);
        expect(reader.ended).toBe(ends);
        if (!ends) await customer.disconnect();
      }),
      { numRuns: 15 },
    );
  },
);

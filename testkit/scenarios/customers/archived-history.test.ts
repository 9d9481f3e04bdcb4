import { createApp } from '@parley/server/app.ts';
import { readConfig } from '@parley/server/config/load.ts';
import type { Journal } from '@parley/server/journal/journal.ts';
import { createLogger } from '@parley/server/telemetry/logger.ts';
import { systemClock as pushClock } from '@parley/bayeux/sessions/clock.ts';
import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import type { CustomerFailure, CustomerReply } from '@parley/contract/gms/replies.ts';
import { ask } from '../../ask.ts';
import { ManualClock } from '../../manual-clock.ts';
import { memoryJournal } from '../../model/memory-journal.ts';
import { noFiles } from '../../model/no-files.ts';
import { Recorder } from '../../recorder.ts';
import { startServer } from '../../server-in-a-box.ts';
import { TestCustomer } from '../../test-customer.ts';
import { RawTab } from './raw-tab.ts';

// A tab that is told the history of a chat that is over, in parts.

/** A part is 2 KB then. */
const config = {
  push: { maxQueueBytes: 16 * 1024 },
  rateLimits: {
    perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0 },
    perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
  },
};
const count = 60;
const words = 'x'.repeat(800);

let stop: () => Promise<void>;
afterEach(() => stop());

async function playChat(baseUrl: string, customer: TestCustomer): Promise<RawTab> {
  await customer.requestChat({ nickname: 'PersonP', emailAddress: 'p@example.com' });
  const { chatId, secureKey } = customer;
  for (let said = 0; said < count; said += 1) await customer.send(words);
  await customer.disconnect();
  const tab = new RawTab(baseUrl, { chatId, secureKey: `${chatId}.${secureKey}` });
  await tab.begin();
  return tab;
}

/** Takes what is told until that is all, or a refusal; `meanwhile` happens after the second part. */
async function takeAll(
  tab: RawTab,
  meanwhile?: () => Promise<unknown>,
): Promise<(CustomerReply | CustomerFailure)[]> {
  const { pushes } = await tab.publish('requestNotifications', { transcriptPosition: 1 });
  const told: (CustomerReply | CustomerFailure)[] = [...pushes];
  let acknowledged = 0;
  for (let last = told.at(-1); !last?.chatEnded && (last?.statusCode ?? 0) === 0; last = told.at(-1)) {
    const batch = await tab.poll(acknowledged);
    if (!batch) throw new Error('the push session is over');
    acknowledged = batch.number;
    told.push(...batch.pushes);
    if (told.length === 2) await meanwhile?.();
  }
  return told;
}

const indexesOf = (told: readonly Pick<CustomerReply, 'messages'>[]): readonly number[] =>
  told.flatMap(({ messages }) => messages.map(({ index }) => index));

/** A server on a store in memory that counts how often the log of a chat is read from it. */
async function countingServer(): Promise<{ readonly url: string; readonly reads: () => number }> {
  let reads = 0;
  const journal = memoryJournal();
  const counting: Journal = {
    ...journal,
    chatEvents(chatId) {
      reads += 1;
      return journal.chatEvents(chatId);
    },
  };
  const app = await createApp({
    config: readConfig(
      { ...config, logLevel: 'silent' },
      { machine: { timeZone: 'UTC' }, overrides: { host: '127.0.0.1', port: 0 } },
    ),
    clock: new ManualClock(),
    random: randomBytes,
    logger: createLogger({ level: 'silent', messageText: false }, { write: () => {} }),
    onFatal: (error) => {
      throw error;
    },
    machine: { openJournal: () => Promise.resolve(counting), files: noFiles, pushClock },
  });
  stop = () => app.close();
  return { ...(await app.listen()), reads: () => reads };
}

it('is read once from the archive, and once for the request itself, however many parts it takes', async () => {
  const { url, reads } = await countingServer();
  const recorder = new Recorder('the customer');
  const tab = await playChat(url, new TestCustomer({ baseUrl: url, service: 'customer-support', recorder }));
  const before = reads();
  const told = await takeAll(tab);
  expect(told.length).toBeGreaterThan(count / 4);
  expect(indexesOf(told)).toEqual(Array.from({ length: count + 2 }, (_, at) => at + 1));
  expect(reads() - before).toBe(2);
});

it('is told no further once its person was erased', async () => {
  const box = await startServer({ config });
  stop = () => box.stop();
  const admin = box.agent('admin');
  await admin.signIn();
  const tab = await playChat(box.baseUrl, box.customer());
  const erase = { operationName: 'ErasePerson', emailAddress: 'p@example.com' };
  const told = await takeAll(tab, async () => {
    const erased = await ask(admin, box.baseUrl, ['POST', '/api/v2/privacy', erase]);
    expect(erased).toMatchObject({ statusCode: 0 });
  });
  expect(told).toHaveLength(3);
  expect(told.at(-1)).toMatchObject({ statusCode: 2, errors: [{ code: 109 }] });
});

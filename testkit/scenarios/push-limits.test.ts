import { afterEach, expect, it } from 'vitest';
import type { ManualClock } from '../manual-clock.ts';
import { startServer, type ServerInABox } from '../server-in-a-box.ts';
import { RawTab } from './customers/raw-tab.ts';

// What the configuration says of push sessions holds.

let box: ServerInABox<ManualClock>;

afterEach(() => box.stop());

it('a push session for which more bytes wait than it may have is over', async () => {
  box = await startServer({ config: { push: { maxQueueBytes: 4096 } } });
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  const { chatId, secureKey } = customer;
  const tab = new RawTab(box.baseUrl, { chatId, secureKey: `${chatId}.${secureKey}` });
  await tab.begin();
  await tab.publish('requestNotifications');
  expect(await tab.poll()).not.toBeNull();
  for (const text of ['one', 'two', 'three', 'four', 'five']) await customer.send(text.padEnd(900));
  expect(await tab.poll()).toBeNull();
});

it('an agent has as many push sessions as they may have', async () => {
  box = await startServer({ config: { push: { maxSessionsPerAgent: 1 } } });
  const [first, second] = [box.agent('marat'), box.agent('marat')];
  for (const agent of [first, second]) await agent.signIn();
  await first.openNotifications();
  await expect(second.openNotifications()).rejects.toThrow('too_many_sessions');
  await first.closeNotifications();
  await second.openNotifications();
  await second.closeNotifications();
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import { playChat } from '../history/history-story.ts';
import { foundInFiles } from './secret-story.ts';

const dayMs = 86_400_000;
let box: ServerInABox<ManualClock>;
afterEach(() => box.stop());

async function start(afterwards: 'delete' | 'anonymise') {
  box = await startServer({
    config: {
      services: [{ name: 'customer-support', queue: 'support', retention: { days: 30, afterwards } }],
      queues: [{ name: 'support' }],
      retention: { contactDays: 30, chatsAtOnce: 2 },
      // A month goes by in this test, and the agent stays.
      agentSession: { idleTimeoutMs: 2_678_400_000 },
      presence: { graceMs: 2_678_400_000 },
    },
  });
  const marat = box.agent('marat');
  await marat.goToWork();
  return marat;
}

/** Turns the clock on a little at a time, so that what waits for the store goes on, until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 300; turn += 1) {
    if (await isSo()) return;
    box.clock.advance(300);
    await pause(5);
  }
  expect(await isSo()).toBe(true);
}

it('forgets chats after their days, a few at a time, and profiles that nothing refers to', async () => {
  const marat = await start('delete');
  for (let at = 0; at < 5; at += 1)
    await playChat(box, marat, {
      nickname: 'Xantippe',
      emailAddress: `x${at}@zymurgy.example`,
      says: ['the parrot Quetzalcoatl'],
    });
  box.clock.advance(20 * dayMs);
  const young = await playChat(box, marat, { nickname: 'Young', emailAddress: 'young@example.com' });
  box.clock.advance(10 * dayMs);
  await box.restart();
  const again = box.agent('marat');
  await again.signIn();
  await until(async () => (await again.contacts.search()).totalCount === 1);
  expect((await again.contacts.interactions()).map(({ id }) => id)).toEqual([young]);
  await box.restart();
  expect(await foundInFiles(box.dataFolder, ['antippe', 'zymurgy', 'etzalcoatl'])).toEqual([]);
});

it('or keeps a row for statistics without a person', async () => {
  const marat = await start('anonymise');
  const id = await playChat(box, marat, {
    nickname: 'Xantippe',
    emailAddress: 'x@zymurgy.example',
    says: ['the parrot Quetzalcoatl'],
    disposition: 'Solved',
  });
  box.clock.advance(31 * dayMs);
  await box.restart();
  const again = box.agent('marat');
  await again.signIn();
  await until(async () => (await again.contacts.interactions())[0]?.customerName === '');
  const [row] = await again.contacts.interactions({ disposition: 'Solved', queueName: 'support' });
  expect(row).toMatchObject({
    id,
    customerName: '',
    contactId: '',
    customAttributes: { DispositionCode: 'Solved' },
  });
  await until(async () => (await again.contacts.search()).totalCount === 0);
  await expect(again.contacts.transcript(id)).rejects.toThrow('There is no such chat.');
  await box.restart();
  expect(await foundInFiles(box.dataFolder, ['antippe', 'zymurgy', 'etzalcoatl'])).toEqual([]);
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ManualClock } from '../manual-clock.ts';
import { startServer, type ServerInABox } from '../server-in-a-box.ts';

let box: ServerInABox<ManualClock>;

beforeEach(async () => {
  // Nothing here is about how often somebody may write.
  box = await startServer({
    config: { rateLimits: { perChat: { messagesPerSecond: 0, requestsPerSecond: 0 } } },
  });
});

afterEach(() => box.stop());

it('whoever accepts a chat with more history than a push queue holds is told its end, and goes on listening', async () => {
  const count = 600;
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  const words = 'x'.repeat(2_000);
  for (let number = 1; number <= count; number += 1) await customer.send(`${number} ${words}`);
  const marat = box.agent('marat');
  await marat.goToWork();
  const { id } = await marat.offered();
  await marat.accept(id, { nickname: 'Marat' });
  const { messages } = await marat.logged();
  const all = await marat.messages(id);
  expect(all.filter(({ type }) => type === 'Text')).toHaveLength(count);
  expect(messages.length).toBeLessThan(all.length);
  expect(messages).toEqual(all.slice(-messages.length));
  expect(JSON.stringify(messages).length).toBeGreaterThan(250_000);
  const after = marat.recorder.position;
  await customer.send('still there?');
  expect((await marat.logged({ after })).messages).toMatchObject([{ text: 'still there?' }]);
});

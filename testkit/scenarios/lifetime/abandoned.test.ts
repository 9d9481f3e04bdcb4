import { afterEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import type { ServerInABox } from '../../server-in-a-box.ts';
import type { TestCustomer } from '../../test-customer.ts';
import { beginChat, over, seen, serve } from './at-chat.ts';

// gms-customer-api §8: stop-abandoned-interaction.

let box: ServerInABox<ManualClock>;

afterEach(() => box.stop());

async function waiting(stopAbandonedInteraction: string): Promise<TestCustomer> {
  box = await serve({ stopAbandonedInteraction }, { customers: { goneAfterMs: 45_000 } });
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP', text: 'Call me back.' });
  return customer;
}

/** How customers end their part: by themselves, or by not being heard of any more. */
const ways = {
  leaves: async (customer: TestCustomer) => void (await customer.disconnect()),
  'is gone': async (customer: TestCustomer) => {
    box.clock.advance(45_000);
    await seen(customer, over);
  },
} as const;

describe.each(Object.entries(ways))('a customer who waits and %s', (_way, end) => {
  it.each(['noanswer', 'noagents', 'always'])('ends the chat with %s', async (choice) => {
    const customer = await waiting(choice);
    await end(customer);
    const marat = box.agent('marat');
    await marat.goToWork();
    const other = box.customer();
    await other.requestChat({ nickname: 'PersonQ' });
    expect((await marat.offered()).id).toBe(other.chatId);
  });

  it('leaves the chat to the agents with never: it is accepted, read and completed', async () => {
    const customer = await waiting('never');
    await end(customer);
    await box.restart();
    const marat = box.agent('marat');
    await marat.goToWork();
    const offered = await marat.offered();
    expect(offered).toMatchObject({ id: customer.chatId, userData: { IsOnline: 'false' } });
    await marat.accept(offered.id, { nickname: 'Marat' });
    await marat.stateOf('LeftChat');
    const { capabilities } = await marat.chat(offered.id);
    expect(capabilities).toContain('Complete');
    expect(capabilities).not.toContain('SendMessage');
    expect(JSON.stringify(await marat.messages(offered.id))).toContain('Call me back.');
    await marat.complete(offered.id);
    await marat.stateOf('Completed');
    expect(await marat.chats()).toEqual([]);
    expect((await customer.refresh()).chatEnded).toBe(true);
  });
});

it('an offer stays open with never, and goes to the next when nobody takes it', async () => {
  box = await serve({ stopAbandonedInteraction: 'never' });
  const [marat, kristi] = [box.agent('marat'), box.agent('kristi')];
  await marat.goToWork();
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
  await customer.disconnect();
  expect((await marat.chat(customer.chatId)).state).toBe('Invited');
  box.clock.advance(30_000);
  await marat.stateOf('Revoked');
  await kristi.goToWork();
  expect((await kristi.offered()).id).toBe(customer.chatId);
});

it('with noanswer a chat goes on that an agent had before it was sent back to its queue', async () => {
  box = await serve({ stopAbandonedInteraction: 'noanswer' });
  const { marat, customer, chatId } = await beginChat(box);
  await marat.setState('NotReady');
  await marat.transfer(chatId, { queueName: 'support' });
  await customer.disconnect();
  const kristi = box.agent('kristi');
  await kristi.goToWork();
  expect(await kristi.offered()).toMatchObject({ id: chatId, userData: { IsOnline: 'false' } });
});

it.each([
  ['never', 'Chatting'],
  ['noagents', 'Chatting'],
  ['always', 'Completed'],
] as const)('an agent who is in the chat is %s: %s', async (choice, state) => {
  box = await serve({ stopAbandonedInteraction: choice });
  const { marat, customer, chatId } = await beginChat(box);
  const { position } = marat.recorder;
  await customer.disconnect();
  if (state === 'Completed') {
    await marat.stateOf('Completed', { after: position });
    expect(await marat.chats()).toEqual([]);
  } else {
    await marat.recorder.notification({ notificationType: 'ParticipantsUpdated' }, { after: position });
    expect(await marat.chat(chatId)).toMatchObject({ state });
    await marat.complete(chatId);
  }
});

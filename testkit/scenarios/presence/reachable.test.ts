import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import type { ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import { comingsAndGoings, graceMs, heard, lostAfterMs, startBox, startChat } from './at-work.ts';

let box: ServerInABox<ManualClock>;

beforeEach(async () => {
  box = await startBox();
});

afterEach(() => box.stop());

describe('offers', () => {
  it('to an agent who is lost are taken back at once and go to the next, and the agent stays ready', async () => {
    const marat = box.agent('marat');
    const kristi = box.agent('kristi');
    const customer = box.customer();
    await marat.goToWork();
    box.clock.advance(1);
    await kristi.goToWork();
    await customer.requestChat({ nickname: 'PersonP' });
    await marat.offered();
    await marat.closeNotifications();
    expect(heard(kristi.recorder)).toEqual([]);
    box.clock.advance(lostAfterMs);
    expect((await kristi.offered()).id).toBe(customer.chatId);
    expect(await marat.channels()).toMatchObject([{ userState: { state: 'Ready' } }]);
    expect((await marat.chat(customer.chatId)).state).toBe('Revoked');
  });

  it('are not made to a lost agent, but when they come back', async () => {
    const marat = box.agent('marat');
    const kristi = box.agent('kristi');
    const [first, second] = [box.customer(), box.customer()];
    await marat.goToWork();
    box.clock.advance(1);
    await kristi.goToWork();
    await marat.closeNotifications();
    box.clock.advance(lostAfterMs);
    await first.requestChat({ nickname: 'PersonP' });
    expect((await kristi.offered()).id).toBe(first.chatId);
    await kristi.accept(first.chatId, { nickname: 'Kristi' });
    await kristi.setState('NotReady');
    await second.requestChat({ nickname: 'PersonQ' });
    await expect(
      kristi.transfer(first.chatId, { targetUri: `/users/${(await marat.me()).id}` }),
    ).rejects.toMatchObject({ statusCode: 2 });
    expect(await marat.chats()).toEqual([]);
    await marat.openNotifications();
    expect((await marat.offered()).id).toBe(second.chatId);
  });
});

describe('an agent with two pages', () => {
  async function twoPages(): Promise<{
    one: TestAgent;
    other: TestAgent;
    kristi: TestAgent;
    chatId: string;
  }> {
    const { marat: one, kristi, chatId } = await startChat(box);
    const other = box.agent('marat');
    await other.signIn();
    await other.openNotifications();
    return { one, other, kristi, chatId };
  }

  it('hears everything on both and may act on either', async () => {
    const { one, other, chatId } = await twoPages();
    const from = { after: one.recorder.position };
    await other.sendMessage(chatId, 'from the other page');
    const text = [{ text: 'from the other page', from: { nickname: 'Marat' } }];
    expect((await one.logged(from)).messages).toMatchObject(text);
    expect((await other.logged()).messages).toMatchObject(text);
    await one.leave(chatId);
    await Promise.all([one.stateOf('LeftChat', from), other.stateOf('LeftChat')]);
    await other.complete(chatId);
    await Promise.all([one.stateOf('Completed', from), other.stateOf('Completed')]);
  });

  it('is still there when one of them is closed', async () => {
    const { one, other, kristi, chatId } = await twoPages();
    await one.closeNotifications();
    box.clock.advance(10 * (lostAfterMs + graceMs));
    expect(heard(kristi.recorder)).toEqual([]);
    expect(await other.chats()).toMatchObject([{ id: chatId, state: 'Chatting' }]);
    expect(await other.channels()).toMatchObject([{ userState: { state: 'Ready' } }]);
  });

  it('is lost when both are, and back with either', async () => {
    const { one, other, kristi, chatId } = await twoPages();
    await one.closeNotifications();
    box.clock.advance(graceMs);
    await other.closeNotifications();
    box.clock.advance(lostAfterMs + graceMs - 1);
    await one.openNotifications();
    box.clock.advance(graceMs);
    expect(heard(kristi.recorder)).toEqual([]);
    await one.closeNotifications();
    box.clock.advance(lostAfterMs + graceMs);
    expect((await kristi.offered()).id).toBe(chatId);
  });
});

describe('an agent who never listens', () => {
  const silentAfterMs = 120_000;

  it('is there as long as requests come, and gone after the silence and the grace time', async () => {
    const marat = box.agent('marat');
    const kristi = box.agent('kristi');
    const customer = box.customer();
    await marat.signIn();
    await marat.startSession(['chat']);
    await marat.setState('Ready');
    await customer.requestChat({ nickname: 'PersonP' });
    const { chatId } = customer;
    await vi.waitFor(async () => expect(await marat.chats()).toMatchObject([{ state: 'Invited' }]));
    await marat.accept(chatId, { nickname: 'Marat' });
    await kristi.goToWork();
    for (let polls = 0; polls < 10; polls += 1) {
      box.clock.advance(silentAfterMs + graceMs - 1);
      expect(await marat.chats()).toMatchObject([{ id: chatId, state: 'Chatting' }]);
    }
    expect(heard(kristi.recorder)).toEqual([]);
    box.clock.advance(silentAfterMs + graceMs);
    expect((await kristi.offered()).id).toBe(chatId);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined', 'Marat Left']);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TestAgent } from '../../test-agent.ts';
import {
  comingsAndGoings,
  graceMs,
  heard,
  lostAfterMs,
  notice,
  startBox,
  startChat,
  timerAt,
  type AtWork,
} from './at-work.ts';

let at: AtWork;

beforeEach(async () => {
  at = await startChat(await startBox());
});

afterEach(() => at.box.stop());

describe('an agent whose connection is lost while they have a chat', () => {
  it('comes back within the grace time: nothing has changed, for anybody', async () => {
    const { box, marat, kristi, customer, chatId } = at;
    const [before] = await marat.chats();
    const messages = await marat.messages(chatId);
    await marat.closeNotifications();
    box.clock.advance(lostAfterMs + graceMs - 1);
    await marat.openNotifications();
    box.clock.advance(10 * graceMs);
    expect(await marat.chats()).toEqual([before]);
    expect(await marat.messages(chatId)).toEqual(messages);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined']);
    expect(heard(kristi.recorder)).toEqual([]);
    expect(await marat.channels()).toMatchObject([{ userState: { state: 'Ready' } }]);
    const { position } = marat.recorder;
    await customer.send('third');
    expect((await marat.logged({ after: position })).messages).toMatchObject([{ text: 'third' }]);
  });

  it('stays away: the chat goes to another with its whole history, and the customer is told', async () => {
    const { box, marat, kristi, customer, chatId } = at;
    await marat.closeNotifications();
    await customer.send('third');
    box.clock.advance(lostAfterMs + graceMs - 1);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined']);
    expect(heard(kristi.recorder)).toEqual([]);
    box.clock.advance(1);
    expect((await kristi.offered()).id).toBe(chatId);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined', 'Marat Left']);
    await kristi.accept(chatId, { nickname: 'Kristi' });
    const { messages } = await kristi.logged();
    expect(messages.map(({ type, text }) => text ?? type)).toEqual([
      'ParticipantJoined',
      'first',
      'ParticipantJoined',
      'second',
      'third',
      'ParticipantLeft',
      'ParticipantJoined',
      notice,
      'ParticipantLeft',
      'ParticipantJoined',
    ]);
    const told = (await customer.refresh(1)).messages.find(({ text }) => text === notice);
    expect(told).toMatchObject({ type: 'Message', from: { type: 'External', nickname: 'Demo' } });
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined', 'Marat Left', 'Kristi Joined']);
    expect(await marat.chats()).toEqual([]);
    await expect(marat.sendMessage(chatId, 'too late')).rejects.toMatchObject({ statusCode: 2 });
    expect((await marat.chat(chatId)).state).toBe('Revoked');
    expect((await marat.me()).channels).toEqual([]);
  });

  it('is noticed to be gone when the connection is cut without a word', async () => {
    const { box, kristi, customer } = at;
    const cut = new AbortController();
    const options = { baseUrl: box.baseUrl, userName: 'sofia', password: 'demo', signal: cut.signal };
    const sofia = new TestAgent(options);
    await kristi.setState('NotReady');
    await sofia.goToWork();
    const second = box.customer();
    await at.marat.setState('NotReady');
    await second.requestChat({ nickname: 'PersonQ' });
    const { id } = await sofia.offered();
    await sofia.accept(id, { nickname: 'Sofia' });
    box.clock.advance(1);
    cut.abort();
    await timerAt(box.clock, box.clock.now() + lostAfterMs);
    box.clock.advance(lostAfterMs + graceMs);
    await kristi.setState('Ready');
    expect((await kristi.offered()).id).toBe(id);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined']);
  });

  it('gets all the time anew when the server is started again', async () => {
    const { box, marat, kristi, customer, chatId } = at;
    const renewed = new Promise((resolve) => void kristi.on('renewed', resolve as () => void));
    await marat.closeNotifications();
    box.clock.advance(lostAfterMs + graceMs - 1);
    await box.restart();
    await renewed;
    box.clock.advance(lostAfterMs + graceMs - 1);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined']);
    expect(heard(kristi.recorder)).toEqual([]);
    box.clock.advance(1);
    expect((await kristi.offered()).id).toBe(chatId);
  });

  it('leaves after-chat work, which is completed', async () => {
    const { box, marat, chatId } = at;
    await marat.leave(chatId);
    await marat.closeNotifications();
    box.clock.advance(lostAfterMs + graceMs);
    await vi.waitFor(async () => expect((await marat.chat(chatId)).state).toBe('Completed'));
  });
});

describe('an agent who ends their session', () => {
  it('hands their chats on at once', async () => {
    const { marat, kristi, customer, chatId } = at;
    await marat.endSession();
    expect((await kristi.offered()).id).toBe(chatId);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined', 'Marat Left']);
  });

  it('keeps them for the grace time when so configured, and for all of it after a restart', async () => {
    const { box } = at;
    await box.stop();
    at = await startChat(await startBox({ presence: { endOfSessionReleasesChats: false } }));
    const { marat, kristi, customer, chatId } = at;
    await marat.endSession();
    at.box.clock.advance(lostAfterMs + graceMs - 1);
    const renewed = new Promise((resolve) => void kristi.on('renewed', resolve as () => void));
    await at.box.restart();
    await renewed;
    at.box.clock.advance(lostAfterMs + graceMs - 1);
    expect(await comingsAndGoings(customer)).toEqual(['Marat Joined']);
    at.box.clock.advance(1);
    expect((await kristi.offered()).id).toBe(chatId);
  });
});

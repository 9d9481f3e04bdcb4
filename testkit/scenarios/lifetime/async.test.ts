import { afterEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import type { ServerInABox } from '../../server-in-a-box.ts';
import { beginChat, lineOf, over, seen, serve, type AtChat } from './at-chat.ts';

// gms-customer-api §9: asynchronous chats.

const [day, hour] = [86_400_000, 3_600_000];

let box: ServerInABox<ManualClock>;
let at: AtChat;

afterEach(() => box.stop());

/** Days pass on the clock: nobody is signed out or gone because of that. */
const patient = {
  agentSession: { idleTimeoutMs: 30 * day },
  customers: { goneAfterMs: 45_000 },
};

async function start(async: object = {}): Promise<void> {
  box = await serve({ async }, patient);
  at = await beginChat(box);
}

const lines = async (): Promise<readonly string[]> => (await at.customer.refresh(1)).messages.map(lineOf);

it('a customer of an asynchronous chat comes and goes as they like', async () => {
  await start();
  box.clock.advance(hour);
  await at.marat.sendMessage(at.chatId, 'An answer.');
  box.clock.advance(day - 1);
  const { chatEnded, messages } = await at.customer.refresh();
  expect(chatEnded).toBe(false);
  expect(messages.map(lineOf)).toEqual(['ParticipantJoined Agent', 'Message Agent An answer.']);
});

it('the last agent leaves, the chat sleeps, and the customer’s words bring it back to them', async () => {
  await start();
  const { marat, customer, chatId } = at;
  const kristi = box.agent('kristi');
  await kristi.goToWork();
  await marat.sendMessage(chatId, 'I will look into it.');
  await marat.leave(chatId);
  await marat.complete(chatId);
  await marat.stateOf('Completed');
  expect((await customer.refresh(1)).chatEnded).toBe(false);
  await customer.startTyping('so');
  await customer.updateData({ a: '1' });
  box.clock.advance(hour);
  expect(await marat.chats()).toEqual([]);
  const { position } = marat.recorder;
  await customer.send('Any news?');
  // Kristi has been free for longer.
  expect((await marat.offered({ after: position })).id).toBe(chatId);
  await marat.accept(chatId, { nickname: 'Marat' });
  await marat.sendMessage(chatId, 'Yes.');
  await seen(customer, ({ messages }) => messages.at(-1)?.text === 'Yes.');
  expect(await lines()).toEqual([
    'ParticipantJoined Client',
    'ParticipantJoined Agent',
    'Message Agent I will look into it.',
    'ParticipantLeft Agent',
    'TypingStarted Client so',
    'Message Client Any news?',
    'ParticipantJoined Agent',
    'Message Agent Yes.',
  ]);
  expect(kristi.recorder.all.some((entry) => JSON.stringify(entry).includes('Invited'))).toBe(false);
});

it('goes to somebody else when the last agent is not ready, also after a restart', async () => {
  await start();
  const { marat, customer, chatId } = at;
  await marat.leaveAndComplete(chatId);
  await marat.setState('NotReady');
  const kristi = box.agent('kristi');
  await kristi.goToWork();
  const renewed = new Promise<void>((resolve) => void kristi.on('renewed', () => resolve()));
  await box.restart();
  await renewed;
  await customer.pushUrl('https://a.example');
  expect((await kristi.offered()).id).toBe(chatId);
  await kristi.accept(chatId, { nickname: 'Kristi' });
  // Whoever accepts reads everything.
  const { messages } = await kristi.logged();
  expect(messages.map(({ type }) => type)).toEqual([
    'ParticipantJoined',
    'ParticipantJoined',
    'ParticipantLeft',
    'PushUrl',
    'ParticipantJoined',
  ]);
});

it('words while after-chat work is open complete that work', async () => {
  await start();
  const { marat, customer, chatId } = at;
  await marat.leave(chatId);
  await marat.stateOf('LeftChat');
  const { position } = marat.recorder;
  await customer.send('One more thing.');
  await marat.stateOf('Completed', { after: position });
  expect((await marat.offered({ after: position })).id).toBe(chatId);
});

it('ends for good by Complete of an agent who is in it, or by the customer', async () => {
  await start();
  await at.marat.complete(at.chatId);
  await seen(at.customer, over);
  const other = box.customer();
  await other.requestChat({ nickname: 'PersonQ' });
  const { position } = at.marat.recorder;
  await at.marat.accept(other.chatId, { nickname: 'Marat' });
  await at.marat.leaveAndComplete(other.chatId);
  await at.marat.stateOf('Completed', { after: position });
  expect((await other.disconnect()).chatEnded).toBe(true);
});

it('says after a day in its user data that nobody is active, and ends an hour later, asleep or not', async () => {
  await start({ alertText: 'Still interested?', closeText: 'Bye.' });
  const { marat, customer, chatId } = at;
  box.clock.advance(day - 1);
  // Typing is no activity, a pushed address is (`major`).
  await customer.startTyping();
  await customer.pushUrl('https://a.example');
  box.clock.advance(day);
  await seen(customer, ({ messages }) => messages.some(({ text }) => text === 'Still interested?'));
  expect((await marat.chat(chatId)).userData).toMatchObject({
    GCTI_Chat_AsyncStatus: '3',
    GCTI_Chat_AsyncCheckAt: String(Math.ceil((box.clock.now() + hour) / 1000)),
  });
  const { position } = marat.recorder;
  await customer.send('Yes!');
  await marat.recorder.notification({ notificationType: 'PropertiesUpdated' }, { after: position });
  expect(Object.keys((await marat.chat(chatId)).userData).filter((key) => key.startsWith('GCTI'))).toEqual(
    [],
  );
  await marat.leaveAndComplete(chatId);
  box.clock.advance(day);
  await seen(customer, ({ messages }) => messages.filter(({ type }) => type === 'Message').length === 3);
  await box.restart();
  box.clock.advance(hour);
  const { messages } = await seen(customer, over);
  expect(messages.slice(-2).map(lineOf)).toEqual(['ParticipantLeft External', 'ParticipantLeft Client']);
  expect(messages.at(-1)?.eventAttributes).toEqual({ GCTI_SYSTEM: { 'quit-reason-code': '7' } });
});

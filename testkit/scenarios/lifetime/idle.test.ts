import { afterEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import type { ServerInABox } from '../../server-in-a-box.ts';
import { beginChat, lineOf, over, seen, serve, type AtChat } from './at-chat.ts';

// gms-customer-api §8: inactivity-control.

const [alertMs, alert2Ms, closeMs] = [255_000, 30_000, 45_000];
const texts = { alertText: 'Soon.', alert2Text: 'Very soon.', closeText: 'Now.' };

let box: ServerInABox<ManualClock>;
let at: AtChat;

afterEach(() => box.stop());

async function start(idle: object = {}): Promise<void> {
  box = await serve({ idle: { ...texts, ...idle } });
  at = await beginChat(box);
}

const said = (text: string) => (reply: { messages: readonly { text?: string }[] }) =>
  reply.messages.some((one) => one.text === text);
const textsOf = async (): Promise<readonly string[]> =>
  (await at.customer.refresh(1)).messages.flatMap(({ text }) => text ?? []);

it('a silence is told to everybody, and then ends the session with code 7', async () => {
  await start();
  const { marat, customer, chatId } = at;
  box.clock.advance(alertMs - 1);
  expect(await textsOf()).toEqual([]);
  box.clock.advance(1);
  await seen(customer, said('Soon.'));
  await marat.logged({ after: 0 });
  box.clock.advance(closeMs - 1);
  expect((await customer.refresh()).chatEnded).toBe(false);
  box.clock.advance(1);
  const { messages } = await seen(customer, over);
  expect(messages.map(lineOf)).toEqual([
    'ParticipantJoined Client',
    'ParticipantJoined Agent',
    'ParticipantJoined External',
    'Message External Soon.',
    'ParticipantLeft External',
    'ParticipantJoined External',
    'Message External Now.',
    'ParticipantLeft External',
    'ParticipantLeft Client',
  ]);
  expect(messages.at(-1)?.eventAttributes).toEqual({ GCTI_SYSTEM: { 'quit-reason-code': '7' } });
  expect(messages.slice(0, -1).every(({ eventAttributes }) => !('GCTI_SYSTEM' in eventAttributes))).toBe(
    true,
  );
  // The agent has their after-chat work, as when a customer leaves.
  const { state, capabilities } = await marat.chat(chatId);
  expect(state).toBe('Chatting');
  expect(capabilities).toContain('Complete');
  expect(capabilities).not.toContain('SendMessage');
  const heard = JSON.stringify(marat.recorder.all.filter(({ kind }) => kind === 'notification'));
  for (const text of ['Soon.', 'Now.']) expect(heard).toContain(text);
});

it('two alerts come before the end when there are two', async () => {
  await start({ alert2Ms });
  box.clock.advance(alertMs);
  await seen(at.customer, said('Soon.'));
  box.clock.advance(alert2Ms);
  await seen(at.customer, said('Very soon.'));
  box.clock.advance(closeMs - 1);
  expect((await at.customer.refresh()).chatEnded).toBe(false);
  box.clock.advance(1);
  await seen(at.customer, over);
});

it('nothing is said where a text is empty, and the session ends all the same', async () => {
  await start({ alertText: '', alert2Ms, alert2Text: '', closeText: '' });
  for (const ms of [alertMs, alert2Ms, closeMs]) {
    box.clock.advance(ms);
    // The next timer is set once the step is decided.
    await at.customer.refresh();
  }
  expect((await seen(at.customer, over)).messages.map(lineOf)).toEqual([
    'ParticipantJoined Client',
    'ParticipantJoined Agent',
    'ParticipantLeft Client',
  ]);
});

it('whoever writes begins the time anew, from before an alert and from after each', async () => {
  await start({ alert2Ms });
  const { marat, customer, chatId } = at;
  for (const write of [() => customer.send('a'), () => marat.sendMessage(chatId, 'b')]) {
    box.clock.advance(alertMs - 1);
    await write();
  }
  box.clock.advance(alertMs);
  await seen(customer, said('Soon.'));
  // In the same millisecond as the alert.
  await customer.send('c');
  box.clock.advance(alertMs);
  await seen(customer, (reply) => reply.messages.filter(({ text }) => text === 'Soon.').length === 2);
  box.clock.advance(alert2Ms);
  await seen(customer, said('Very soon.'));
  await marat.sendMessage(chatId, 'd');
  box.clock.advance(alertMs - 1);
  await customer.startTyping('e');
  expect((await textsOf()).filter((text) => text !== 'e')).toEqual([
    'a',
    'b',
    'Soon.',
    'c',
    'Soon.',
    'Very soon.',
    'd',
  ]);
  box.clock.advance(1);
  await seen(customer, (reply) => reply.messages.filter(({ text }) => text === 'Soon.').length === 3);
});

it.each([
  ['none', ['a pushed page', 'a custom notice', 'typing', 'a receipt']],
  ['major', ['a custom notice', 'typing', 'a receipt']],
  ['major2', ['typing', 'a receipt']],
  ['typing', ['a receipt']],
  ['all', []],
] as const)('with notices: %s, these are no activity: %s', async (notices, uncounted) => {
  await start({ notices });
  const { customer } = at;
  const actions = {
    'a pushed page': () => customer.pushUrl('https://a.example'),
    'a custom notice': () => customer.customNotice('x'),
    typing: () => customer.startTyping('x'),
    'a receipt': () => customer.readReceipt((customer.nextPosition ?? 1) + 20),
  } as const;
  const alerts = async (): Promise<number> => (await textsOf()).filter((text) => text === 'Soon.').length;
  let [expected, sinceMs] = [0, box.clock.now()];
  for (const [name, act] of Object.entries(actions)) {
    box.clock.advanceTo(sinceMs + alertMs - 1);
    await act();
    const isActivity = !(uncounted as readonly string[]).includes(name);
    if (isActivity) {
      sinceMs = box.clock.now();
      box.clock.advance(1);
      await customer.updateData({ barrier: name });
      expect(await alerts()).toBe(expected);
      continue;
    }
    box.clock.advance(1);
    expected += 1;
    await seen(
      customer,
      (reply) => reply.messages.filter(({ text }) => text === 'Soon.').length === expected,
    );
    await customer.send('on');
    sinceMs = box.clock.now();
  }
});

it('nobody is idle while the chat waits for an agent', async () => {
  box = await serve({ idle: texts });
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  box.clock.advance(10 * alertMs);
  const marat = box.agent('marat');
  await marat.goToWork();
  const { id } = await marat.offered();
  box.clock.advance(29_000);
  await marat.accept(id, { nickname: 'Marat' });
  box.clock.advance(alertMs - 1);
  expect((await customer.refresh(1)).messages.map(lineOf)).toEqual([
    'ParticipantJoined Client',
    'ParticipantJoined Agent',
  ]);
  box.clock.advance(1);
  await seen(customer, said('Soon.'));
});

it('what is not configured does not happen', async () => {
  box = await serve({});
  at = await beginChat(box);
  // As long as an agent is signed in without a request.
  box.clock.advance(1_700_000);
  await at.customer.send('still here');
  expect(await textsOf()).toEqual(['still here']);
});

it('a restart in the middle of each wait changes nothing, and whoever was warned gets their time', async () => {
  await start({ alert2Ms });
  const { customer } = at;
  box.clock.advance(alertMs - 1000);
  await box.restart();
  box.clock.advance(999);
  expect(await textsOf()).toEqual([]);
  box.clock.advance(1);
  await seen(customer, said('Soon.'));
  box.clock.advance(alert2Ms - 1000);
  await box.restart();
  box.clock.advance(1000);
  await seen(customer, said('Very soon.'));
  box.clock.advance(closeMs - 1000);
  await box.restart();
  box.clock.advance(closeMs - 1);
  expect((await customer.refresh()).chatEnded).toBe(false);
  box.clock.advance(1);
  await seen(customer, over);
  expect(await textsOf()).toEqual(['Soon.', 'Very soon.', 'Now.']);
});

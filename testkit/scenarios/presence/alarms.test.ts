import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Recorder } from '../../recorder.ts';
import { heard, startBox, startChat, type AtWork } from './at-work.ts';

let at: AtWork;

beforeEach(async () => {
  const queue = { name: 'support', lateReplyAlarmMs: 60_000, idleAlarmMs: 300_000, afterChatWorkMs: 120_000 };
  at = await startChat(await startBox({ queues: [queue] }));
});

afterEach(() => at.box.stop());

interface Told {
  readonly notificationType: string;
  readonly chat?: { readonly alarms?: readonly string[]; readonly state: string };
}

/** The next PropertiesUpdated after `position`: what the agent sees of the alarms. */
async function alarmsAfter(recorder: Recorder, position: number): Promise<readonly string[] | undefined> {
  await recorder.notification({ notificationType: 'PropertiesUpdated' }, { after: position });
  const told = heard(recorder, position) as readonly Told[];
  return told.findLast(({ notificationType }) => notificationType === 'PropertiesUpdated')?.chat?.alarms;
}

it('a late reply alarms the agent and the supervisor who is there, until the customer is answered', async () => {
  const { box, marat, customer, chatId } = at;
  const sofia = box.agent('sofia');
  await sofia.goToWork('NotReady');
  const { id } = await marat.me();
  const intrude = await sofia.fetch(`${box.baseUrl}/api/v2/users/${id}/chats/${chatId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operationName: 'Intrude', supervisorVisibilityMode: 'Monitor' }),
  });
  expect(await intrude.json()).toMatchObject({ statusCode: 0 });
  await sofia.offered();
  await sofia.accept(chatId, { nickname: 'Sofia' });
  await sofia.logged();
  await customer.send('Are you there?');
  const from = [marat, sofia].map(({ recorder }) => recorder.position);
  box.clock.advance(59_999);
  await customer.send('Hello?');
  await marat.logged({ after: from[0] ?? 0 });
  expect((heard(marat.recorder, from[0]) as Told[]).map((told) => told.notificationType)).toEqual([
    'NewMessages',
  ]);
  box.clock.advance(1);
  expect(await alarmsAfter(marat.recorder, from[0] ?? 0)).toEqual(['LateReply']);
  expect(await alarmsAfter(sofia.recorder, from[1] ?? 0)).toEqual(['LateReply']);
  expect((await marat.chat(chatId)).alarms).toEqual(['LateReply']);
  const { position } = marat.recorder;
  await marat.sendMessage(chatId, 'Here I am.');
  expect(await alarmsAfter(marat.recorder, position)).toBeUndefined();
});

it('silence alarms once, and an alarm that was raised outlives a restart', async () => {
  const { box, marat, customer, chatId } = at;
  const { position } = marat.recorder;
  box.clock.advance(300_000);
  expect(await alarmsAfter(marat.recorder, position)).toEqual(['Idle']);
  const renewed = new Promise((resolve) => void marat.on('renewed', resolve as () => void));
  await box.restart();
  await renewed;
  const later = marat.recorder.position;
  box.clock.advance(300_000);
  expect(heard(marat.recorder, later)).toEqual([]);
  expect((await marat.chat(chatId)).alarms).toEqual(['Idle']);
  await customer.send('So?');
  expect(await alarmsAfter(marat.recorder, later)).toBeUndefined();
  expect((await marat.chat(chatId)).alarms).toBeUndefined();
});

it('after-chat work is completed by the server when its time is over, a restart or not', async () => {
  const { box, marat, chatId } = at;
  await marat.leave(chatId);
  await marat.stateOf('LeftChat');
  box.clock.advance(119_000);
  const renewed = new Promise((resolve) => void marat.on('renewed', resolve as () => void));
  await box.restart();
  await renewed;
  expect((await marat.chat(chatId)).state).toBe('LeftChat');
  const { position } = marat.recorder;
  box.clock.advance(1_000);
  await marat.stateOf('Completed', { after: position });
  expect(await marat.chats()).toEqual([]);
});

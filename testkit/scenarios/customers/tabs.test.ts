import { afterEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type BoxOptions, type ServerInABox } from '../../server-in-a-box.ts';
import { openSide, type Side } from './sides.ts';

// Tabs of customers over CometD: how many there may be, and what each is told.

let box: ServerInABox<ManualClock>;
const sides: Side[] = [];

async function start(push: NonNullable<BoxOptions['config']>['push'] = {}): Promise<void> {
  box = await startServer({ config: { push } });
}
async function tab(): Promise<Side> {
  const side = await openSide('CometD WebSocket', box.baseUrl);
  sides.push(side);
  return side;
}
afterEach(async () => {
  for (const side of sides.splice(0)) await side.close();
  await box.stop();
});

it('a tab too many takes the place of the one that came first', async () => {
  await start({ maxSessionsPerChat: 2 });
  const [first, second, third] = [await tab(), await tab(), await tab()];
  await first.open({ nickname: 'PersonP' });
  for (const side of [second, third]) await side.restore(first.key, 0);
  await third.operate('sendMessage', { message: 'one' });
  await second.until('Message');
  expect(await first.operate('requestNotifications', { transcriptPosition: 2 })).toMatchObject({
    messages: [{ index: 2, text: 'one' }],
  });
  await first.operate('sendMessage', { message: 'two' });
  // Each message that the first had heard while it was out would stand here twice.
  expect((await first.until('Message', 3)).map(({ index }) => index)).toEqual([1, 2, 3]);
});

it('a tab in too many chats is refused, and may try again', async () => {
  await start({ maxChatsPerSession: 1 });
  const [side, other] = [await tab(), await tab()];
  await side.open({ nickname: 'PersonP' });
  await other.open({ nickname: 'PersonQ' });
  const { secureKey } = other.key;
  expect(await side.operate('requestNotifications', { secureKey })).toMatchObject({
    statusCode: 1,
    errors: [{ code: 240 }],
  });
  await side.operate('disconnect');
  expect(await side.operate('requestNotifications', { secureKey })).toMatchObject({ statusCode: 0 });
});

it('a tab that comes while much is said misses nothing and hears nothing twice', async () => {
  await start();
  const [speaker, ...listeners] = [await tab(), await tab(), await tab(), await tab()];
  await speaker.open({ nickname: 'PersonP' });
  const said = Array.from({ length: 24 }, (_, at) => speaker.operate('sendMessage', { message: `m${at}` }));
  for (const listener of listeners) await listener.restore(speaker.key, 1);
  await Promise.all(said);
  await speaker.operate('customNotice', { message: 'that was all' });
  const expected = Array.from({ length: 26 }, (_, at) => at + 1);
  for (const side of [speaker, ...listeners])
    expect((await side.until('CustomNotice')).map(({ index }) => index)).toEqual(expected);
});

it('a chat outlives the server: a new tab goes on with the same key, over CometD or HTTP', async () => {
  await start();
  const before = await tab();
  await before.open({ nickname: 'PersonP' });
  await before.operate('sendMessage', { message: 'before' });
  sides.length = 0;
  await box.restart();
  const after = await tab();
  await after.restore(before.key, '2');
  expect(await after.until('Message')).toMatchObject([{ index: 2, text: 'before' }]);
  const overHttp = await openSide('REST', box.baseUrl);
  await overHttp.restore(before.key, 1);
  expect(await overHttp.operate('sendMessage', { message: 'after' })).toMatchObject({ statusCode: 0 });
  expect((await after.until('Message', 2)).map(({ text }) => text)).toEqual(['before', 'after']);
});

it('a key from HTTP opens the chat over CometD beside the id of the chat, and not without', async () => {
  await start();
  const overHttp = await openSide('REST', box.baseUrl);
  await overHttp.open({ nickname: 'PersonP' });
  const side = await tab();
  const { chatId, secureKey } = overHttp.key;
  expect(await side.operate('requestNotifications', { secureKey })).toMatchObject({
    errors: [{ code: 109 }],
  });
  expect(await side.operate('requestNotifications', { secureKey, chatId })).toMatchObject({
    statusCode: 0,
    secureKey: `${chatId}.${secureKey}`,
  });
});

it.each([
  ['no operation', {}, 104],
  ['a name of the prototype', { operation: 'constructor' }, 104],
  ['no key', { operation: 'sendMessage', message: 'x', secureKey: undefined }, 101],
  ['a key of the wrong type', { operation: 'sendMessage', message: 'x', secureKey: {} }, 110],
  ['an auth of the wrong type', { operation: 'requestChat', nickname: 'P', auth: { encoded: {} } }, 110],
  [
    'too deep',
    { operation: 'updateData', userData: JSON.parse('['.repeat(500) + ']'.repeat(500)) as object },
    110,
  ],
])('%s is refused by a push, and the tab goes on', async (_name, data, code) => {
  await start();
  const side = await tab();
  await side.open({ nickname: 'PersonP' });
  expect(await side.operate('', { operation: undefined, ...data })).toMatchObject({
    statusCode: 2,
    errors: [{ code }],
  });
  expect(await side.operate('sendMessage', { message: 'still here' })).toMatchObject({ statusCode: 0 });
});

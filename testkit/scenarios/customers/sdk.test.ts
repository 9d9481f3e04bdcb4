import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';

let box: ServerInABox<ManualClock>;
beforeEach(async () => void (box = await startServer()));
afterEach(() => box.stop());

it('the SDK does all that the polling API offers', async () => {
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  await customer.pushUrl('https://a.example/?a=1&b=2');
  await customer.customNotice('beep');
  await customer.updateNickname('PersonQ');
  await customer.updateData({ 'a key': 'ä&=' });
  await customer.readReceipt(3);
  const { messages } = await customer.refresh(2);
  expect(messages.map(({ type, text, from }) => [type, text, from.nickname])).toEqual([
    ['PushUrl', 'https://a.example/?a=1&b=2', 'PersonQ'],
    ['CustomNotice', 'beep', 'PersonQ'],
    ['NicknameUpdated', 'PersonQ', 'PersonQ'],
    ['Notice', 'read-confirm', 'PersonQ'],
  ]);
  const marat = box.agent('marat');
  await marat.goToWork();
  expect(await marat.offered()).toMatchObject({ userData: { 'a key': 'ä&=' } });
  await expect(customer.pushUrl('ftp://a.example')).rejects.toMatchObject({ errorCodes: [110] });
});

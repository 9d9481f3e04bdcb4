import { afterEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import type { ServerInABox } from '../../server-in-a-box.ts';
import { openSide } from '../customers/sides.ts';
import { beginChat, isThere, lineOf, over, seen, serve } from './at-chat.ts';

// gms-customer-api §8: flex-disconnect-timeout, flex-push-timeout.

const goneAfterMs = 45_000;
const customers = { goneAfterMs, goneAfterPushMs: 600_000 };

let box: ServerInABox<ManualClock>;

afterEach(() => box.stop());

describe('a customer over HTTP', () => {
  it('is gone after so long without a request, whatever the request was', async () => {
    box = await serve({}, { customers });
    const { marat, customer, chatId } = await beginChat(box);
    for (const request of [
      () => customer.refresh(0),
      () => customer.startTyping(),
      () => customer.updateData({ a: '1' }),
    ]) {
      box.clock.advance(goneAfterMs - 1);
      await request();
    }
    box.clock.advance(goneAfterMs - 1);
    expect(await isThere(marat, chatId)).toBe(true);
    const { position } = marat.recorder;
    box.clock.advance(1);
    await marat.recorder.notification({ notificationType: 'ParticipantsUpdated' }, { after: position });
    expect(await isThere(marat, chatId)).toBe(false);
    const { messages, chatEnded } = await customer.refresh(1);
    expect(chatEnded).toBe(true);
    expect(messages.at(-1)).toMatchObject({
      type: 'ParticipantLeft',
      from: { type: 'Client' },
      // 3 is not delivered over this API (gms-customer-api §4.1).
      eventAttributes: {},
    });
  });

  it('is not kept by requests with a wrong key', async () => {
    box = await serve({}, { customers });
    const { marat, customer, chatId } = await beginChat(box);
    box.clock.advance(goneAfterMs - 1);
    const url = `${box.baseUrl}/genesys/2/chat/customer-support/${chatId}/refresh`;
    const body = new URLSearchParams({ secureKey: `${customer.secureKey}x`, transcriptPosition: '1' });
    expect(await (await fetch(url, { method: 'POST', body })).json()).toMatchObject({ statusCode: 2 });
    const { position } = marat.recorder;
    box.clock.advance(1);
    await marat.recorder.notification({ notificationType: 'ParticipantsUpdated' }, { after: position });
  });

  it('takes a waiting chat along', async () => {
    box = await serve({}, { customers });
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    box.clock.advance(goneAfterMs);
    expect((await seen(customer, over)).messages.map(lineOf)).toEqual([
      'ParticipantJoined Client',
      'ParticipantLeft Client',
    ]);
    expect(box.clock.pending()).toHaveLength(0);
  });

  it('stays longer with a push subscription', async () => {
    box = await serve({}, { customers });
    const { marat, customer, chatId } = await beginChat(box, { push_notification_deviceid: 'd' });
    box.clock.advance(customers.goneAfterPushMs - 1);
    expect(await isThere(marat, chatId)).toBe(true);
    box.clock.advance(1);
    await seen(customer, over);
  });

  it('counts as just seen after a restart', async () => {
    box = await serve({}, { customers });
    const { marat, customer, chatId } = await beginChat(box);
    box.clock.advance(goneAfterMs - 1);
    await box.restart();
    box.clock.advance(goneAfterMs - 1);
    expect(await isThere(marat, chatId)).toBe(true);
    box.clock.advance(1);
    await seen(customer, over);
  });
});

describe('a customer who listens', () => {
  it('is there without a request, and the time runs when the last of their tabs is gone', async () => {
    box = await serve({}, { customers });
    const marat = box.agent('marat');
    await marat.goToWork();
    const first = await openSide('CometD WebSocket', box.baseUrl);
    await first.open({ nickname: 'PersonP' });
    const { chatId } = first.key;
    await marat.offered();
    await marat.accept(chatId, { nickname: 'Marat' });
    const second = await openSide('CometD WebSocket', box.baseUrl);
    await second.restore(first.key, 1);
    await second.until('ParticipantJoined', 2);
    box.clock.advance(10 * goneAfterMs);
    expect(await isThere(marat, chatId)).toBe(true);
    await first.close();
    box.clock.advance(10 * goneAfterMs);
    expect(await isThere(marat, chatId)).toBe(true);
    await second.close();
    const { position } = marat.recorder;
    box.clock.advance(goneAfterMs - 1);
    expect(await isThere(marat, chatId)).toBe(true);
    box.clock.advance(1);
    await marat.recorder.notification({ notificationType: 'ParticipantsUpdated' }, { after: position });
    expect(await isThere(marat, chatId)).toBe(false);
  });
});

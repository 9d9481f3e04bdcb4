import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CustomerEvent } from '@parley/contract/gms/replies.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import { openSide, ways, type Side } from './sides.ts';

const lineOf = ({ type, from, text }: CustomerEvent): string =>
  [type, from.type, from.nickname, text].filter(Boolean).join(' ');

describe.each(ways)('a customer over %s', (way) => {
  let box: ServerInABox<ManualClock>;
  let marat: TestAgent;
  let customer: Side;
  const sides: Side[] = [];
  const open = async (): Promise<Side> => {
    const side = await openSide(way, box.baseUrl);
    sides.push(side);
    return side;
  };

  beforeEach(async () => {
    box = await startServer();
    marat = box.agent('marat');
    await marat.goToWork();
    customer = await open();
  });

  afterEach(async () => {
    for (const side of sides.splice(0)) await side.close();
    await box.stop();
  });

  async function begin(): Promise<string> {
    const reply = await customer.open({ nickname: 'PersonP', subject: 'Hello', userData: { a: '1' } });
    expect(reply).toMatchObject({ statusCode: 0, chatEnded: false, nextPosition: 2, monitored: false });
    const { chatId } = reply;
    await marat.offered();
    await marat.accept(chatId, { nickname: 'Marat' });
    await customer.until('ParticipantJoined', 2);
    return chatId;
  }

  it('does everything that there is to do, and hears each event once and in order, its own too', async () => {
    const chatId = await begin();
    const { position } = marat.recorder;
    await customer.operate('startTyping', { message: 'Hel' });
    await customer.operate('stopTyping');
    await customer.operate('sendMessage', { message: 'Hello', messageType: 'text' });
    await customer.operate('pushUrl', { pushUrl: 'https://a.example/b?c=1&d=2' });
    await customer.operate('customNotice', { message: 'beep' });
    await customer.operate('updateNickname', { nickname: 'PersonQ' });
    await customer.operate('updateData', { userData: { a: '2', b: 'x', ContactId: 'mine' } });
    await customer.operate('readReceipt', { transcriptPosition: 5 });
    await marat.sendMessage(chatId, 'Good day');
    await customer.until('Message');
    await customer.operate('disconnect');
    const events = await customer.until('ParticipantLeft');
    expect(customer.ended).toBe(true);
    // With polling everybody is called what they are called at last; pushes tell the name of the moment.
    const lines = events.map(lineOf).map((line) => line.replaceAll(/Client Person[PQ]/g, 'Client'));
    expect(lines).toEqual([
      'ParticipantJoined Client',
      'ParticipantJoined Agent Marat',
      'TypingStarted Client Hel',
      'TypingStopped Client',
      'Message Client Hello',
      'PushUrl Client https://a.example/b?c=1&d=2',
      'CustomNotice Client beep',
      'NicknameUpdated Client PersonQ',
      'Notice Client read-confirm',
      'Message Agent Marat Good day',
      'ParticipantLeft Client',
    ]);
    expect(events.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

    await marat.recorder.notification({ notificationType: 'PropertiesUpdated' }, { after: position });
    const told = marat.recorder.all.slice(position).filter(({ kind }) => kind === 'notification');
    const text = JSON.stringify(told);
    expect(text).toContain('"type":"PushUrl"');
    expect(text).toContain('"noticeText":"beep"');
    const agentChat = await marat.chat(chatId);
    expect(agentChat.userData).toMatchObject({ a: '2', b: 'x' });
    expect(agentChat.userData['ContactId']).not.toBe('mine');
    const renamed = told.find(
      (entry) =>
        JSON.stringify(entry).includes('ParticipantsUpdated') && JSON.stringify(entry).includes('PersonQ'),
    );
    expect(renamed).toBeDefined();
    expect(text).not.toContain('read-confirm');
  });

  it('is refused in the same words and numbers', async () => {
    expect(await customer.open({ lastName: 'P' })).toMatchObject({ statusCode: 2, errors: [{ code: 102 }] });
    const other = await open();
    customer = other;
    await begin();
    const refused = async (operation: string, fields: object, code: number): Promise<void> => {
      const reply = await customer.operate(operation, { ...fields });
      expect(reply).toMatchObject({
        statusCode: 2,
        messages: [],
        errors: [{ code, advice: expect.any(String) }],
      });
    };
    await refused('sendMessage', {}, 101);
    await refused('sendMessage', { message: 'x'.repeat(15_000) }, 204);
    await refused('customNotice', { message: 'x'.repeat(15_000) }, 204);
    await refused('pushUrl', { pushUrl: 'javascript:alert(1)' }, 110);
    await refused('pushUrl', { pushUrl: 'https://' }, 110);
    await refused('updateData', { userData: { big: { deep: 1 } } }, 110);
    await refused('readReceipt', {}, 101);
    const wrongKey = `${customer.key.secureKey.slice(0, -2)}00`;
    await refused('sendMessage', { message: 'hi', secureKey: wrongKey }, 109);
    expect((await customer.until('ParticipantJoined')).length).toBe(2);
  });

  it('goes on in a second tab from where it wants to, and both hear what happens', async () => {
    const chatId = await begin();
    await customer.operate('sendMessage', { message: 'one' });
    await customer.until('Message');
    const [all, late] = [await open(), await open()];
    await all.restore(customer.key, '0');
    await late.restore(customer.key, 3);
    expect((await all.until('Message')).map(({ index }) => index)).toEqual([1, 2, 3]);
    expect((await late.until('Message')).map(({ index }) => index)).toEqual([3]);
    await marat.sendUrl(chatId, 'https://a.example');
    for (const [side, first] of [
      [customer, 1],
      [all, 1],
      [late, 3],
    ] as const) {
      const indexes = (await side.until('PushUrl')).map(({ index }) => index);
      expect(indexes).toEqual([1, 2, 3, 4].filter((index) => index >= first));
    }
    await late.operate('disconnect');
    for (const side of [customer, all]) await side.until('ParticipantLeft');
    for (const side of [customer, all, late]) expect(side.ended).toBe(true);
  });

  it('that loses its connection has lost nothing: the chat goes on', async () => {
    const chatId = await begin();
    await customer.close();
    await marat.sendMessage(chatId, 'Are you there?');
    const again = await open();
    await again.restore(customer.key, 3);
    const events = await again.until('Message');
    expect(events.map(lineOf)).toEqual(['Message Agent Marat Are you there?']);
    sides.splice(sides.indexOf(customer), 1);
  });
});

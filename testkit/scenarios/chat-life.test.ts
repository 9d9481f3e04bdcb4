import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../manual-clock.ts';
import { startServer, type ServerInABox } from '../server-in-a-box.ts';
import type { TestAgent } from '../test-agent.ts';
import type { TestCustomer } from '../test-customer.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let kristi: TestAgent;
let customer: TestCustomer;

beforeEach(async () => {
  box = await startServer();
  marat = box.agent('marat');
  kristi = box.agent('kristi');
  customer = box.customer();
});

afterEach(() => box.stop());

/** Marat at work with the customer's chat accepted; returns its id. */
async function chatting(): Promise<string> {
  await marat.goToWork();
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  await marat.logged();
  return customer.chatId;
}

describe('both sides talk', () => {
  it('each message reaches both, once, in the order of index', async () => {
    const chatId = await chatting();
    const { position } = marat.recorder;
    await customer.startTyping('He');
    await customer.send('Hello', { messageType: 'greeting' });
    await marat.startTyping(chatId);
    await marat.sendMessage(chatId, 'Hi', { treatAs: 'System' });
    await marat.stopTyping(chatId);
    await marat.recorder.waitFor(
      (entry) => entry.kind === 'notification' && JSON.stringify(entry.data).includes('TypingStopped'),
      { after: position },
    );
    const pushed = marat.recorder.all
      .slice(position)
      .flatMap((entry) => (entry.kind === 'notification' ? [entry.data] : []))
      .flatMap(
        (data) => (data as { messages?: { index: number; type: string; text?: string }[] }).messages ?? [],
      );
    expect(pushed.map(({ index, type, text }) => `${index} ${type} ${text ?? ''}`.trim())).toEqual([
      '3 TypingStarted He',
      '4 Text Hello',
      '5 TypingStarted',
      '6 Text Hi',
      '7 TypingStopped',
    ]);
    expect(await marat.messages(chatId)).toMatchObject([
      { index: 1, type: 'ParticipantJoined', from: { type: 'Customer' } },
      { index: 2, type: 'ParticipantJoined', from: { type: 'Agent', nickname: 'Marat' } },
      ...pushed,
    ]);
    const read = await customer.refresh(1);
    expect(read.messages.map(({ index, type }) => `${index} ${type}`)).toEqual([
      '1 ParticipantJoined',
      '2 ParticipantJoined',
      '3 TypingStarted',
      '4 Message',
      '5 TypingStarted',
      '6 Message',
      '7 TypingStopped',
    ]);
    expect(read.messages[3]).toMatchObject({
      text: 'Hello',
      messageType: 'greeting',
      from: { type: 'Client' },
    });
  });

  it('a part of the messages can be read by index and count', async () => {
    const chatId = await chatting();
    for (const text of ['one', 'two', 'three']) await customer.send(text);
    const page = await marat.messages(chatId, { startIndex: 4, count: 1 });
    expect(page.map(({ text }) => text)).toEqual(['two']);
  });

  it('the chat can be fetched by the address in a notification', async () => {
    await chatting();
    const { chatUri } = await marat.logged();
    const response = await marat.fetch(chatUri);
    expect(await response.json()).toMatchObject({
      statusCode: 0,
      chat: { id: customer.chatId, state: 'Chatting' },
    });
  });
});

describe('the end of a chat', () => {
  const annotating = ['SetDisposition', 'AttachUserData', 'UpdateUserData', 'DeleteUserData'];

  it('Leave ends it for the customer and leaves the agent after-chat work, Complete finishes', async () => {
    const chatId = await chatting();
    await marat.leave(chatId, { text: 'Goodbye' });
    const left = await marat.stateOf('LeftChat');
    expect(left.chat.capabilities).toEqual(['Complete', 'InFocus', 'SetInFocus', ...annotating]);
    const told = await customer.refresh();
    expect(told.chatEnded).toBe(true);
    expect(told.messages.slice(-2).map(({ type, text }) => text ?? type)).toEqual([
      'Goodbye',
      'ParticipantLeft',
    ]);
    await marat.complete(chatId);
    expect((await marat.stateOf('Completed')).chat.capabilities).toEqual([]);
    expect(await marat.chats()).toEqual([]);
    await expect(marat.sendMessage(chatId, 'too late')).rejects.toMatchObject({ statusCode: 6 });
    expect((await marat.chat(chatId)).state).toBe('Completed');
  });

  it('a customer who leaves takes the talking with them, and may say so twice', async () => {
    const chatId = await chatting();
    const { position } = marat.recorder;
    expect((await customer.disconnect()).chatEnded).toBe(true);
    const updated = await marat.recorder.notification<{ chat: { capabilities: string[]; state: string } }>(
      { notificationType: 'ParticipantsUpdated' },
      { after: position },
    );
    expect(updated.chat).toMatchObject({ state: 'Chatting' });
    expect(updated.chat.capabilities).toEqual([
      'Complete',
      'Leave',
      'InFocus',
      'SetInFocus',
      ...annotating,
      'LeaveAndComplete',
    ]);
    await expect(marat.sendMessage(chatId, 'anybody?')).rejects.toMatchObject({ statusCode: 2 });
    expect((await customer.disconnect()).chatEnded).toBe(true);
    await expect(customer.send('me again')).rejects.toMatchObject({ statusCode: 2 });
    await marat.complete(chatId);
  });

  it('a customer who leaves while it rings takes the offer with them', async () => {
    await marat.goToWork();
    await customer.requestChat({ nickname: 'PersonP' });
    await marat.offered();
    await customer.disconnect();
    const revoked = await marat.stateOf('Revoked');
    expect(revoked.chat).toMatchObject({ capabilities: [], participants: [] });
    await expect(marat.accept(customer.chatId, { nickname: 'M' })).rejects.toMatchObject({ statusCode: 6 });
  });

  it('a chat that is over can still be read by the customer, and by nobody without the key', async () => {
    const chatId = await chatting();
    await customer.send('Hello');
    await marat.complete(chatId);
    expect((await customer.refresh(1)).messages).toHaveLength(4);
    const stranger = await fetch(`${box.baseUrl}/genesys/2/chat/customer-support/${chatId}/refresh`, {
      method: 'POST',
      body: 'secureKey=0123456789abcdef0123456789abcdef',
    });
    expect(await stranger.json()).toMatchObject({ statusCode: 2, messages: [], errors: [{ code: 109 }] });
  });
});

describe('who is offered a chat', () => {
  it('the agent who does not answer becomes not ready and the next one is asked', async () => {
    await marat.goToWork();
    box.clock.advance(1000);
    await kristi.goToWork();
    await customer.requestChat({ nickname: 'PersonP' });
    await marat.offered();
    expect(kristi.recorder.all.some((entry) => JSON.stringify(entry).includes('Invited'))).toBe(false);
    box.clock.advance(30_000);
    await marat.stateOf('Revoked');
    await kristi.offered();
    expect((await marat.channels())[0]?.userState.state).toBe('NotReady');
    await kristi.accept(customer.chatId, { nickname: 'Kristi' });
  });

  it('the agent who rejects it is left out, the next one is asked, and they get it back when the wait is over', async () => {
    await marat.goToWork();
    await customer.requestChat({ nickname: 'PersonP' });
    await marat.offered();
    const { position } = marat.recorder;
    await marat.reject(customer.chatId);
    expect((await marat.stateOf('Completed', { after: position })).chat.participants).toEqual([]);
    box.clock.advance(29_000);
    expect((await marat.chats()).length).toBe(0);
    box.clock.advance(1_000);
    await marat.stateOf('Invited', { after: position });
  });

  it('nobody gets more chats than their capacity, and the next one comes when there is room', async () => {
    await marat.goToWork();
    const customers = [1, 2, 3, 4].map(() => box.customer());
    for (const one of customers) await one.requestChat({ nickname: 'Somebody' });
    for (const one of customers.slice(0, 3)) await marat.accept(one.chatId, { nickname: 'Marat' });
    expect((await marat.chats()).map(({ id }) => id).toSorted()).toEqual(
      customers
        .slice(0, 3)
        .map(({ chatId }) => chatId)
        .toSorted(),
    );
    const { position } = marat.recorder;
    await marat.complete(customers[0]!.chatId);
    expect((await marat.offered({ after: position })).id).toBe(customers[3]!.chatId);
  });

  it.each([
    ['saveLAR on Accept', { saveLAR: true }, {}],
    ['saveLAR on Complete', {}, { saveLAR: true }],
  ])('the last agent first, by %s, while ready; then somebody else', async (_name, onAccept, onComplete) => {
    const details = { nickname: 'PersonP', emailAddress: 'person@example.org' };
    await marat.goToWork();
    await customer.requestChat(details);
    await marat.offered();
    await marat.accept(customer.chatId, { nickname: 'Marat', ...onAccept });
    await marat.complete(customer.chatId, onComplete);
    await marat.setState('NotReady');
    await kristi.goToWork();
    box.clock.advance(60_000);
    await marat.setState('Ready');
    // Kristi has been ready for longer; the contact's profile prefers Marat.
    const again = box.customer();
    const { position } = marat.recorder;
    await again.requestChat({ ...details, emailAddress: 'PERSON@example.org' });
    expect((await marat.offered({ after: position })).id).toBe(again.chatId);
    await marat.reject(again.chatId);
    expect((await kristi.offered()).id).toBe(again.chatId);
  });
});

describe('a restart', () => {
  it('finds chats, readiness, sign-ins and running offers as they were', async () => {
    const chatId = await chatting();
    await customer.send('before');
    await kristi.goToWork();
    await marat.setState('NotReady');
    const second = box.customer();
    await second.requestChat({ nickname: 'Second' });
    await kristi.offered();
    await box.restart();
    expect((await marat.channels())[0]?.userState.state).toBe('NotReady');
    expect((await marat.chat(chatId)).state).toBe('Chatting');
    await marat.sendMessage(chatId, 'after');
    const read = await customer.refresh(1);
    expect(read.messages.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
    expect((await kristi.chat(second.chatId)).state).toBe('Invited');
    box.clock.advance(30_000);
    await expect.poll(async () => (await kristi.chat(second.chatId)).state).toBe('Revoked');
  });
});

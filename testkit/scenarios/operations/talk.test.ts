import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => void (stage = await setStage()));
afterEach(() => stage.box.stop());

/** Kristi advises Marat; the customer does not know. */
async function consulted(): Promise<void> {
  const { marat, kristi, chatId, uris } = stage;
  await marat.consult(chatId, { targetUri: uris.kristi });
  await kristi.offered();
  await kristi.accept(chatId, { nickname: 'Kristi' });
  await stage.news();
}

/** Sofia listens unseen. */
async function monitored(): Promise<void> {
  const { sofia, chatId, ids } = stage;
  await sofia.intrude(ids.marat, chatId, 'Monitor');
  await sofia.offered();
  await sofia.accept(chatId, { nickname: 'Sofia' });
  await stage.news();
}

const toAll = [
  [
    'SendMessage',
    (s: Stage) => s.marat.sendMessage(s.chatId, 'Hi', { messageType: 'greeting' }),
    'Text Marat Hi',
    'Message Marat Hi',
  ],
  [
    'SendUrl',
    (s: Stage) => s.marat.sendUrl(s.chatId, 'https://example.org/'),
    'PushUrl Marat https://example.org/',
    'PushUrl Marat https://example.org/',
  ],
  [
    'SendCustomNotice',
    (s: Stage) => s.marat.sendCustomNotice(s.chatId, 'n'),
    'CustomNotice Marat n',
    'CustomNotice Marat n',
  ],
  [
    'SendStartTypingNotification',
    (s: Stage) => s.marat.startTyping(s.chatId),
    'TypingStarted Marat',
    'TypingStarted Marat',
  ],
  [
    'SendStopTypingNotification',
    (s: Stage) => s.marat.stopTyping(s.chatId),
    'TypingStopped Marat',
    'TypingStopped Marat',
  ],
] as const;

const toAgents = [
  ['SendToAgents', (s: Stage) => s.marat.sendToAgents(s.chatId, 'psst'), 'Text Marat psst Agents'],
  [
    'SendStartTypingToAgentsNotification',
    (s: Stage) => s.marat.startTypingToAgents(s.chatId),
    'TypingStarted Marat Agents',
  ],
  [
    'SendStopTypingToAgentsNotification',
    (s: Stage) => s.marat.stopTypingToAgents(s.chatId),
    'TypingStopped Marat Agents',
  ],
  [
    'SendCustomNoticeToAgents',
    (s: Stage) => s.marat.sendCustomNotice(s.chatId, 'n', 'Agents'),
    'CustomNotice Marat n Agents',
  ],
] as const;

describe('to everybody', () => {
  it.each(toAll)('%s', async (_name, act, onAgents, onCustomer) => {
    await consulted();
    await monitored();
    await act(stage);
    const line = [`${onAgents} All`];
    expect(await stage.news()).toEqual({ marat: line, kristi: line, sofia: line, customer: [onCustomer] });
  });
});

describe('to agents', () => {
  it.each(toAgents)('%s', async (_name, act, line) => {
    await expect(act(stage)).rejects.toMatchObject({ statusCode: 2 });
    await consulted();
    await monitored();
    await act(stage);
    expect(await stage.news()).toEqual({ marat: [line], kristi: [line], sofia: [line], customer: [] });
  });
});

describe('who is not heard by the customer', () => {
  it("a consultant's SendMessage reaches agents only", async () => {
    await consulted();
    await stage.kristi.sendMessage(stage.chatId, 'advice');
    const line = ['Text Kristi advice Agents'];
    expect(await stage.news()).toEqual({ marat: line, kristi: line, sofia: [], customer: [] });
  });

  it("a monitor's reaches supervisors only, and nobody is told that there is one", async () => {
    await monitored();
    await stage.sofia.sendMessage(stage.chatId, 'note to self');
    expect(await stage.news()).toEqual({
      marat: [],
      kristi: [],
      sofia: ['Text Sofia note to self Supervisors'],
      customer: [],
    });
    const read = await stage.marat.messages(stage.chatId);
    expect(JSON.stringify(read)).not.toContain('Sofia');
    expect(JSON.stringify(await stage.marat.chat(stage.chatId))).not.toContain('Sofia');
  });
});

describe('the case', () => {
  it('AttachUserData, UpdateUserData, DeleteUserData and SetDisposition tell agents the whole user data', async () => {
    await consulted();
    const { marat, kristi, chatId } = stage;
    await marat.attachUserData(chatId, { a: '1', b: 2 });
    await marat.updateUserData(chatId, { a: 'x' });
    await marat.deleteUserData(chatId, ['b']);
    await marat.setDisposition(chatId, 'Sold');
    const line = Array.from({ length: 4 }, () => 'PropertiesUpdated Chatting');
    expect(await stage.news()).toEqual({ marat: line, kristi: line, sofia: [], customer: [] });
    expect((await kristi.chat(chatId)).userData).toMatchObject({ a: 'x', DispositionCode: 'Sold' });
    expect((await kristi.chat(chatId)).userData).not.toHaveProperty('b');
    await expect(marat.attachUserData(chatId, { big: 'x'.repeat(20_000) })).rejects.toMatchObject({
      statusCode: 10,
    });
  });

  it('SetInFocus tells nobody', async () => {
    await stage.marat.setInFocus(stage.chatId);
    expect(await stage.news()).toEqual({ marat: [], kristi: [], sofia: [], customer: [] });
  });
});

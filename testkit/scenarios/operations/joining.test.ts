import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => void (stage = await setStage()));
afterEach(() => stage.box.stop());

const nothing = { marat: [], kristi: [], sofia: [], customer: [] };

async function joinAs(role: 'consult' | 'invite'): Promise<void> {
  const { marat, kristi, chatId, uris } = stage;
  const { position } = kristi.recorder;
  if (role === 'consult') await marat.consult(chatId, { targetUri: uris.kristi });
  else await marat.invite(chatId, uris.kristi);
  await kristi.offered({ after: position });
  await kristi.accept(chatId, { nickname: 'Kristi' });
}

describe('Consult', () => {
  it('asks an agent in whom the customer does not see', async () => {
    const { marat, kristi, chatId, uris } = stage;
    const referenceId = await marat.consult(chatId, { targetUri: uris.kristi });
    expect(await stage.news()).toEqual({
      ...nothing,
      marat: ['ParticipantsUpdated Marat/All PersonP/All'],
      kristi: ['StatusChange Invited'],
    });
    expect((await marat.chat(chatId)).capabilities).toContain('CancelConsult');
    await kristi.accept(chatId, { nickname: 'Kristi' });
    expect(await stage.news()).toEqual({
      marat: ['ParticipantsUpdated Marat/All Kristi/Agents PersonP/All', 'ParticipantJoined Kristi Agents'],
      kristi: [
        'StatusChange Chatting',
        'ParticipantsUpdated Marat/All Kristi/Agents PersonP/All',
        'ParticipantJoined PersonP All',
        'ParticipantJoined Marat All',
        'ParticipantJoined Kristi Agents',
      ],
      sofia: [],
      customer: [],
    });
    const told = marat.recorder.all.filter((entry) =>
      JSON.stringify(entry).includes(`"referenceId":${referenceId}`),
    );
    expect(told.length).toBeGreaterThanOrEqual(3);
  });

  it('through a queue asks whoever the router would choose, and fails later when nobody is free', async () => {
    const { marat, kristi, sofia, chatId } = stage;
    for (const agent of [kristi, sofia]) await agent.setState('NotReady');
    await stage.news();
    const uri = `${stage.box.baseUrl}/api/v2/queues/support`;
    await marat.consult(chatId, { targetUri: uri });
    expect(await stage.news()).toEqual({
      ...nothing,
      marat: ['Error Nobody who serves the queue "support" is free.'],
    });
    await kristi.setState('Ready');
    await marat.consult(chatId, { queueName: 'support' });
    expect((await stage.news()).kristi).toEqual(['StatusChange Invited']);
  });

  it('that is declined, or asks somebody who is not ready, is told by an Error with the referenceId', async () => {
    const { marat, kristi, chatId, uris } = stage;
    const referenceId = await marat.consult(chatId, { targetUri: uris.kristi });
    await kristi.reject(chatId);
    expect((await stage.news()).marat.at(-1)).toBe('Error The invitation was declined.');
    const error = await marat.recorder.notification({ notificationType: 'Error' });
    expect(error).toMatchObject({ referenceId, messageType: 'ChatStateChangeMessage', chat: { id: chatId } });
    await kristi.setState('NotReady');
    await stage.news();
    await marat.consult(chatId, { targetUri: uris.kristi });
    expect(await stage.news()).toEqual({ ...nothing, marat: ['Error kristi is not ready for chats.'] });
    await expect(marat.consult(chatId, { targetUri: '/users/nobody' })).rejects.toMatchObject({
      statusCode: 6,
    });
  });

  it('is taken back by CancelConsult without a word to the initiator, until it is accepted', async () => {
    const { marat, kristi, chatId, uris } = stage;
    await expect(marat.cancelConsult(chatId)).rejects.toMatchObject({ statusCode: 2 });
    await marat.consult(chatId, { targetUri: uris.kristi });
    await stage.news();
    await marat.cancelConsult(chatId);
    expect(await stage.news()).toEqual({ ...nothing, kristi: ['StatusChange Revoked'] });
    await joinAs('consult');
    await stage.news();
    const referenceId = await marat.cancelConsult(chatId);
    expect(await stage.news()).toEqual({ ...nothing, marat: ['Error The consultant has accepted already.'] });
    const { position } = marat.recorder;
    expect(position).toBeGreaterThan(0);
    expect(
      await marat.recorder.notification({ errorMessage: 'The consultant has accepted already.' }),
    ).toMatchObject({
      referenceId,
    });
    expect((await kristi.chats()).length).toBe(1);
  });

  it('ends with Leave of the consultant: Completed, and the others go on', async () => {
    await joinAs('consult');
    await stage.news();
    await stage.kristi.leave(stage.chatId);
    expect(await stage.news()).toEqual({
      marat: ['ParticipantsUpdated Marat/All PersonP/All', 'ParticipantLeft Kristi Agents'],
      kristi: ['ParticipantLeft Kristi Agents', 'StatusChange Completed'],
      sofia: [],
      customer: [],
    });
  });
});

describe('Invite', () => {
  it('brings an agent in whom the customer sees', async () => {
    await joinAs('invite');
    const news = await stage.news();
    expect(news.marat).toEqual([
      'ParticipantsUpdated Marat/All Kristi/All PersonP/All',
      'ParticipantJoined Kristi All',
    ]);
    expect(news.customer).toEqual(['ParticipantJoined Kristi']);
    expect(news.sofia).toEqual([]);
  });

  it('of the consultant makes a conference at once', async () => {
    await joinAs('consult');
    await stage.news();
    await stage.marat.invite(stage.chatId, stage.uris.kristi);
    const seen = [
      'ParticipantsUpdated Marat/All Kristi/All PersonP/All',
      'ParticipantLeft Kristi Agents',
      'ParticipantJoined Kristi All',
    ];
    expect(await stage.news()).toEqual({
      marat: seen,
      kristi: seen,
      sofia: [],
      customer: ['ParticipantJoined Kristi'],
    });
  });

  it('can be undone: RemoveParticipantFromConference', async () => {
    const { marat, kristi, chatId, uris } = stage;
    await joinAs('invite');
    await stage.news();
    await expect(kristi.removeFromConference(chatId, uris.marat)).rejects.toMatchObject({ statusCode: 2 });
    await marat.removeFromConference(chatId, uris.kristi, { text: 'Thank you' });
    expect(await stage.news()).toEqual({
      marat: [
        'ParticipantsUpdated Marat/All PersonP/All',
        'Text Marat Thank you All',
        'ParticipantLeft Kristi All',
      ],
      kristi: ['Text Marat Thank you All', 'ParticipantLeft Kristi All', 'StatusChange Completed'],
      sofia: [],
      customer: ['Message Marat Thank you', 'ParticipantLeft Kristi'],
    });
    expect(await kristi.chats()).toEqual([]);
  });

  it('lets the handler leave: the other agent answers for the chat from then on', async () => {
    const { marat, kristi, chatId } = stage;
    await joinAs('invite');
    await stage.news();
    await marat.leave(chatId);
    expect(await stage.news()).toEqual({
      marat: ['ParticipantLeft Marat All', 'StatusChange Completed'],
      kristi: ['ParticipantsUpdated Kristi/All PersonP/All', 'ParticipantLeft Marat All'],
      sofia: [],
      customer: ['ParticipantLeft Marat'],
    });
    expect(await kristi.chat(chatId)).toMatchObject({ role: 'Handler' });
  });
});

describe('Transfer', () => {
  it('to an agent completes at once; the target is asked', async () => {
    await stage.marat.transfer(stage.chatId, { targetUri: stage.uris.kristi, text: 'Bye' });
    expect(await stage.news()).toEqual({
      marat: ['Text Marat Bye All', 'ParticipantLeft Marat All', 'StatusChange Completed'],
      kristi: ['StatusChange Invited'],
      sofia: [],
      customer: ['Message Marat Bye', 'ParticipantLeft Marat'],
    });
  });

  it('to the consultant hands over without asking', async () => {
    await joinAs('consult');
    await stage.news();
    await stage.marat.transfer(stage.chatId, { targetUri: stage.uris.kristi });
    expect(await stage.news()).toEqual({
      marat: ['ParticipantLeft Marat All', 'StatusChange Completed'],
      kristi: [
        'ParticipantsUpdated Kristi/All PersonP/All',
        'ParticipantLeft Marat All',
        'ParticipantLeft Kristi Agents',
        'ParticipantJoined Kristi All',
      ],
      sofia: [],
      customer: ['ParticipantLeft Marat', 'ParticipantJoined Kristi'],
    });
  });

  it('to a queue sends the consultant away', async () => {
    await joinAs('consult');
    await stage.kristi.setState('NotReady');
    await stage.sofia.setState('NotReady');
    await stage.marat.setState('NotReady');
    await stage.news();
    await stage.marat.transfer(stage.chatId, { queueName: 'support' });
    expect(await stage.news()).toEqual({
      marat: ['ParticipantLeft Kristi Agents', 'ParticipantLeft Marat All', 'StatusChange Completed'],
      kristi: ['ParticipantLeft Kristi Agents', 'StatusChange Revoked'],
      sofia: [],
      customer: ['ParticipantLeft Marat'],
    });
  });
});

describe('the end', () => {
  it('Leave of the only agent ends the session; LeaveAndComplete does both', async () => {
    for (const agent of [stage.marat, stage.sofia]) await agent.setState('NotReady');
    await stage.marat.leave(stage.chatId, { text: 'Bye', messageType: 'farewell', treatAs: 'System' });
    expect(await stage.news()).toEqual({
      marat: [
        'StatusChange LeftChat',
        'ParticipantsUpdated PersonP/All',
        'Text Marat Bye All',
        'ParticipantLeft Marat All',
      ],
      kristi: [],
      sofia: [],
      customer: ['Message Marat Bye', 'ParticipantLeft Marat'],
    });
    const next = stage.box.customer();
    await next.requestChat({ nickname: 'Next' });
    const asked = await stage.kristi.offered();
    await stage.kristi.accept(asked.id, { nickname: 'Kristi' });
    await stage.kristi.leaveAndComplete(asked.id);
    expect((await stage.kristi.stateOf('Completed')).chat.id).toBe(asked.id);
    expect((await next.refresh()).chatEnded).toBe(true);
  });

  it('Complete with queueName gives the after-chat work to another agent', async () => {
    const { marat, kristi, sofia, chatId } = stage;
    await marat.setState('NotReady');
    await sofia.setState('NotReady');
    await stage.news();
    await marat.complete(chatId, { queueName: 'support', text: 'Bye' });
    await kristi.offered();
    expect((await stage.customer.refresh(1)).chatEnded).toBe(true);
    await kristi.accept(chatId, { nickname: 'Kristi' });
    const news = await stage.news();
    expect(news.kristi).toEqual([
      'StatusChange Invited',
      'StatusChange LeftChat',
      'ParticipantsUpdated PersonP/All',
      'ParticipantJoined PersonP All',
      'ParticipantJoined Marat All',
      'Text Marat Bye All',
      'ParticipantLeft Marat All',
    ]);
    expect(news.sofia).toEqual([]);
    expect((await kristi.messages(chatId)).length).toBe(4);
    await kristi.setDisposition(chatId, 'Done');
    await kristi.complete(chatId);
    await expect(kristi.complete(chatId)).rejects.toMatchObject({ statusCode: 6 });
  });
});

it('Complete is refused without a disposition where one is mandatory', async () => {
  await stage.box.stop();
  stage = await setStage({ queues: [{ name: 'support', dispositionIsMandatory: true }] });
  const { marat, chatId } = stage;
  await expect(marat.complete(chatId)).rejects.toMatchObject({ statusCode: 2 });
  await marat.leave(chatId);
  await expect(marat.complete(chatId)).rejects.toMatchObject({ statusCode: 2 });
  await marat.setDisposition(chatId, 'Sold');
  await marat.complete(chatId);
  expect((await stage.news()).marat.at(-1)).toBe('StatusChange Completed');
});

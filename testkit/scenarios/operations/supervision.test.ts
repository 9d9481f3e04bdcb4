import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => void (stage = await setStage()));
afterEach(() => stage.box.stop());

/** Another customer's chat is accepted by Kristi; only she can be offered it. */
async function nextChat(): Promise<{
  readonly id: string;
  readonly events: () => Promise<readonly string[]>;
}> {
  const { box, marat, kristi, sofia } = stage;
  await marat.setState('NotReady');
  await sofia.setState('NotReady');
  const customer = box.customer();
  const { position } = kristi.recorder;
  await customer.requestChat({ nickname: 'Next' });
  await kristi.offered({ after: position });
  await stage.news();
  await kristi.accept(customer.chatId, { nickname: 'Kristi' });
  return {
    id: customer.chatId,
    events: async () =>
      (await customer.refresh(1)).messages.map(({ type, from }) => `${type} ${from.nickname}`),
  };
}

describe('watching an agent', () => {
  const joined = {
    Monitor: { agent: [], customer: [] },
    Coach: { agent: ['ParticipantJoined Boss Agents'], customer: [] },
    BargeIn: { agent: ['ParticipantJoined Boss All'], customer: ['ParticipantJoined Boss'] },
  } as const;

  it.each(['Monitor', 'Coach', 'BargeIn'] as const)('%s comes along with the next chat', async (role) => {
    await stage.sofia.monitor(stage.ids.kristi, role, {
      supervisorMonitoringMode: 'NextChat',
      nickname: 'Boss',
    });
    const { id, events } = await nextChat();
    const news = await stage.news();
    expect(news.sofia[0]).toBe('StatusChange Chatting');
    expect(news.sofia.at(-1)).toMatch(/^ParticipantJoined Boss/);
    expect(news.kristi.filter((line) => line.startsWith('ParticipantJoined Boss'))).toEqual(
      joined[role].agent,
    );
    expect(news.marat).toEqual([]);
    expect((await events()).slice(2)).toEqual(joined[role].customer);
    expect(await stage.sofia.chat(id)).toMatchObject({ state: 'Chatting', role });
    await stage.kristi.complete(id);
    expect((await stage.news()).sofia.at(-1)).toBe('StatusChange Revoked');
    const second = await nextChat();
    expect((await stage.news()).sofia).toEqual([]);
    expect(await second.events()).toHaveLength(2);
  });

  it('AllChats goes on until it is cancelled, through a restart; a running chat goes on after that', async () => {
    const { sofia, kristi, ids, box } = stage;
    await sofia.monitor(ids.kristi, 'Monitor');
    const agents = [stage.marat, kristi, sofia];
    const back = agents.map((agent) => new Promise((resolve) => agent.on('renewed', () => resolve(null))));
    await box.restart();
    await Promise.all(back);
    const first = await nextChat();
    expect((await stage.news()).sofia).toContain('StatusChange Chatting');
    await nextChat();
    expect((await stage.news()).sofia).toContain('StatusChange Chatting');
    await sofia.cancelMonitoring(ids.kristi);
    await expect(sofia.cancelMonitoring(ids.kristi)).rejects.toMatchObject({ statusCode: 2 });
    await kristi.sendMessage(first.id, 'still heard');
    expect((await stage.news()).sofia).toEqual(['Text Kristi still heard All']);
    await nextChat();
    expect((await stage.news()).sofia).toEqual([]);
  });

  it('needs the feature, a user, and somebody else', async () => {
    const { marat, sofia, ids } = stage;
    await expect(marat.monitor(ids.kristi, 'Monitor')).rejects.toMatchObject({ statusCode: 5 });
    await expect(sofia.monitor('nobody', 'Monitor')).rejects.toMatchObject({ statusCode: 6 });
    await expect(sofia.monitor(ids.sofia, 'Monitor')).rejects.toMatchObject({ statusCode: 3 });
    await expect(marat.chatsOf(ids.kristi)).rejects.toMatchObject({ statusCode: 5 });
  });
});

describe('Intrude and the three switches', () => {
  it('are seen as far as each role is seen', async () => {
    const { sofia, chatId, ids } = stage;
    expect(await sofia.chatsOf(ids.marat)).toMatchObject([{ id: chatId, capabilities: [] }]);
    await sofia.intrude(ids.marat, chatId, 'Monitor');
    expect(await stage.news()).toEqual({
      marat: [],
      kristi: [],
      sofia: ['StatusChange Invited'],
      customer: [],
    });
    await sofia.accept(chatId, { nickname: 'Sofia' });
    const entered = await stage.news();
    expect(entered).toMatchObject({ marat: [], kristi: [], customer: [] });
    expect(entered.sofia.at(-1)).toBe('ParticipantJoined Sofia Supervisors');

    await sofia.switchTo(chatId, 'Coach');
    expect(await stage.news()).toEqual({
      marat: ['ParticipantsUpdated Marat/All Sofia/Agents PersonP/All', 'ParticipantJoined Sofia Agents'],
      kristi: [],
      sofia: [
        'ParticipantsUpdated Marat/All Sofia/Agents PersonP/All',
        'ParticipantLeft Sofia Supervisors',
        'ParticipantJoined Sofia Agents',
      ],
      customer: [],
    });

    await sofia.switchTo(chatId, 'BargeIn');
    expect((await stage.news()).customer).toEqual(['ParticipantJoined Sofia']);
    await sofia.sendMessage(chatId, 'Good day');
    expect((await stage.news()).customer).toEqual(['Message Sofia Good day']);

    await sofia.switchTo(chatId, 'Monitor');
    const back = await stage.news();
    expect(back.customer).toEqual(['ParticipantLeft Sofia']);
    expect(back.marat).toEqual(['ParticipantsUpdated Marat/All PersonP/All', 'ParticipantLeft Sofia All']);
    await expect(sofia.switchTo(chatId, 'Monitor')).rejects.toMatchObject({ statusCode: 2 });
  });

  it('SwitchBargeIn is the same as SwitchToBargeIn', async () => {
    const { sofia, chatId, ids, box } = stage;
    await sofia.intrude(ids.marat, chatId, 'Monitor');
    await sofia.accept(chatId, { nickname: 'Sofia' });
    const reply = await sofia.fetch(`${box.baseUrl}/api/v2/me/chats/${chatId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operationName: 'SwitchBargeIn' }),
    });
    expect(await reply.json()).toEqual({ statusCode: 0 });
    expect(await sofia.chat(chatId)).toMatchObject({ role: 'BargeIn' });
  });

  it('a supervisor leaves and the others go on; a chat that is over is not theirs any more', async () => {
    const { sofia, marat, chatId, ids, uris } = stage;
    await sofia.intrude(ids.marat, chatId, 'Coach');
    await sofia.accept(chatId, { nickname: 'Sofia' });
    await stage.news();
    await expect(marat.removeFromConference(chatId, uris.sofia)).rejects.toMatchObject({ statusCode: 2 });
    await sofia.leave(chatId);
    expect(await stage.news()).toEqual({
      marat: ['ParticipantsUpdated Marat/All PersonP/All', 'ParticipantLeft Sofia Agents'],
      kristi: [],
      sofia: ['ParticipantLeft Sofia Agents', 'StatusChange Completed'],
      customer: [],
    });
    await sofia.intrude(ids.marat, chatId, 'Monitor');
    await sofia.accept(chatId, { nickname: 'Sofia' });
    await stage.news();
    await marat.complete(chatId);
    expect((await stage.news()).sofia).toEqual(['ParticipantLeft Sofia Supervisors', 'StatusChange Revoked']);
  });

  it('an unanswered Intrude changes nothing for the supervisor but the offer', async () => {
    const { sofia, chatId, ids, box } = stage;
    await sofia.intrude(ids.marat, chatId, 'Monitor');
    await stage.news();
    box.clock.advance(30_000);
    expect(await stage.news()).toEqual({
      marat: [],
      kristi: [],
      sofia: ['StatusChange Revoked'],
      customer: [],
    });
    expect((await sofia.channels())[0]?.userState.state).toBe('Ready');
  });
});

describe("other agents' states", () => {
  it('are changed by a supervisor; the agent is told', async () => {
    const { marat, kristi, sofia, ids } = stage;
    const { position } = kristi.recorder;
    await sofia.setStateOf(ids.kristi, 'NotReady');
    await kristi.recorder.waitFor((entry) => JSON.stringify(entry).includes('"state":"NotReady"'), {
      after: position,
    });
    expect((await kristi.channels())[0]?.userState.state).toBe('NotReady');
    await sofia.setStateOf(ids.kristi, 'Ready');
    await sofia.setStateOf(ids.kristi, 'DoNotDisturbOn');
    expect((await kristi.channels())[0]).toMatchObject({ dndState: 'On', userState: { state: 'Ready' } });
    await sofia.setStateOf(ids.kristi, 'Offline');
    await expect(marat.setStateOf(ids.kristi, 'Ready')).rejects.toMatchObject({ statusCode: 5 });
    await expect(sofia.setStateOf('nobody', 'Ready')).rejects.toMatchObject({ statusCode: 6 });
  });
});

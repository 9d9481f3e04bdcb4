import type {
  GetInteractionContentMessage,
  GetInteractionsHistoryMessage,
} from '@parley/contract/gws/history.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../../ask.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import { playChat, told } from './history-story.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let kristi: TestAgent;
let sofia: TestAgent;

beforeEach(async () => {
  box = await startServer();
  [marat, kristi, sofia] = [box.agent('marat'), box.agent('kristi'), box.agent('sofia')];
  await marat.goToWork();
  await kristi.goToWork('NotReady');
  await sofia.goToWork('NotReady');
});

afterEach(() => box.stop());

const day = 86_400_000;
const ids = (rows: readonly { readonly id?: string }[]) => rows.map(({ id }) => id);

async function history(agent: TestAgent, referenceId: number): Promise<(string | undefined)[]> {
  return ids((await told<GetInteractionsHistoryMessage>(agent, referenceId)).interactions);
}

describe('the calls that are answered by notification', () => {
  it('tell the chats of a contact, of an agent, of everybody, in the documented shape', async () => {
    const one = await playChat(box, marat, {
      emailAddress: 'one@example.org',
      disposition: 'Solved',
      says: ['the printer burns'],
    });
    box.clock.advance(60_000);
    const two = await playChat(box, marat, { emailAddress: 'two@example.org' });
    const { contactId } = await marat.contacts.interaction(one);
    const me = await marat.me();
    const referenceId = await kristi.contacts.retrieveContactHistory(contactId);
    expect(await told(kristi, referenceId)).toEqual({
      messageType: 'GetInteractionsHistoryMessage',
      referenceId,
      interactions: [
        {
          id: one,
          uri: `${box.baseUrl}/api/v2/interactions/${one}`,
          path: `/interactions/${one}`,
          mediaType: 'chat',
          typeId: 'Inbound',
          state: 'Stopped',
          startDate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+-0\d00$/) as string,
          endDate: expect.any(String) as string,
          customerName: 'PersonP',
          contactId,
          ownerInformation: { id: me.id, userName: 'marat', firstName: 'Marat', lastName: me.lastName },
          customAttributes: {
            QueueName: 'support',
            ServiceType: 'customer-support',
            DispositionCode: 'Solved',
          },
        },
      ],
    });
    const reads = kristi.contacts;
    expect(await history(kristi, await reads.retrieveAgentHistory(me.id))).toEqual([two, one]);
    expect(await history(kristi, await reads.retrieveInteractionHistory({ sort: 'asc' }))).toEqual([
      one,
      two,
    ]);
    expect(await history(kristi, await reads.retrieveInteractionHistory({ maxSize: 1 }))).toEqual([two]);
    expect(await history(kristi, await reads.retrieveInteractionHistory({ mediaType: 'email' }))).toEqual([]);
    const solved = { searchCustomAttributes: { DispositionCode: 'Solved' }, customAttributes: ['QueueName'] };
    const found = await told<GetInteractionsHistoryMessage>(
      kristi,
      await reads.retrieveInteractionHistory(solved),
    );
    expect(found.interactions).toMatchObject([{ id: one, customAttributes: { QueueName: 'support' } }]);
    expect(Object.keys(found.interactions[0]?.customAttributes ?? {})).toEqual(['QueueName']);
    const burning = { searchCustomAttributes: { Text: 'BURNS printer' } };
    expect(await history(kristi, await reads.retrieveInteractionHistory(burning))).toEqual([one]);
    expect(JSON.stringify(marat.recorder.all)).not.toContain('GetInteractionsHistoryMessage');
  });

  it('look a month back unless they are told the days', async () => {
    const old = await playChat(box, marat);
    box.clock.advance(40 * day);
    // Nobody works through forty days: the sessions have ended.
    await marat.goToWork();
    await kristi.goToWork('NotReady');
    const recent = await playChat(box, marat);
    const on = (chatId: string) =>
      kristi.contacts.interaction(chatId).then((one) => one.startDate.slice(0, 10));
    const [first, last] = [await on(old), await on(recent)];
    const read = (parameters: object) => kristi.contacts.retrieveInteractionHistory(parameters);
    expect(await history(kristi, await read({}))).toEqual([recent]);
    expect(await history(kristi, await read({ fromDate: first, toDate: last }))).toEqual([recent, old]);
    expect(await history(kristi, await read({ fromDate: first, toDate: first }))).toEqual([old]);
    for (const fromDate of ['2026-02-30', 'yesterday', '2026-1-1', '2026-01-01T25:00:00Z'])
      await expect(read({ fromDate }), fromDate).rejects.toMatchObject({ statusCode: 10 });
  });

  it('tell what is wrong with the number of the reply, or refuse at once', async () => {
    const referenceId = await kristi.contacts.retrieveContactHistory('nobody');
    expect(await told(kristi, referenceId)).toEqual({
      messageType: 'GetInteractionsHistoryMessage',
      referenceId,
      interactions: [],
      errorMessage: 'There is no such contact.',
    });
    const content = await kristi.contacts.getInteractionContent('nothing');
    expect(await told(kristi, content)).toMatchObject({
      messageType: 'GetInteractionContentMessage',
      messages: [],
      errorMessage: 'There is no such chat.',
    });
    await expect(kristi.contacts.retrieveAgentHistory('nobody')).rejects.toMatchObject({ statusCode: 6 });
    const unknown = { operationName: 'Retrieve' };
    const refused = await ask(kristi, box.baseUrl, ['POST', '/api/v2/ucs/interactions', unknown]);
    expect(refused.statusCode).toBe(2);
    const admin = box.agent('admin');
    await admin.signIn();
    expect(await ask(admin, box.baseUrl, ['GET', '/api/v2/ucs/interactions'])).toMatchObject({
      statusCode: 5,
    });
  });
});

describe('who may read what', () => {
  it('a chat that goes on only those in it and supervisors, one that is over everybody', async () => {
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    const { id } = await marat.offered();
    await marat.accept(id, { nickname: 'Marat' });
    await customer.send('for Marat');
    const live = await told<GetInteractionContentMessage>(
      kristi,
      await kristi.contacts.getInteractionContent(id),
    );
    expect(live).toMatchObject({ messages: [], errorMessage: expect.stringContaining('goes on') as string });
    await expect(kristi.contacts.transcript(id)).rejects.toMatchObject({ statusCode: 5 });
    expect((await marat.contacts.transcript(id)).messages.at(-1)).toMatchObject({ text: 'for Marat' });
    expect((await sofia.contacts.transcript(id)).messages.at(-1)).toMatchObject({ text: 'for Marat' });
    await marat.complete(id);
    expect((await kristi.contacts.transcript(id)).messages.map(({ type }) => type)).toEqual([
      'ParticipantJoined',
      'ParticipantJoined',
      'Text',
      'ParticipantLeft',
    ]);
    const content = await kristi.contacts.getInteractionContent(id);
    expect(await told(kristi, content)).toMatchObject({ interaction: { id, state: 'Stopped' } });
  });

  it('what a silent supervisor is and writes stays with supervisors, in every form and in searches', async () => {
    const me = await marat.me();
    await ask(sofia, box.baseUrl, [
      'POST',
      `/api/v2/users/${me.id}/channels/chat`,
      { operationName: 'Monitor', supervisorMonitoringMode: 'NextChat' },
    ]);
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    const { id } = await marat.offered();
    await marat.accept(id, { nickname: 'Marat' });
    await sofia.stateOf('Chatting');
    await sofia.sendMessage(id, 'zanzibar');
    await customer.send('timbuktu');
    await marat.complete(id);
    const seen = async (agent: TestAgent) => [
      JSON.stringify(await agent.contacts.transcript(id)),
      await agent.contacts.transcriptAs(id, 'text'),
      await agent.contacts.transcriptAs(id, 'xml'),
      JSON.stringify(await told(agent, await agent.contacts.getInteractionContent(id))),
    ];
    for (const form of await seen(kristi)) {
      expect(form).toContain('timbuktu');
      expect(form).not.toMatch(/zanzibar|Supervisors|VIP|sofia/i);
    }
    for (const form of await seen(sofia)) expect(form).toContain('zanzibar');
    expect(ids(await kristi.contacts.interactions({ text: 'zanzibar' }))).toEqual([]);
    expect(ids(await sofia.contacts.interactions({ text: 'zanzibar' }))).toEqual([id]);
    expect(ids(await kristi.contacts.interactions({ text: 'timbuktu' }))).toEqual([id]);
  });
});

describe('the plain reads', () => {
  it('filter by all that a chat is, together', async () => {
    const one = await playChat(box, marat, { disposition: 'Solved', says: ['apples'] });
    const two = await playChat(box, marat, { disposition: 'Lost', says: ['apples and pears'] });
    await marat.setState('NotReady');
    const waiting = box.customer();
    await waiting.requestChat({ nickname: 'Waiting' });
    const me = await marat.me();
    const find = async (filter: object) => ids(await kristi.contacts.interactions(filter));
    expect(await find({})).toEqual([waiting.chatId, two, one]);
    expect(await find({ order: 'Ascending', limit: 2 })).toEqual([one, two]);
    expect(await find({ state: 'New' })).toEqual([waiting.chatId]);
    expect(await find({ state: 'Stopped', disposition: 'Lost' })).toEqual([two]);
    expect(await find({ userId: me.id, text: 'apples' })).toEqual([two, one]);
    expect(await find({ queueName: 'support', service: 'customer-support', text: 'pears' })).toEqual([two]);
    expect(await find({ queueName: 'other' })).toEqual([]);
    expect(await find({ state: 'Pending' })).toEqual([]);
    expect(await find({ text: '"apples" OR *' })).toEqual([]);
    for (const text of ['"', '*', 'NEAR(', '\u0000', "'; --"]) expect(await find({ text }), text).toEqual([]);
  });

  it('pages go on where they were while new chats come', async () => {
    const first = [await playChat(box, marat), await playChat(box, marat), await playChat(box, marat)];
    const [newest] = await kristi.contacts.interactions({ limit: 1 });
    await playChat(box, marat);
    const rest = await kristi.contacts.interactions({ after: newest?.id ?? '', limit: 5 });
    expect([newest?.id, ...ids(rest)]).toEqual(first.toReversed());
  });
});

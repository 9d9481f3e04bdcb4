import type { UcsOperationResponse } from '@parley/contract/gws/history.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import { playChat, told } from './history-story.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let sofia: TestAgent;

beforeEach(async () => {
  box = await startServer();
  [marat, sofia] = [box.agent('marat'), box.agent('sofia')];
  await marat.goToWork();
  await sofia.goToWork('NotReady');
});

afterEach(() => box.stop());

const personP = { nickname: 'PersonP', emailAddress: 'person@example.org' };

async function contactOf(chatId: string): Promise<string> {
  return (await marat.contacts.interaction(chatId)).contactId;
}

describe('a profile', () => {
  it('is made, read, changed and cleared, and comes through a restart', async () => {
    const { id, uri } = await marat.contacts.create({ firstName: 'Zoë', lastName: 'Ähre' });
    expect(uri).toBe(`${box.baseUrl}/api/v2/ucs/contacts/${id}`);
    const changed = await marat.contacts.update(id, { emailAddress: 'Zoe@Example.org', firstName: '' });
    expect(changed).toMatchObject({ id, lastName: 'Ähre', emailAddress: 'Zoe@Example.org' });
    expect(changed).not.toHaveProperty('firstName');
    await box.restart();
    expect(await marat.contacts.get(id)).toEqual(changed);
    expect((await marat.contacts.search({ text: 'ahre' })).contacts).toEqual([changed]);
  });

  it('changed by several at once loses nothing', async () => {
    const { id } = await marat.contacts.create({ lastName: 'Start' });
    for (let round = 0; round < 10; round += 1) {
      const fields = { firstName: `F${round}`, lastName: `L${round}`, phoneNumber: `+${round}` };
      await Promise.all(
        Object.entries(fields).map(([name, value]) => marat.contacts.update(id, { [name]: value })),
      );
      expect(await sofia.contacts.get(id)).toMatchObject(fields);
    }
  });

  it('without any detail, unknown, or beyond the bounds is refused', async () => {
    await expect(marat.contacts.create({ firstName: ' ' })).rejects.toMatchObject({ statusCode: 1 });
    await expect(marat.contacts.get('nobody')).rejects.toMatchObject({ statusCode: 6, httpStatus: 404 });
    await expect(marat.contacts.update('nobody', {})).rejects.toMatchObject({ statusCode: 6 });
    await expect(marat.contacts.create({ firstName: 'x'.repeat(257) })).rejects.toMatchObject({
      statusCode: 10,
    });
  });

  it('remembers the last agent, and the next chat of the contact carries it', async () => {
    const first = await playChat(box, marat, { ...personP, saveLAR: true });
    const time = new Date(box.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const lastAgent = {
      LCA_EmplID_chat: 'marat',
      LCA_TimeStamp_chat: time,
      LastCalledAgent_EmployeeID: 'marat',
      LastCalledAgent_TimeStamp: time,
    };
    const id = await contactOf(first);
    expect(await marat.contacts.get(id)).toMatchObject(lastAgent);
    const { position } = marat.recorder;
    await box.customer().requestChat(personP);
    const offered = await marat.offered({ after: position });
    expect(offered.userData).toMatchObject({ ContactId: id, ...lastAgent });
  });
});

describe('a search', () => {
  it('pages through all once, in order, and counts them', async () => {
    const names = Array.from({ length: 23 }, (_, number) => `Person${String(number).padStart(2, '0')}`);
    for (const lastName of names.toReversed()) await marat.contacts.create({ lastName, firstName: 'Test' });
    const read: (string | undefined)[] = [];
    for (let offset = 0; offset < 25; offset += 5) {
      const page = await marat.contacts.search({ name: 'test', sortBy: 'name', offset, limit: 5 });
      expect(page.totalCount).toBe(23);
      read.push(...page.contacts.map(({ lastName }) => lastName));
    }
    expect(read).toEqual(names);
    const last = await marat.contacts.search({ name: 'test', order: 'Descending', limit: 1 });
    expect(last.contacts[0]?.lastName).toBe('Person22');
  });

  it.each(['"', '*', '%', "' OR 1=1 --", 'name:x', ')', '\\', '\u0000', '👍', 'a" NEAR "b'])(
    'takes %j for words and finds nobody',
    async (text) => {
      await marat.contacts.create({ lastName: 'Somebody', phoneNumber: '555' });
      for (const field of ['text', 'name', 'emailAddress', 'phoneNumber'])
        expect(await marat.contacts.search({ [field]: text }), field).toMatchObject({ totalCount: 0 });
    },
  );
});

describe('merging', () => {
  it('gives one contact the chats and details of both, while a chat goes on', async () => {
    const first = await playChat(box, marat, { emailAddress: 'one@example.org' });
    const second = await playChat(box, marat, { phoneNumber: '+49 170 2', saveLAR: true });
    const [into, from] = [await contactOf(first), await contactOf(second)];
    const { position } = marat.recorder;
    const live = box.customer();
    await live.requestChat({ nickname: 'P', userData: { PhoneNumber: '+49 170 2' } });
    const liveId = (await marat.offered({ after: position })).id;
    const merged = await marat.contacts.merge(into, from);
    expect(merged).toMatchObject({
      id: into,
      emailAddress: 'one@example.org',
      phoneNumber: '+49 170 2',
      LCA_EmplID_chat: 'marat',
    });
    expect(await marat.contacts.get(from)).toEqual(merged);
    await marat.accept(liveId, { nickname: 'Marat' });
    await marat.complete(liveId, { saveLAR: true });
    for (const contactId of [into, from]) {
      const chats = await marat.contacts.interactions({ contactId });
      expect(chats.map(({ id }) => id)).toEqual([liveId, second, first]);
      expect(new Set(chats.map((chat) => chat.contactId))).toEqual(new Set([into]));
    }
    const again = await playChat(box, marat, { phoneNumber: '+49 170 2' });
    expect(await contactOf(again)).toBe(into);
    await box.restart();
    expect(await contactOf(liveId)).toBe(into);
  });

  it('with itself or with nobody is refused', async () => {
    const { id } = await marat.contacts.create({ lastName: 'One' });
    await expect(marat.contacts.merge(id, id)).rejects.toMatchObject({ statusCode: 10 });
    await expect(marat.contacts.merge(id, 'nobody')).rejects.toMatchObject({ statusCode: 6 });
  });
});

describe('deleting', () => {
  it('is for supervisors, waits for live chats, and leaves the chats in the history', async () => {
    const over = await playChat(box, marat, personP);
    const id = await contactOf(over);
    const { position } = marat.recorder;
    await box.customer().requestChat(personP);
    const live = await marat.offered({ after: position });
    await expect(marat.contacts.delete(id)).rejects.toMatchObject({ statusCode: 5 });
    await expect(sofia.contacts.delete(id)).rejects.toMatchObject({ statusCode: 19 });
    await marat.accept(live.id, { nickname: 'Marat' });
    await marat.complete(live.id);
    await sofia.contacts.delete(id);
    await expect(marat.contacts.get(id)).rejects.toMatchObject({ statusCode: 6 });
    expect((await marat.contacts.search({ emailAddress: 'person' })).totalCount).toBe(0);
    expect(await marat.contacts.interactions({ contactId: id })).toHaveLength(2);
    const next = await playChat(box, marat, personP);
    expect(await contactOf(next)).not.toBe(id);
  });
});

describe('IdentifyUCSContact', () => {
  it('finds, makes, or says that there is none, each with the number of its reply', async () => {
    const absent = await marat.contacts.identify({ ...personP, createContactEnabled: false });
    const made = await marat.contacts.identify({
      emailAddress: 'new@example.org',
      createContactEnabled: true,
    });
    expect(made).toBeGreaterThan(absent);
    expect(await told(marat, absent)).toEqual({
      messageType: 'UcsOperationResponse',
      referenceId: absent,
      success: false,
      errorMessage: 'There is no such contact.',
    });
    const { contactId } = await told<UcsOperationResponse>(marat, made);
    const found = await marat.contacts.identify({ emailAddress: 'NEW@example.org' });
    expect(await told(marat, found)).toMatchObject({ success: true, contactId });
    expect(sofia.recorder.all.some((entry) => JSON.stringify(entry).includes('UcsOperationResponse'))).toBe(
      false,
    );
  });

  it('of ten at once makes one contact', async () => {
    const fields = { emailAddress: 'crowd@example.org', createContactEnabled: true };
    const asked = await Promise.all(Array.from({ length: 10 }, () => marat.contacts.identify(fields)));
    const answers = await Promise.all(asked.map((one) => told<UcsOperationResponse>(marat, one)));
    expect(new Set(answers.map(({ contactId }) => contactId)).size).toBe(1);
    expect((await marat.contacts.search({ emailAddress: 'crowd' })).totalCount).toBe(1);
  });
});

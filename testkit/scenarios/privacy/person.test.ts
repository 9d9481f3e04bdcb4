import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PersonExport } from '@parley/contract/gws/privacy-routes.ts';
import { ask, type Answer } from '../../ask.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import { png } from '../files/raw-form.ts';
import { playChat } from '../history/history-story.ts';
import { foundInFiles } from './secret-story.ts';

const person = {
  nickname: 'Xantippe',
  emailAddress: 'xantippe@zymurgy.example',
  phoneNumber: '+49 30 5551234',
  says: ['my parrot is called Quetzalcoatl'],
} as const;
const words = ['antippe', 'zymurgy', '5551234', 'etzalcoatl'];

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let admin: TestAgent;

beforeEach(async () => {
  box = await startServer();
  marat = box.agent('marat');
  admin = box.agent('admin');
  await marat.goToWork();
  await admin.signIn();
});
afterEach(() => box.stop());

const privacy = (agent: TestAgent, body: object): Promise<Answer> =>
  ask(agent, box.baseUrl, ['POST', '/api/v2/privacy', body]);
const { emailAddress } = person;
const exportPerson = (more: object = {}) =>
  privacy(admin, { operationName: 'ExportPerson', emailAddress, ...more });
const erasePerson = (more: object = { emailAddress }) =>
  privacy(admin, { operationName: 'ErasePerson', ...more });
const auditRows = async (): Promise<readonly Record<string, unknown>[]> =>
  (await ask(admin, box.baseUrl, ['GET', '/api/v2/audit']))['audit'] as Record<string, unknown>[];

/** A chat with a file; closed. */
async function chatWithFile(): Promise<string> {
  const customer = box.customer();
  const { position } = marat.recorder;
  await customer.requestChat({ nickname: person.nickname, emailAddress });
  const { id } = await marat.offered({ after: position });
  await marat.accept(id, { nickname: 'Marat' });
  await customer.uploadFile(new Blob([new Uint8Array(png(5_000))]), { name: 'Quetzalcoatl.png' });
  await marat.complete(id);
  return id;
}

const bytesOnDisk = async (): Promise<number> =>
  (await readdir(join(box.dataFolder, 'files'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  ).length;

describe('a person', () => {
  it('is exported with everything that is kept, page by page, and the audit says so', async () => {
    const first = await playChat(box, marat, person);
    const second = await chatWithFile();
    await playChat(box, marat, { nickname: 'Somebody else', emailAddress: 'other@example.com' });
    const page = (await exportPerson({ limit: 1 })) as unknown as PersonExport;
    expect(page.contacts).toMatchObject([{ emailAddress, phoneNumber: person.phoneNumber }]);
    expect(page.chats.map(({ interaction }) => interaction.id)).toEqual([first]);
    expect(page.chats[0]?.messages.map(({ text }) => text)).toContain(person.says[0]);
    expect(page.chats[0]?.customer).toMatchObject({ nickname: 'Xantippe', emailAddress });
    const last = (await exportPerson({ limit: 1, after: page.next })) as unknown as PersonExport;
    expect(last).toMatchObject({ contacts: [], next: null });
    expect(last.chats).toMatchObject([
      { interaction: { id: second }, files: [{ name: 'Quetzalcoatl.png' }] },
    ]);
    const again = (await exportPerson()) as unknown as PersonExport;
    expect(again.audit).toMatchObject([{ action: 'Export' }, { action: 'Export' }]);
    expect(again.chats).toHaveLength(2);
  });

  it('is erased everywhere, with a proof that says nothing of them; twice is as once; others stay', async () => {
    await playChat(box, marat, person);
    await chatWithFile();
    const other = await playChat(box, marat, { nickname: 'Somebody else', says: ['the parrot stays'] });
    await exportPerson();
    expect(await bytesOnDisk()).toBeGreaterThan(0);
    expect(await erasePerson()).toMatchObject({ statusCode: 0, contacts: 1, chats: 2 });
    expect(await erasePerson()).toMatchObject({ statusCode: 0, contacts: 0, chats: 0 });
    expect(await exportPerson()).toMatchObject({ httpStatus: 404, statusCode: 6 });
    expect(await marat.contacts.search({ text: 'Xantippe' })).toMatchObject({ totalCount: 0 });
    const all = await marat.contacts.interactions();
    expect(all.map(({ id }) => id)).toEqual([other]);
    expect(await marat.contacts.interactions({ text: 'parrot' })).toHaveLength(1);
    expect(await bytesOnDisk()).toBe(0);
    const rows = await auditRows();
    expect(rows.map(({ action }) => action)).toEqual(['Export', 'Erase', 'Erase']);
    expect(rows[1]).toMatchObject({
      kind: 'person',
      resourceId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      before: null,
      after: { contacts: 1, chats: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    expect(await ask(admin, box.baseUrl, ['GET', '/api/v2/audit/verification'])).toMatchObject({
      intact: true,
    });
    await box.restart();
    expect(await foundInFiles(box.dataFolder, words)).toEqual([]);
  });

  it('is one with those who were merged into them, by any of their details or ids', async () => {
    await playChat(box, marat, person);
    await playChat(box, marat, { nickname: 'Xantippe 2', emailAddress: 'second@zymurgy.example' });
    const byEmail = async (address: string) =>
      (await marat.contacts.search({ emailAddress: address })).contacts[0]?.id ?? '';
    const [into, from] = [await byEmail(emailAddress), await byEmail('second@zymurgy.example')];
    await marat.contacts.merge(into, from);
    expect(await erasePerson({ contactId: from })).toMatchObject({ contacts: 2, chats: 2 });
    await box.restart();
    expect(await foundInFiles(box.dataFolder, words)).toEqual([]);
  });

  it('stays while a chat of theirs goes on', async () => {
    await playChat(box, marat, person);
    const customer = box.customer();
    await customer.requestChat({ nickname: person.nickname, emailAddress });
    expect(await erasePerson()).toMatchObject({ httpStatus: 409, statusCode: 19 });
    expect((await exportPerson()) as unknown as PersonExport).toMatchObject({ chats: [{}, {}] });
  });

  it('is named by exactly one detail, by those who may change the set-up only', async () => {
    expect(await erasePerson({})).toMatchObject({ statusCode: 1 });
    expect(await erasePerson({ emailAddress, contactId: 'x' })).toMatchObject({ httpStatus: 400 });
    const body = { operationName: 'ErasePerson', emailAddress };
    expect(await privacy(marat, body)).toMatchObject({ httpStatus: 403, statusCode: 5 });
  });
});

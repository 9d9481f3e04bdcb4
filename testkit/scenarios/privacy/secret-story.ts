import type { ConfigFile } from '@parley/server/config/schema.ts';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManualClock } from '../../manual-clock.ts';
import type { Recorded, Recorder } from '../../recorder.ts';
import type { DeepPartial, ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';
import { openSide } from '../customers/sides.ts';

/** A card number, an IBAN, a social security number and a number of the house's own, as somebody might write them. */
export const secrets = '4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, 123-45-6789, K-12345678';
const short = '4111111111111111 K-12345678';
/** Pieces of them of which none may be found; in small letters. */
const pieces = ['1111 1111', '111111111', 'de89', '3704 0044', '3704004', '123-45', '45-6789', '12345678'];

/** Rules for all of them. */
export function maskingOf(applyTo: 'always' | 'history'): NonNullable<DeepPartial<ConfigFile>['masking']> {
  const presets = ['card-number', 'iban', 'us-ssn'] as const;
  return {
    rules: [
      ...presets.map((preset) => ({ name: preset, preset, applyTo })),
      { name: 'customer number', pattern: '(?i)K-[0-9]{8}', applyTo },
    ],
  };
}

export interface Played {
  readonly chatIds: readonly string[];
  readonly customers: readonly TestCustomer[];
}

interface People {
  readonly box: ServerInABox<ManualClock>;
  readonly marat: TestAgent;
  readonly kristi: TestAgent;
}

/** Has secrets told by every operation of both APIs that takes words; each chat is closed in the end. */
export async function playSecrets({ box, marat, kristi }: People): Promise<Played> {
  const customers = [box.customer(), box.customer(), box.customer()] as const;
  const [first, second, third] = customers;
  const chatId = await openChat(first, marat);
  await customerTells(first);
  await agentTells(marat, chatId);
  await partTelling(chatId, { marat, kristi });
  const completed = await openChat(second, marat);
  await marat.complete(completed, { text: secrets });
  const left = await openChat(third, marat);
  await third.disconnect();
  await marat.complete(left);
  const farewell = await openChat(box.customer(), marat);
  await marat.leaveAndComplete(farewell, { text: secrets, saveLAR: true });
  const others = [await playCometd(box, marat), await playChats(box, marat)];
  await writeContacts(marat);
  return { chatIds: [chatId, completed, left, farewell, ...others], customers };
}

async function openChat(customer: TestCustomer, agent: TestAgent): Promise<string> {
  const { position } = agent.recorder;
  await customer.requestChat({
    nickname: short,
    firstName: short,
    lastName: short,
    emailAddress: 'K-12345678@example.com',
    subject: secrets,
    text: secrets,
    userData: { told: secrets, [secrets]: 'as a key', PhoneNumber: '123-45-6789' },
  } as Parameters<TestCustomer['requestChat']>[0]);
  return take(agent, position);
}

async function take(agent: TestAgent, position: number): Promise<string> {
  const { id } = await agent.offered({ after: position });
  await agent.accept(id, { nickname: short });
  return id;
}

async function customerTells(customer: TestCustomer): Promise<void> {
  await customer.send(secrets, { messageType: short });
  await customer.startTyping(secrets);
  await customer.startTyping('4111 1111 1111');
  await customer.stopTyping(secrets);
  await customer.updateNickname(`${short} 2`);
  await customer.pushUrl('https://shop.example/pay?card=4111%201111%201111%201111&k=K-12345678');
  await customer.pushUrl('https://shop.example/pay?card=4111111111111111');
  await customer.customNotice(secrets);
  await customer.updateData({ again: secrets, [`${short} key`]: 'as a key' });
  await customer.uploadFile(new Blob(['a file']), { name: `${short}.txt`, description: secrets });
}

async function agentTells(agent: TestAgent, chatId: string): Promise<void> {
  await agent.sendMessage(chatId, secrets, { messageType: short });
  await agent.sendUrl(chatId, 'https://shop.example/4111111111111111/K-12345678');
  await agent.sendCustomNotice(chatId, secrets);
  await agent.attachUserData(chatId, { attached: secrets, deep: { list: [secrets, 4111111111111111] } });
  await agent.updateUserData(chatId, { attached: secrets, [`${short} 3`]: 'as a key' });
  await agent.deleteUserData(chatId, [`${short} 3`]);
  await agent.setDisposition(chatId, short);
  await agent.setDisposition(chatId, short, short);
  await agent.files.upload(chatId, new Blob(['a file']), { name: `${secrets}.txt`, description: short });
}

/** Transfer, conference, removal and leaving, each with words. */
async function partTelling(chatId: string, { marat, kristi }: Omit<People, 'box'>): Promise<void> {
  const [maratUri, kristiUri] = [(await marat.me()).uri, (await kristi.me()).uri];
  await marat.transfer(chatId, { targetUri: kristiUri, text: secrets });
  await take(kristi, 0);
  const { position } = marat.recorder;
  await kristi.invite(chatId, maratUri);
  await take(marat, position);
  await kristi.sendToAgents(chatId, secrets);
  await kristi.sendCustomNotice(chatId, secrets, 'Agents');
  await kristi.removeFromConference(chatId, maratUri, { text: secrets });
  await kristi.leave(chatId, { text: secrets });
  await kristi.complete(chatId);
}

/** The customer's API over CometD. */
async function playCometd({ baseUrl }: { readonly baseUrl: string }, agent: TestAgent): Promise<string> {
  const { position } = agent.recorder;
  const side = await openSide('CometD long-polling', baseUrl);
  await side.open({ nickname: short, subject: secrets, userData: { told: secrets } });
  const id = await take(agent, position);
  await side.operate('sendMessage', { message: secrets });
  await side.operate('startTyping', { message: secrets });
  await side.operate('customNotice', { message: secrets });
  await side.operate('updateData', { userData: { told: secrets } });
  await side.operate('disconnect');
  await agent.complete(id);
  await side.close();
  return id;
}

/** The customer's side of `/api/v2/chats`. */
async function playChats({ baseUrl }: { readonly baseUrl: string }, agent: TestAgent): Promise<string> {
  const { position } = agent.recorder;
  const post = async (path: string, body: object): Promise<{ readonly id: string }> => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${baseUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await reply.json()) as { readonly id: string };
  };
  const { id } = await post('/api/v2/chats', {
    operationName: 'RequestChat',
    nickname: short,
    subject: secrets,
    text: secrets,
    userData: { told: secrets },
  });
  const chatId = await take(agent, position);
  await post(`/api/v2/chats/${id}`, { operationName: 'SendMessage', text: secrets });
  await post(`/api/v2/chats/${id}`, { operationName: 'SendStartTypingNotification', text: secrets });
  await post(`/api/v2/chats/${id}`, { operationName: 'Complete' });
  await agent.complete(chatId);
  return chatId;
}

async function writeContacts(agent: TestAgent): Promise<void> {
  const fields = {
    firstName: short,
    lastName: short,
    emailAddress: 'k-12345678@x.example',
    phoneNumber: short,
  };
  const { id } = await agent.contacts.create(fields);
  await agent.contacts.update(id, fields);
  await agent.contacts.identify({ ...fields, createContactEnabled: true });
}

/** Everything that can be read of the chats afterwards, by agents and by their customers. */
export async function readBack(
  agent: TestAgent,
  { chatIds, customers }: Played,
): Promise<readonly unknown[]> {
  const { contacts } = agent;
  const read: unknown[] = [await contacts.search(), await contacts.interactions()];
  for (const id of chatIds) {
    read.push(await contacts.transcript(id), await contacts.interaction(id));
    read.push(await agent.files.listOfHistory(id));
    for (const format of ['text', 'xml'] as const) read.push(await contacts.transcriptAs(id, format));
  }
  for (const customer of customers) read.push(await customer.refresh(1));
  for (const text of ['4111', '1111', 'DE89', '3704', '6789', '12345678'])
    read.push(await contacts.interactions({ text }), await contacts.search({ text }));
  return read;
}

/** What came in at those who have a record of it, but not what they themselves sent. */
export function receivedBy(recorders: readonly Recorder[]): readonly Recorded[] {
  return recorders.flatMap(({ all }) => all.filter(({ kind }) => kind !== 'request'));
}

/** The pieces of secrets in this, each with the words around it. */
export function found(where: unknown): readonly string[] {
  const text = (typeof where === 'string' ? where : JSON.stringify(where)).toLowerCase();
  return pieces.flatMap((piece) => {
    const at = text.indexOf(piece);
    return at < 0 ? [] : [`${piece}: …${text.slice(Math.max(0, at - 200), at + 60)}…`];
  });
}

/** The pieces of secrets in the files of the data folder. */
export async function foundInFiles(
  folder: string,
  words: readonly string[] = pieces,
): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lists = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const bytes = await readFile(join(entry.parentPath, entry.name));
      const text = bytes.toString('latin1').toLowerCase();
      return words.flatMap((word) => {
        const at = text.indexOf(word.toLowerCase());
        return at < 0 ? [] : [`${entry.name}: …${text.slice(Math.max(0, at - 80), at + 40)}…`];
      });
    });
  return (await Promise.all(lists)).flat();
}

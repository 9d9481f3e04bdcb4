import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { AgentClient } from '@parley/client/agent-client.ts';
import { CustomerClient } from '@parley/client/customer-client.ts';
import { ServerProcess } from '@parley/load/server/server-process.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { ways } from '../scenarios/customers/sides.ts';
import { lineOf } from '../scenarios/lifetime/at-chat.ts';
import { Gate, gateUrl } from './gate.ts';
import { StepCustomer } from './step-customer.ts';

// A chat survives `kill -9` of the server between any two steps of its story, over each way to the server.

const config = {
  logLevel: 'error',
  queues: [{ name: 'support', offerTimeoutMs: 600_000 }],
  services: [
    { name: 'customer-support', queue: 'support' },
    {
      name: 'hasty',
      queue: 'support',
      idle: { alertMs: 1_000, alertText: 'Soon.', closeMs: 1_000, closeText: 'Now.' },
    },
  ],
  agents: [{ userName: 'marat', password: demoPassword, chatCapacity: 10 }],
};

const patience = { timeout: 30_000, interval: 50 };

let folder: string;
let server: ServerProcess;
let kills = 0;
const gate = new Gate();
let url = '';

async function startServer(): Promise<void> {
  server = new ServerProcess({
    configPath: join(folder, 'parley.json'),
    dataFolder: join(folder, 'data'),
  });
  url = await server.ready;
  gate.open(url);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-steps-'));
  await writeFile(join(folder, 'parley.json'), JSON.stringify(config));
  await startServer();
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function killAndStart(): Promise<void> {
  gate.close();
  await server.kill();
  kills += 1;
  await startServer();
}

const marat = new AgentClient({
  baseUrl: gateUrl,
  userName: 'marat',
  password: demoPassword,
  fetch: gate.fetch,
});

it('a chat goes on after kill -9 between any two of its steps', { timeout: 600_000 }, async () => {
  const customers = ways.map((way) => new StepCustomer(way));
  const all = (act: (customer: StepCustomer) => Promise<unknown>): Promise<unknown> =>
    Promise.all(customers.map(act));
  const files = new Map<StepCustomer, string>();
  const says = (type: Parameters<StepCustomer['hear']>[0], operation: string, fields: object) => () =>
    all(async (customer) => {
      await customer.operate(operation, { ...fields });
      await customer.hear(type);
    });
  const steps: readonly (() => Promise<unknown>)[] = [
    async () => {
      await marat.signIn();
      await marat.startSession(['chat']);
      await marat.setState('Ready');
    },
    () => all((customer) => customer.open(url, { nickname: 'PersonP' })),
    () => all(() => vi.waitFor(async () => expect(await marat.chats()).toHaveLength(3), patience)),
    () => all(({ chatId }) => marat.accept(chatId, { nickname: 'Marat' })),
    () => all((customer) => customer.hear('ParticipantJoined')),
    says('TypingStarted', 'startTyping', { message: 'Hel' }),
    says('Message', 'sendMessage', { message: 'Hello' }),
    () => all(({ chatId }) => marat.sendMessage(chatId, 'Good day')),
    () => all((customer) => customer.hear('Message')),
    says('NicknameUpdated', 'updateNickname', { nickname: 'PersonQ' }),
    () => all((customer) => customer.operate('updateData', { userData: { colour: 'red' } })),
    says('Notice', 'readReceipt', { transcriptPosition: 5 }),
    () => all(async (customer) => files.set(customer, await customer.uploadFile('note.txt', 'A note.'))),
    () => all((customer) => customer.hear('FileUploaded')),
    () => all((customer) => customer.deleteFile(files.get(customer) ?? '')),
    () => all((customer) => customer.hear('FileDeleted')),
    says('PushUrl', 'pushUrl', { pushUrl: 'https://a.example' }),
    says('CustomNotice', 'customNotice', { message: 'beep' }),
    says('ParticipantLeft', 'disconnect', {}),
  ];
  for (const [at, step] of steps.entries()) {
    await step();
    await killAndStart();
    if (at > 0) await all((customer) => customer.goOn(url));
  }
  const expected = [
    'ParticipantJoined Client',
    'ParticipantJoined Agent',
    'TypingStarted Client Hel',
    'Message Client Hello',
    'Message Agent Good day',
    'NicknameUpdated Client PersonQ',
    'Notice Client read-confirm',
    expect.stringMatching(/^FileUploaded Client [^ ]+$/),
    expect.stringMatching(/^FileDeleted Client [^ ]+$/),
    'PushUrl Client https://a.example',
    'CustomNotice Client beep',
    'ParticipantLeft Client',
  ];
  for (const customer of customers) {
    // Each event once and in order, by what was heard and by what is there.
    expect(customer.events.map(({ index }) => index)).toEqual(expected.map((_, at) => at + 1));
    expect(customer.events.map(lineOf)).toEqual(expected);
    const { messages, chatEnded } = await customer.readAll();
    expect(messages.map(lineOf)).toEqual(expected);
    expect(chatEnded).toBe(true);
    const { chatId } = customer;
    expect((await marat.chat(chatId)).userData).toMatchObject({ colour: 'red' });
    await marat.complete(chatId);
    await customer.close();
  }
  expect(await marat.chats()).toEqual([]);
  expect(kills).toBe(steps.length);
});

it(
  'an alert and an end that fall due while servers are killed come once and in order',
  { timeout: 300_000 },
  async () => {
    const customer = new CustomerClient({ baseUrl: gateUrl, service: 'hasty', fetch: gate.fetch });
    await customer.requestChat({ nickname: 'PersonP' });
    await vi.waitFor(async () => expect(await marat.chats()).toHaveLength(1), patience);
    await marat.accept(customer.chatId, { nickname: 'Marat' });
    await killAndStart();
    const until = (text: string): Promise<void> =>
      vi.waitFor(async () => {
        const { messages } = await customer.refresh(1);
        expect(messages.map((event) => event.text)).toContain(text);
      }, patience);
    await until('Soon.');
    await killAndStart();
    await until('Now.');
    await killAndStart();
    const { messages, chatEnded } = await customer.refresh(1);
    expect(chatEnded).toBe(true);
    expect(messages.map(lineOf)).toEqual([
      'ParticipantJoined Client',
      'ParticipantJoined Agent',
      'ParticipantJoined External',
      'Message External Soon.',
      'ParticipantLeft External',
      'ParticipantJoined External',
      'Message External Now.',
      'ParticipantLeft External',
      'ParticipantLeft Client',
    ]);
    await marat.complete(customer.chatId);
  },
);

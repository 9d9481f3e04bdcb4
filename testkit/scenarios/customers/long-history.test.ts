import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AgentClient } from '@parley/client/agent-client.ts';
import { CustomerPushClient } from '@parley/client/customer-push-client.ts';
import { demoPassword } from '@parley/server/config/demo.ts';
import { LossyProxy } from '../../lossy-proxy.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestCustomer } from '../../test-customer.ts';

// 10,000 messages, some 5 MB on the wire, told to people whose push queues hold 1 MB, over connections that are cut.

const count = 10_000;
const words = 'x'.repeat(320);
const cutEvery = 1_500;

let box: ServerInABox<ManualClock>;
let proxy: LossyProxy;
let customer: TestCustomer;
let said = 0;
const open: { close(): Promise<void> }[] = [];

const say = (): Promise<unknown> => customer.send(`${(said += 1)} ${words}`);

beforeAll(async () => {
  box = await startServer({
    config: {
      presence: { lostAfterMs: 600_000, graceMs: 600_000 },
      rateLimits: {
        perAddress: { requestsPerSecond: 0, newChatsPerMinute: 0 },
        perChat: { requestsPerSecond: 0, messagesPerSecond: 0 },
        perAgent: { requestsPerSecond: 0 },
      },
    },
  });
  proxy = await LossyProxy.open(Number(new URL(box.baseUrl).port));
  customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP' });
  while (said < count) await Promise.all(Array.from({ length: 100 }, say));
  const [marat, sofia] = [box.agent('marat'), box.agent('sofia')];
  await marat.goToWork();
  await sofia.goToWork('NotReady');
  await sofia.monitor((await marat.me()).id, 'Monitor');
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
}, 60_000);

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

afterAll(async () => {
  await proxy.close();
  await box.stop();
});

const throughProxy = (): string => `http://127.0.0.1:${proxy.port}`;

it(
  'a customer reads all of it by push, through cuts and a restart, and what is said meanwhile',
  { timeout: 60_000 },
  async () => {
    const client = new CustomerPushClient({ baseUrl: throughProxy(), service: 'customer-support' });
    open.push(client);
    client.resume(customer.credentials);
    const bystander = new CustomerPushClient({ baseUrl: box.baseUrl, service: 'customer-support' });
    open.push(bystander);
    bystander.resume(customer.credentials);
    const { nextPosition: now = 1 } = await customer.refresh(1);
    const heard = bystander.events({ from: now });
    const texts: string[] = [];
    const indexes: number[] = [];
    for await (const { index, text } of client.events()) {
      indexes.push(index);
      if (text !== undefined) texts.push(text);
      if (index % cutEvery === 0) proxy.cut();
      if (index === 4_000) await box.restart();
      if (index % 2_000 === 0) {
        await say();
        // Whoever has caught up is told at once.
        expect((await heard.next()).value?.text).toMatch(new RegExp(`^${said} `));
      }
      if (text?.startsWith(`${said} `) && index > count) break;
    }
    const { messages } = await customer.refresh(1);
    expect(indexes).toEqual(messages.map(({ index }) => index));
    expect(texts).toEqual(messages.flatMap(({ text }) => text ?? []));
    // A hundred were said at a time: in which order they came is in the log.
    expect(texts.map((text) => Number.parseInt(text, 10)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: said }, (_, at) => at + 1),
    );
  },
);

it.each(['marat', 'sofia'] as const)(
  'an agent or a supervisor in the chat is replayed all of it in one push session, through cuts (%s)',
  { timeout: 60_000 },
  async (userName) => {
    const agent = new AgentClient({ baseUrl: throughProxy(), userName, password: demoPassword });
    open.push({ close: () => agent.closeNotifications() });
    let renewals = 0;
    agent.on('renewed', () => (renewals += 1));
    const indexes: number[] = [];
    const isThere = Promise.withResolvers<void>();
    agent.on('entry', ({ message: { index, text } }) => {
      indexes.push(index);
      if (indexes.length % cutEvery === 0) proxy.cut();
      if (indexes.length % 2_000 === 0 && said < count + 100) void say();
      if (indexes.length > count && text?.startsWith(`${said} `)) isThere.resolve();
    });
    await agent.signIn();
    await agent.openNotifications(new Map([[customer.chatId, 0]]));
    await isThere.promise;
    const read: number[] = [];
    for (let startIndex = 1; startIndex <= (indexes.at(-1) ?? 0); startIndex += 1000)
      for (const { index } of await agent.messages(customer.chatId, { startIndex, count: 1000 }))
        if (index > (read.at(-1) ?? 0)) read.push(index);
    expect(indexes).toEqual(read);
    expect(renewals).toBe(0);
  },
);

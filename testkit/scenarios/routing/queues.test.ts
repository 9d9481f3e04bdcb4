import { afterEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type BoxOptions, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

let box: ServerInABox<ManualClock>;

afterEach(() => box.stop());

type File = NonNullable<BoxOptions['config']>;

const password = 'demo';
const people = [
  { userName: 'marat', password, skills: { english: 2 }, queues: ['support'] },
  { userName: 'kristi', password, skills: { english: 8 }, queues: ['support'] },
  { userName: 'olga', password, queues: ['second'] },
];

async function start(queue: object, rest: File = {}): Promise<void> {
  box = await startServer({
    config: {
      skills: ['english'],
      agents: people,
      queues: [{ name: 'support', ...queue }, { name: 'second' }],
      ...rest,
    },
  });
}

async function atWork(userName: string): Promise<TestAgent> {
  const agent = box.agent(userName);
  await agent.goToWork();
  return agent;
}

const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });

/** The plain answer to a customer who asks for a chat. */
async function request(fields: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const url = `${box.baseUrl}/genesys/2/chat/customer-support`;
  const response = await fetch(url, form({ nickname: 'PersonP', ...fields }));
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

function statesSeenBy(agent: TestAgent): string[] {
  return agent.recorder.all.flatMap((entry) => {
    const data = entry.kind === 'notification' ? (entry.data as { chat?: { state?: string } }) : {};
    return data.chat?.state ? [data.chat.state] : [];
  });
}

describe('a requirement that relaxes', () => {
  it('offers the chat to the less skilled when its time has come, to the skilled before', async () => {
    const relaxation = [{ afterMs: 20_000, skills: [{ skill: 'english', level: 1 }] }];
    await start({ skills: [{ skill: 'english', level: 5 }], relaxation });
    const marat = await atWork('marat');
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    box.clock.advance(19_999);
    await customer.refresh();
    expect(statesSeenBy(marat)).toEqual([]);
    box.clock.advance(1);
    expect((await marat.offered()).id).toBe(customer.chatId);
  });

  it('has lost nothing of its wait after a restart', async () => {
    const relaxation = [{ afterMs: 20_000, skills: [] }];
    await start({ skills: [{ skill: 'english', level: 5 }], relaxation });
    const marat = await atWork('marat');
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    box.clock.advance(15_000);
    await box.restart();
    await marat.chats();
    box.clock.advance(5_000);
    await expect.poll(async () => (await marat.chats()).map((chat) => chat.id)).toEqual([customer.chatId]);
  });
});

describe('business hours', () => {
  // The clock shows Thursday, 2014-01-02T14:23:18 in Los Angeles.
  const businessHours = [
    { name: 'office', timeZone: 'America/Los_Angeles', thursday: ['09:00-14:00'], friday: ['09:00-14:00'] },
  ];

  it('refuse a new chat outside of them with 240 and the text, and take it when they begin', async () => {
    await start({ businessHours: 'office', closedText: 'From nine to two.' }, { businessHours });
    expect(await request()).toMatchObject({
      statusCode: 2,
      chatEnded: false,
      errors: [{ code: 240, advice: 'From nine to two.' }],
    });
    box.clock.advanceTo(Date.parse('2014-01-03T09:00:00-08:00'));
    expect(await request()).toMatchObject({ statusCode: 0 });
  });

  it('or take it and tell, as a message from the contact centre that agents see too', async () => {
    await start(
      {},
      {
        businessHours,
        services: [
          {
            name: 'customer-support',
            queue: 'support',
            businessHours: 'office',
            whenClosed: 'Take',
            closedText: 'Tomorrow at nine.',
          },
        ],
      },
    );
    const answer = (await request()) as { chatId: string; messages: { from: { type: string } }[] };
    expect(answer).toMatchObject({ statusCode: 0, chatEnded: false, nextPosition: 5 });
    expect(answer).not.toHaveProperty('errors');
    expect(answer.messages).toMatchObject([
      { type: 'ParticipantJoined', from: { type: 'Client' } },
      { type: 'ParticipantJoined', from: { type: 'External', nickname: 'Demo' } },
      { type: 'Message', text: 'Tomorrow at nine.', from: { type: 'External' } },
      { type: 'ParticipantLeft', from: { type: 'External' } },
    ]);
    const marat = await atWork('marat');
    await marat.offered();
    await marat.accept(answer.chatId, { nickname: 'Marat' });
    expect((await marat.messages(answer.chatId)).map((one) => one.from.type)).toEqual([
      'Customer',
      'External',
      'External',
      'External',
      'Agent',
    ]);
  });
});

describe('limits of a queue', () => {
  it('refuse the chat that is one too many; one that has left makes room', async () => {
    await start({ maxWaiting: 1, busyText: 'Too many.' });
    const first = box.customer();
    await first.requestChat({ nickname: 'PersonP' });
    expect(await request()).toMatchObject({ statusCode: 1, errors: [{ code: 240, advice: 'Too many.' }] });
    await first.disconnect();
    expect(await request()).toMatchObject({ statusCode: 0 });
  });

  it('hold for customers who come at the same moment', async () => {
    await start({ maxWaiting: 1 });
    // An address is looked up in the store, so that all of them are on their way at once.
    const addresses = ['a@example.org', 'b@example.org', 'c@example.org'];
    const answers = await Promise.all(addresses.map((emailAddress) => request({ emailAddress })));
    expect(answers.map((one) => one['statusCode']).toSorted()).toEqual([0, 1, 1]);
  });

  it('or send it on', async () => {
    await start({ maxWaiting: 0, whenFull: 'Overflow', overflowQueue: 'second' });
    const [marat, olga] = [await atWork('marat'), await atWork('olga')];
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    expect((await olga.offered()).id).toBe(customer.chatId);
    expect(statesSeenBy(marat)).toEqual([]);
  });

  it('end a wait that is too long, and tell why', async () => {
    await start({ maxWaitMs: 60_000, waitedText: 'Sorry.' });
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    box.clock.advance(59_999);
    expect((await customer.refresh()).chatEnded).toBe(false);
    box.clock.advance(1);
    await expect.poll(async () => (await customer.refresh(1)).chatEnded).toBe(true);
    const read = await customer.refresh(1);
    expect(read.messages.map(({ type, text }) => text ?? type)).toEqual([
      'ParticipantJoined',
      'ParticipantJoined',
      'Sorry.',
      'ParticipantLeft',
      'ParticipantLeft',
    ]);
    // Removed by the server (gms-customer-api §4.1).
    expect(read.messages.at(-1)?.eventAttributes).toEqual({ GCTI_SYSTEM: { 'quit-reason-code': '5' } });
    const marat = await atWork('marat');
    expect(await marat.chats()).toEqual([]);
  });

  it('do not end a chat that somebody was in', async () => {
    await start({ maxWaitMs: 60_000 });
    const [marat, kristi] = [await atWork('marat'), box.agent('kristi')];
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    await marat.offered();
    await marat.accept(customer.chatId, { nickname: 'Marat' });
    await marat.transfer(customer.chatId, { queueName: 'support' });
    await marat.setState('NotReady');
    box.clock.advance(100_000);
    expect((await customer.refresh()).chatEnded).toBe(false);
    await kristi.goToWork();
    await kristi.offered();
  });

  it('send a wait that is too long on, in the place of its whole wait', async () => {
    await start({ maxWaitMs: 60_000, whenWaitedTooLong: 'Overflow', overflowQueue: 'second' });
    const olga = await atWork('olga');
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    box.clock.advance(60_000);
    expect((await olga.offered()).id).toBe(customer.chatId);
  });
});

describe('while nobody with the skills has signed in', () => {
  it('a new chat is refused, if so configured', async () => {
    await start({ whenUnstaffed: 'Refuse', skills: [{ skill: 'english', level: 5 }] });
    await atWork('marat');
    expect(await request()).toMatchObject({ statusCode: 1, errors: [{ code: 240 }] });
    const kristi = box.agent('kristi');
    await kristi.goToWork('NotReady');
    expect(await request()).toMatchObject({ statusCode: 0 });
  });

  it('a chat goes to the overflow queue as soon as the last one signs out', async () => {
    await start({ whenUnstaffed: 'Overflow', overflowQueue: 'second' });
    const [marat, olga] = [box.agent('marat'), await atWork('olga')];
    await marat.goToWork('NotReady');
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    expect(statesSeenBy(olga)).toEqual([]);
    await marat.endSession();
    expect((await olga.offered()).id).toBe(customer.chatId);
  });
});

describe('a waiting customer', () => {
  const services = [{ name: 'customer-support', queue: 'support', tellQueuePosition: true }];

  it('is told their place, and how long it will take once there is something to go by', async () => {
    await start({}, { services });
    const marat = await atWork('marat');
    for (let served = 0; served < 3; served++) {
      const one = box.customer();
      await one.requestChat({ nickname: 'PersonP' });
      await expect.poll(async () => (await marat.chats()).length).toBe(1);
      await marat.accept(one.chatId, { nickname: 'Marat' });
      box.clock.advance(60_000);
      await marat.complete(one.chatId);
    }
    await marat.setState('NotReady');
    const [first, second] = [box.customer(), box.customer()];
    await first.requestChat({ nickname: 'First' });
    box.clock.advance(1_000);
    await second.requestChat({ nickname: 'Second' });
    expect((await first.refresh()).userData).toEqual({ queuePosition: '1', estimatedWaitSeconds: '61' });
    expect((await second.refresh()).userData).toEqual({ queuePosition: '2', estimatedWaitSeconds: '121' });
    await first.disconnect();
    expect((await second.refresh()).userData).toMatchObject({ queuePosition: '1' });
  });

  it('is told nothing of it unless the service asks for it', async () => {
    await start({});
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    expect((await customer.refresh()).userData).toEqual({});
  });
});

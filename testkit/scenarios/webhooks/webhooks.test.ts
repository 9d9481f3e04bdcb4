import { webhookMessages } from '@parley/contract/webhooks.ts';
import { Check } from 'typebox/value';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { outbox, startHooked, turnToNext, type HookedBox } from './hooked-box.ts';

let hooked: HookedBox;

afterEach(() => hooked.stop());

function types({ crm }: HookedBox): readonly string[] {
  return crm.calls.map(({ message }) => message.type);
}

describe('a chat', () => {
  test('is told from its request to its end, in order, signed, each body as the contract has it', async () => {
    hooked = await startHooked({ includeText: true });
    const { box, crm } = hooked;
    const marat = box.agent('marat');
    const customer = box.customer();
    await marat.goToWork();
    await customer.requestChat({ nickname: 'PersonP', subject: 'a question' });
    const { id } = await marat.offered();
    await marat.accept(id, { nickname: 'Marat' });
    await customer.send('Hello');
    await marat.sendMessage(id, 'Hi');
    await marat.sendToAgents(id, 'a remark that is not for the customer').catch(() => undefined);
    await customer.disconnect();
    const calls = await crm.came(5);
    expect(crm.refused).toEqual([]);
    for (const { message } of calls)
      expect(Check(webhookMessages[message.type], message), JSON.stringify(message)).toBe(true);
    const about = { chatId: id, service: 'customer-support', contactId: expect.any(String) as string };
    expect(calls.map(({ message }) => message)).toMatchObject([
      {
        type: 'ChatOpened',
        data: { ...about, seq: 1, customer: { nickname: 'PersonP' }, subject: 'a question' },
      },
      { type: 'ChatAssigned', data: { ...about, agent: { nickname: 'Marat' } } },
      {
        type: 'MessageSent',
        data: { ...about, from: { type: 'Customer', nickname: 'PersonP' }, text: 'Hello' },
      },
      { type: 'MessageSent', data: { ...about, from: { type: 'Agent', nickname: 'Marat' }, text: 'Hi' } },
      { type: 'ChatEnded', data: { ...about, reason: 'customer-left', disposition: null } },
    ]);
    expect(new Set(calls.map((call) => call.id)).size).toBe(5);
    expect(crm.calls).toHaveLength(5);
  });

  test('is told without what people wrote, unless the hook asks for it', async () => {
    hooked = await startHooked();
    const customer = hooked.box.customer();
    await customer.requestChat({ nickname: 'PersonP', subject: 'secret subject', text: 'secret text' });
    await hooked.crm.came(2);
    expect(types(hooked)).toEqual(['ChatOpened', 'MessageSent']);
    expect(JSON.stringify(hooked.crm.calls)).not.toContain('secret ');
  });

  test('is told of the chosen services and events only', async () => {
    const services = ['customer-support', 'other'].map((name) => ({ name, queue: 'support' }));
    hooked = await startHooked({ events: ['ChatEnded'], services: ['other'] }, { services });
    for (const service of ['customer-support', 'other']) {
      const customer = hooked.box.customer({ service });
      await customer.requestChat({ nickname: 'PersonP', text: 'Hello' });
      await customer.disconnect();
    }
    const [call] = await hooked.crm.came(1);
    expect(call?.message).toMatchObject({ type: 'ChatEnded', data: { service: 'other' } });
    expect(hooked.crm.calls).toHaveLength(1);
  });
});

describe('what fails', () => {
  test('is tried again under the same id after waits that double; its chat keeps its order, others go on', async () => {
    hooked = await startHooked();
    const { box, crm } = hooked;
    const [one, two] = [box.customer(), box.customer()];
    let failures = 3;
    crm.answering = ({ message }) =>
      message.data.chatId === one.chatId && message.type === 'MessageSent' && failures-- > 0 ? 500 : 200;
    await one.requestChat({ nickname: 'PersonP' });
    await crm.came(1);
    await one.send('first');
    await crm.came(2);
    await one.send('second');
    await two.requestChat({ nickname: 'PersonQ', text: 'Hello' });
    await crm.came(4);
    const waits: number[] = [];
    for (let count = 5; count <= 7; count += 1) {
      const fromMs = box.clock.now();
      await turnToNext(box.clock, 10_000);
      waits.push(box.clock.now() - fromMs);
      await crm.came(count);
    }
    await crm.came(8);
    for (const [step, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(500 * 2 ** step);
      expect(wait).toBeLessThanOrEqual(1000 * 2 ** step);
    }
    const ofOne = crm.calls.filter(({ message }) => message.data.chatId === one.chatId);
    const seqs = ofOne.map(({ message }) => message.data.seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(new Set(ofOne.map(({ id }) => id)).size).toBe(3);
    expect(new Set(ofOne.map(({ body }) => body)).size).toBe(3);
  });

  test('is tried again after a restart, and what was confirmed is not', async () => {
    hooked = await startHooked();
    const { box, crm } = hooked;
    const customer = box.customer();
    crm.answering = ({ message }) => (message.type === 'ChatOpened' ? 200 : 503);
    await customer.requestChat({ nickname: 'PersonP', text: 'Hello' });
    await crm.came(2);
    await box.restart();
    crm.answering = () => 200;
    box.clock.advance(60_000);
    await crm.came(3);
    expect(types(hooked)).toEqual(['ChatOpened', 'MessageSent', 'MessageSent']);
    expect(crm.calls[1]?.id).toBe(crm.calls[2]?.id);
  });

  test('does not follow a redirect, takes a long answer, and waits as long as it is asked to', async () => {
    hooked = await startHooked({ events: ['ChatOpened'] });
    const { box, crm } = hooked;
    const answers: Parameters<typeof crm.answering>[0][] = [];
    crm.answering = (call) => (response) => {
      answers.push(call);
      if (answers.length === 1) response.writeHead(307, { location: `${crm.url}-other` }).end();
      else if (answers.length === 2) response.writeHead(429, { 'retry-after': '30' }).end();
      else response.writeHead(200).end('a'.repeat(1_000_000));
    };
    await box.customer().requestChat({ nickname: 'PersonP' });
    await crm.came(1);
    await turnToNext(box.clock, 10_000);
    await crm.came(2);
    const fromMs = box.clock.now();
    await turnToNext(box.clock, 30_000);
    expect(box.clock.now() - fromMs).toBe(30_000);
    await crm.came(3);
    expect(crm.calls.map(({ path }) => path)).toEqual(['/hook', '/hook', '/hook']);
  });

  test('takes no longer than an attempt may, and holds no other chat up', async () => {
    hooked = await startHooked({ events: ['ChatOpened'], parallel: 2 });
    const { box, crm } = hooked;
    const [slow, other] = [box.customer(), box.customer()];
    crm.answering = ({ message }) => {
      // Neither an answer nor an end.
      if (message.data.chatId === slow.chatId && crm.calls.length === 1) return () => undefined;
      return 200;
    };
    await slow.requestChat({ nickname: 'PersonP' });
    await crm.came(1);
    await other.requestChat({ nickname: 'PersonQ' });
    await crm.came(2);
    const metrics = async () => (await fetch(`${box.baseUrl}/metrics`)).text();
    await vi.waitFor(async () => expect(await metrics()).toContain('confirmed_total{receiver="crm"} 1'));
    box.clock.advance(outbox.attemptTimeoutMs);
    await turnToNext(box.clock, 10_000);
    await crm.came(3);
    expect(crm.calls[2]?.id).toBe(crm.calls[0]?.id);
  });
});

test('an address of a private network is not called, by number or by name', async () => {
  hooked = await startHooked({ allowPrivateAddresses: false });
  const { crm } = hooked;
  const byName = crm.url.replace('127.0.0.1', 'localhost');
  await hooked.box.stop();
  const named = await startHooked({ allowPrivateAddresses: false, url: byName });
  hooked = { ...named, stop: () => Promise.all([crm.stop(), named.stop()]).then(() => undefined) };
  await named.box.customer().requestChat({ nickname: 'PersonP' });
  await turnToNext(named.box.clock, 10_000);
  await turnToNext(named.box.clock, 10_000);
  expect(crm.calls).toEqual([]);
});

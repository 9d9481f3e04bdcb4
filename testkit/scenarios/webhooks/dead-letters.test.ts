import { afterEach, expect, test, vi } from 'vitest';
import { ask, type Answer } from '../../ask.ts';
import type { TestAgent } from '../../test-agent.ts';
import { startHooked, turnToNext, type HookedBox } from './hooked-box.ts';

let hooked: HookedBox;

afterEach(() => hooked.stop());

interface Message {
  readonly id: string;
  readonly type: string;
  readonly chatId: string;
  readonly attempts: number;
  readonly lastFailure: string | null;
}

function asks(agent: TestAgent): (...request: Parameters<typeof ask>[2]) => Promise<Answer> {
  return (...request) => ask(agent, hooked.box.baseUrl, request);
}

async function listed(agent: TestAgent, state: string): Promise<readonly Message[]> {
  const answer = await asks(agent)('GET', `/api/v2/webhooks/crm/messages?state=${state}`);
  return answer['messages'] as readonly Message[];
}

async function expectDead(agent: TestAgent, count: number): Promise<readonly Message[]> {
  return vi.waitFor(
    async () => {
      const dead = await listed(agent, 'Dead');
      expect(dead).toHaveLength(count);
      return dead;
    },
    { timeout: 10_000 },
  );
}

test('what fails too often is a dead letter that administrators see, send again or forget, each of it audited', async () => {
  hooked = await startHooked({ events: ['ChatOpened', 'MessageSent'] });
  const { box, crm } = hooked;
  const admin = box.agent('admin');
  await admin.signIn();
  crm.answering = ({ message }) => (message.type === 'ChatOpened' ? 500 : 200);
  const customer = box.customer();
  await customer.requestChat({ nickname: 'PersonP', text: 'Hello' });
  for (let attempts = 1; attempts < 5; attempts += 1) {
    await crm.came(attempts);
    await turnToNext(box.clock, 60_000);
  }
  // What stood behind it goes now.
  await crm.came(6);
  expect(crm.calls.map(({ message }) => message.type).slice(4)).toEqual(['ChatOpened', 'MessageSent']);
  const [letter] = await expectDead(admin, 1);
  const expected = { type: 'ChatOpened', chatId: customer.chatId, attempts: 5, lastFailure: 'HTTP 500' };
  expect(letter).toMatchObject(expected);
  const { webhooks } = (await asks(admin)('GET', '/api/v2/webhooks')) as unknown as { webhooks: object[] };
  expect(webhooks).toMatchObject([{ name: 'crm', waiting: 0, dead: 1, confirmed: 1, failed: 5 }]);
  const metrics = await (await fetch(`${box.baseUrl}/metrics`)).text();
  expect(metrics).toContain('parley_outbox_dead{receiver="crm"} 1');
  expect(metrics).toContain('parley_outbox_failed_total{receiver="crm"} 5');

  await box.restart();
  await admin.signIn();
  expect(await listed(admin, 'Dead')).toEqual([letter]);
  crm.answering = () => 200;
  const path = `/api/v2/webhooks/crm/messages/${letter?.id}`;
  expect(await asks(admin)('POST', path, { operationName: 'Redeliver' })).toMatchObject({ statusCode: 0 });
  await crm.came(7);
  expect(crm.calls[6]?.id).toBe(letter?.id);
  expect(await listed(admin, 'Dead')).toEqual([]);
  expect(await asks(admin)('POST', path, { operationName: 'Redeliver' })).toMatchObject({ httpStatus: 404 });
  const { audit } = (await asks(admin)('GET', '/api/v2/audit')) as unknown as { audit: object[] };
  expect(audit.at(-1)).toMatchObject({
    ...{ userName: 'admin', kind: 'webhook-message', resourceId: letter?.id, action: 'Update' },
  });
});

test('410 and the limit of those who wait make dead letters at once; all are sent again or forgotten together', async () => {
  const limits = { maxWaiting: 2, maxDeadLetters: 3, firstDelayMs: 60_000, longestDelayMs: 60_000 };
  hooked = await startHooked(
    { events: ['ChatOpened'] },
    { outbox: { ...limits, attemptTimeoutMs: 100_000 } },
  );
  const { box, crm } = hooked;
  const admin = box.agent('admin');
  await admin.signIn();
  crm.answering = () => 410;
  await box.customer().requestChat({ nickname: 'PersonP' });
  const [gone] = await expectDead(admin, 1);
  expect(gone).toMatchObject({ attempts: 1, lastFailure: 'HTTP 410' });
  crm.answering = () => 500;
  for (let count = 2; count <= 6; count += 1) {
    await box.customer().requestChat({ nickname: 'PersonP' });
    await crm.came(count);
  }
  // Six in all: two wait, three are kept, the first is forgotten.
  const dead = await expectDead(admin, 3);
  expect(dead.map(({ lastFailure }) => lastFailure)).toEqual(Array(3).fill('more than 2 were waiting'));
  expect(dead.some(({ id }) => id === gone?.id)).toBe(false);
  expect(await listed(admin, 'Waiting')).toHaveLength(2);
  const [waiting] = await listed(admin, 'Waiting');
  const discard = { operationName: 'Discard' };
  expect(await asks(admin)('POST', `/api/v2/webhooks/crm/messages/${waiting?.id}`, discard)).toMatchObject({
    statusCode: 0,
  });
  expect(await listed(admin, 'Waiting')).toHaveLength(1);
  expect(await asks(admin)('POST', '/api/v2/webhooks/crm', { operationName: 'DiscardAll' })).toMatchObject({
    statusCode: 0,
  });
  expect(await listed(admin, 'Dead')).toEqual([]);
  crm.answering = () => 410;
  box.clock.advance(60_000);
  await expectDead(admin, 1);
  const before = crm.calls.length;
  crm.answering = () => 200;
  await asks(admin)('POST', '/api/v2/webhooks/crm', { operationName: 'RedeliverAll' });
  await crm.came(before + 1);
  await box.restart();
  await admin.signIn();
  expect([...(await listed(admin, 'Dead')), ...(await listed(admin, 'Waiting'))]).toEqual([]);
});

test('dead letters are forgotten when they are too old', async () => {
  hooked = await startHooked({ events: ['ChatOpened'] }, { outbox: { deadLetterMaxAgeMs: 10_000 } });
  const { box, crm } = hooked;
  const admin = box.agent('admin');
  await admin.signIn();
  crm.answering = () => 410;
  await box.customer().requestChat({ nickname: 'PersonP' });
  await expectDead(admin, 1);
  box.clock.advance(9_999);
  await expectDead(admin, 1);
  box.clock.advance(1);
  await expectDead(admin, 0);
});

test('only who may change the set-up sees and changes them; what is not there is not found', async () => {
  hooked = await startHooked();
  const [marat, admin] = [hooked.box.agent('marat'), hooked.box.agent('admin')];
  await Promise.all([marat.signIn(), admin.signIn()]);
  expect((await asks(marat)('GET', '/api/v2/webhooks')).httpStatus).toBe(403);
  expect(
    (await asks(marat)('POST', '/api/v2/webhooks/crm', { operationName: 'DiscardAll' })).httpStatus,
  ).toBe(403);
  for (const path of ['other/messages', 'other/messages?state=Waiting'])
    expect((await asks(admin)('GET', `/api/v2/webhooks/${path}`)).httpStatus).toBe(404);
  for (const operationName of ['Redeliver', 'Discard'])
    expect(
      (await asks(admin)('POST', '/api/v2/webhooks/crm/messages/none', { operationName })).httpStatus,
    ).toBe(404);
  expect((await asks(admin)('POST', '/api/v2/webhooks/crm', { operationName: 'toString' })).statusCode).toBe(
    2,
  );
});

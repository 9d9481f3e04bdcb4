import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask, type Answer } from '../../ask.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let kristi: TestAgent;
let customer: TestCustomer;
let workbin: string;

const as = (agent: TestAgent, ...request: [method: string, path: string, body?: object]): Promise<Answer> =>
  ask(agent, box.baseUrl, request);

beforeEach(async () => {
  box = await startServer();
  [marat, kristi, customer] = [box.agent('marat'), box.agent('kristi'), box.customer()];
  await marat.goToWork();
  await customer.requestChat({ nickname: 'PersonP' });
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  await kristi.goToWork();
  const { workbins } = await as(marat, 'GET', '/api/v2/workbins?fields=*');
  workbin = (workbins as { id: string }[])[0]?.id ?? '';
});

afterEach(() => box.stop());

const act = (operationName: string, agent = marat): Promise<Answer> =>
  as(agent, 'POST', `/api/v2/me/workbins/${workbin}`, { operationName, id: customer.chatId });

it('each agent has one workbin', async () => {
  const { workbins } = await as(kristi, 'GET', '/api/v2/workbins?fields=*');
  expect(workbins).toMatchObject([{ workbinName: 'Parked', displayName: 'Parked chats', type: 'Agent' }]);
  expect(JSON.stringify(workbins)).not.toContain(workbin);
});

it('Subscribe is confirmed by a reference that comes back in the notification', async () => {
  const reply = await as(marat, 'POST', `/api/v2/workbins/${workbin}`, { operationName: 'Subscribe' });
  const told = await marat.recorder.notification({ messageType: 'WorkbinSubscriptionStateChangeMessage' });
  expect(told).toMatchObject({ id: workbin, stateResource: 'Subscribed', referenceId: reply['referenceId'] });
  const other = await as(kristi, 'POST', `/api/v2/workbins/${workbin}`, { operationName: 'Subscribe' });
  expect(other).toMatchObject({ httpStatus: 404, statusCode: 6 });
});

it('a parked chat waits for its agent alone, through a restart, and comes back as an offer', async () => {
  const { referenceId } = await act('AddChat');
  const added = await marat.recorder.notification({ messageType: 'WorkbinStateChangeMessage' });
  expect(added).toMatchObject({
    action: 'ItemAdded',
    id: workbin,
    referenceId,
    chatStateResourceV2: { id: customer.chatId },
  });
  expect(await marat.chats()).toEqual([]);
  expect((await customer.send('Are you there?')).statusCode).toBe(0);
  const heardAgain = Promise.all(
    [marat, kristi].map((agent) => new Promise<void>((resolve) => agent.on('renewed', () => resolve()))),
  );
  await box.restart();
  await heardAgain;
  box.clock.advance(60_000);
  expect(await kristi.chats()).toEqual([]);
  const { workbin: held } = await as(marat, 'GET', `/api/v2/workbins/${workbin}?subresources=*`);
  expect(held).toMatchObject({ chats: [{ id: customer.chatId }] });
  const { position } = marat.recorder;
  expect(await act('TakeChat')).toMatchObject({ statusCode: 0 });
  await marat.offered({ after: position });
  await marat.accept(customer.chatId, { nickname: 'Marat' });
  const log = await marat.messages(customer.chatId);
  expect(log.map(({ text }) => text)).toContain('Are you there?');
  expect(await act('TakeChat')).toMatchObject({ statusCode: 6 });
});

it('an offer that is not taken up leaves the chat parked, and others are never asked', async () => {
  await act('AddInteraction');
  await act('TakeChat');
  await marat.stateOf('Invited', { after: marat.recorder.position - 1 }).catch(() => undefined);
  box.clock.advance(30_000);
  await marat.stateOf('Revoked');
  box.clock.advance(600_000);
  expect(await kristi.chats()).toEqual([]);
  const { workbin: held } = await as(marat, 'GET', `/api/v2/workbins/${workbin}?subresources=*`);
  expect(held).toMatchObject({ chats: [{ id: customer.chatId }] });
});

it('a customer who leaves takes the chat out of the workbin', async () => {
  await act('AddChat');
  const { position } = marat.recorder;
  await customer.disconnect();
  const removed = await marat.recorder.notification(
    { messageType: 'WorkbinStateChangeMessage', action: 'ItemRemoved' },
    { after: position },
  );
  expect(removed).toMatchObject({ chatStateResourceV2: { id: customer.chatId } });
});

it('nobody else sees or takes it', async () => {
  await act('AddChat');
  expect(await act('TakeChat', kristi)).toMatchObject({ statusCode: 6 });
  expect(await as(kristi, 'GET', `/api/v2/workbins/${workbin}`)).toMatchObject({ statusCode: 6 });
  const { workbins } = await as(kristi, 'GET', `/api/v2/workbins?workbinIds=${workbin}&subresources=*`);
  expect(workbins).toEqual([]);
});

it('of an agent who is deleted goes back to the queue', async () => {
  await act('AddChat');
  const admin = box.agent('admin');
  await admin.signIn();
  const { id } = await marat.me();
  expect(await as(admin, 'DELETE', `/api/v2/users/${id}`)).toMatchObject({ statusCode: 0 });
  expect((await kristi.offered()).id).toBe(customer.chatId);
});

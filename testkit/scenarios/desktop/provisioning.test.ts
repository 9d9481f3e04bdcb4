import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Answer } from '../../ask.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

let box: ServerInABox<ManualClock>;
let admin: TestAgent;

beforeEach(async () => {
  box = await startServer({ config: { skills: ['English'] } });
  admin = box.agent('admin');
  await admin.signIn();
});

afterEach(() => box.stop());

const as = (agent: TestAgent, ...request: [method: string, path: string, body?: object]): Promise<Answer> =>
  ask(agent, box.baseUrl, request);

const newUser = { userName: 'liis', password: 'secret words', firstName: 'Liis', roles: ['ROLE_AGENT'] };

async function createLiis(): Promise<string> {
  const reply = await as(admin, 'POST', '/api/v2/users', newUser);
  expect(reply).toMatchObject({ statusCode: 0, path: `/users/${String(reply['id'])}` });
  return String(reply['id']);
}

describe('who may', () => {
  const writes: [string, string, object?][] = [
    ['POST', '/api/v2/users', newUser],
    ['PUT', '/api/v2/users/0', { firstName: 'X' }],
    ['DELETE', '/api/v2/users/0'],
    ['POST', '/api/v2/skills', { name: 'X' }],
    ['DELETE', '/api/v2/skills/0'],
    ['POST', '/api/v2/queues', { name: 'X' }],
    ['PUT', '/api/v2/queues/0', { priority: 1 }],
    ['DELETE', '/api/v2/queues/0'],
    ['POST', '/api/v2/settings/dispositions', { name: 'X' }],
    ['PUT', '/api/v2/settings/dispositions/Answered', { displayName: 'X' }],
    ['DELETE', '/api/v2/settings/dispositions/Answered'],
    ['POST', '/api/v2/settings/agent-states', { operationName: 'X', displayName: 'X' }],
    ['PUT', '/api/v2/settings/agent-states/X', { displayName: 'X' }],
    ['DELETE', '/api/v2/settings/agent-states/X'],
    ['POST', '/api/v2/response-templates', { name: 'X', body: 'X' }],
    ['PUT', '/api/v2/response-templates/0', { name: 'X' }],
    ['DELETE', '/api/v2/response-templates/0'],
    ['GET', '/api/v2/users'],
    ['GET', '/api/v2/audit'],
    ['GET', '/api/v2/audit/verification'],
  ];

  it.each(['marat', 'sofia'])('is not %s', async (userName) => {
    const agent = box.agent(userName);
    await agent.signIn();
    for (const request of writes)
      expect(await as(agent, ...request), request.join(' ')).toMatchObject({
        httpStatus: 403,
        statusCode: 5,
      });
    expect((await as(admin, 'GET', '/api/v2/audit'))['audit']).toEqual([]);
  });

  it('reads users is an administrator, or somebody who reads themself', async () => {
    const marat = box.agent('marat');
    const { id } = await marat.signIn();
    expect(await as(marat, 'GET', `/api/v2/users/${id}`)).toMatchObject({ user: { userName: 'marat' } });
    const { users } = await as(admin, 'GET', '/api/v2/users?fields=userName&subresources=skills');
    expect(users).toHaveLength(4);
    const [first] = users as { userName: string }[];
    const other = await as(admin, 'GET', `/api/v2/users?fields=id&userName=${first?.userName}`);
    expect(other).toMatchObject({ totalCount: 1 });
    const kristi = box.agent('kristi');
    await kristi.signIn();
    expect(await as(kristi, 'GET', `/api/v2/users/${id}`)).toMatchObject({ statusCode: 5 });
  });
});

describe('a new user', () => {
  it('signs in at once, is offered chats, and is there after a restart', async () => {
    await createLiis();
    const liis = box.agent('liis', { password: newUser.password });
    await liis.goToWork();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    expect((await liis.offered()).id).toBe(customer.chatId);
    await liis.accept(customer.chatId, { nickname: 'Liis' });
    await box.restart();
    const again = box.agent('liis', { password: newUser.password });
    expect(await again.signIn()).toMatchObject({ firstName: 'Liis', roles: ['ROLE_AGENT'] });
    expect(await again.chats()).toMatchObject([{ id: customer.chatId, state: 'Chatting' }]);
  });

  it('needs a name of their own and skills that there are', async () => {
    expect(await as(admin, 'POST', '/api/v2/users', { ...newUser, userName: 'MARAT' })).toMatchObject({
      httpStatus: 409,
      statusCode: 18,
    });
    const skilled = { ...newUser, skills: [{ name: 'Latin', level: '3' }] };
    expect(await as(admin, 'POST', '/api/v2/users', skilled)).toMatchObject({ statusCode: 6 });
    expect(await as(admin, 'POST', '/api/v2/users', { userName: 'x' })).toMatchObject({ statusCode: 1 });
    const [one, two] = await Promise.all([1, 2].map(() => as(admin, 'POST', '/api/v2/users', newUser)));
    expect([one?.statusCode, two?.statusCode].toSorted()).toEqual([0, 18]);
  });
});

describe('a changed user', () => {
  it('has the roles that were sent and no others, with what they allow', async () => {
    const id = await createLiis();
    const path = `/api/v2/users/${id}`;
    expect(
      await as(admin, 'PUT', path, { roles: ['ROLE_SUPERVISOR'], skills: [{ name: 'English', level: '7' }] }),
    ).toEqual({
      httpStatus: 200,
      statusCode: 0,
    });
    const { user } = await as(admin, 'GET', `${path}?subresources=skills,features`);
    expect(user).toMatchObject({ roles: ['ROLE_SUPERVISOR'], skills: [{ name: 'English', level: '7' }] });
    expect((user as { features: { id: string }[] }).features.map((one) => one.id)).toContain(
      'api-supervisor-monitoring',
    );
    expect(await as(admin, 'PUT', path, { userName: 'other' })).toMatchObject({ statusCode: 11 });
  });

  it('with a new password is signed out, and the old one is of no use', async () => {
    const id = await createLiis();
    const liis = box.agent('liis', { password: newUser.password });
    await liis.signIn();
    await as(admin, 'PUT', `/api/v2/users/${id}`, { password: 'another one' });
    await expect(liis.me()).rejects.toMatchObject({ statusCode: 20 });
    await expect(liis.signIn()).rejects.toMatchObject({ statusCode: 20 });
    await box.agent('liis', { password: 'another one' }).signIn();
    await box.restart();
    await box.agent('liis', { password: 'another one' }).signIn();
  });

  it('who is disabled cannot sign in until enabled again', async () => {
    const marat = box.agent('marat');
    const { id } = await marat.signIn();
    await as(admin, 'PUT', `/api/v2/users/${id}`, { enabled: false });
    await expect(marat.me()).rejects.toMatchObject({ statusCode: 20 });
    await box.restart();
    await expect(box.agent('marat').signIn()).rejects.toMatchObject({ statusCode: 20 });
    const again = box.agent('admin');
    await again.signIn();
    expect(await as(again, 'GET', `/api/v2/users/${id}`)).toMatchObject({ user: { enabled: false } });
    await as(again, 'PUT', `/api/v2/users/${id}`, { enabled: true });
    await box.agent('marat').signIn();
  });

  it('cannot be the last who may change anything', async () => {
    const { id } = await admin.me();
    expect(await as(admin, 'DELETE', `/api/v2/users/${id}`)).toMatchObject({
      httpStatus: 403,
      statusCode: 3,
    });
    expect(await as(admin, 'PUT', `/api/v2/users/${id}`, { roles: ['ROLE_AGENT'] })).toMatchObject({
      statusCode: 3,
    });
  });
});

describe('a user who is deleted while at work', () => {
  it('is signed out, and their chats go to others', async () => {
    const id = await createLiis();
    const liis = box.agent('liis', { password: newUser.password });
    await liis.goToWork();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    await liis.offered();
    await liis.accept(customer.chatId, { nickname: 'Liis' });
    const marat = box.agent('marat');
    await marat.goToWork();
    expect(await as(admin, 'DELETE', `/api/v2/users/${id}`)).toMatchObject({ statusCode: 0 });
    expect((await marat.offered()).id).toBe(customer.chatId);
    await marat.accept(customer.chatId, { nickname: 'Marat' });
    const log = await marat.messages(customer.chatId);
    expect(log.map(({ type, from }) => `${type} ${from.nickname}`)).toContain('ParticipantLeft Liis');
    await expect(liis.me()).rejects.toMatchObject({ statusCode: 20 });
    await expect(liis.signIn()).rejects.toMatchObject({ statusCode: 20 });
    await box.restart();
    await expect(box.agent('liis', { password: newUser.password }).signIn()).rejects.toMatchObject({
      statusCode: 20,
    });
  });

  it('gives back an offer that rings', async () => {
    const id = await createLiis();
    const liis = box.agent('liis', { password: newUser.password });
    await liis.goToWork();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    await liis.offered();
    const marat = box.agent('marat');
    await marat.goToWork();
    await as(admin, 'DELETE', `/api/v2/users/${id}`);
    expect((await marat.offered()).id).toBe(customer.chatId);
  });

  it('of the file stays deleted, and may be made anew', async () => {
    const { id } = await box.agent('kristi').signIn();
    await as(admin, 'DELETE', `/api/v2/users/${id}`);
    const reply = await as(admin, 'POST', '/api/v2/users', { ...newUser, userName: 'kristi' });
    expect(reply['id']).not.toBe(id);
    await box.restart();
    await expect(box.agent('kristi').signIn()).rejects.toMatchObject({ statusCode: 20 });
    const user = await box.agent('kristi', { password: newUser.password }).signIn();
    expect(user.id).toBe(reply['id']);
  });
});

describe('skills and queues', () => {
  it('a skill that is given makes a chat find its agent at once', async () => {
    const marat = box.agent('marat');
    const { id } = await marat.signIn();
    const skill = await as(admin, 'POST', '/api/v2/skills', { name: 'Billing' });
    const queues = (await as(admin, 'GET', '/api/v2/queues?fields=*'))['queues'] as { id: string }[];
    const queuePath = `/api/v2/queues/${queues[0]?.id}`;
    expect(await as(admin, 'PUT', queuePath, { skills: [{ skill: 'Billing', level: 2 }] })).toMatchObject({
      statusCode: 0,
    });
    await marat.goToWork();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    expect(await marat.chats()).toEqual([]);
    expect(await as(admin, 'DELETE', `/api/v2/skills/${String(skill['id'])}`)).toMatchObject({
      statusCode: 19,
    });
    await as(admin, 'PUT', `/api/v2/users/${id}`, { skills: [{ name: 'Billing', level: 2 }] });
    expect((await marat.offered()).id).toBe(customer.chatId);
  });

  it('a queue is made, takes a transfer, and is removed when nothing uses it', async () => {
    const made = await as(admin, 'POST', '/api/v2/queues', { name: 'returns', priority: 5 });
    expect(await as(admin, 'GET', `/api/v2/queues/${String(made['id'])}`)).toMatchObject({
      queue: { priority: 5 },
    });
    const marat = box.agent('marat');
    await marat.goToWork();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    await marat.offered();
    await marat.accept(customer.chatId, { nickname: 'Marat' });
    await marat.setState('NotReady');
    await marat.transfer(customer.chatId, { queueName: 'returns' });
    const path = `/api/v2/queues/${String(made['id'])}`;
    expect(await as(admin, 'DELETE', path)).toMatchObject({ httpStatus: 409, statusCode: 19 });
    await customer.disconnect();
    expect(await as(admin, 'DELETE', path)).toMatchObject({ statusCode: 0 });
    expect(await as(admin, 'DELETE', path)).toMatchObject({ statusCode: 6 });
    expect((await as(admin, 'POST', '/api/v2/queues', { name: 'support' })).statusCode).toBe(18);
  });
});

describe('settings', () => {
  it('a not-ready reason can be chosen as soon as it is made', async () => {
    const marat = box.agent('marat');
    await marat.goToWork();
    await expect(marat.setState('Lunch')).rejects.toMatchObject({ statusCode: 2 });
    await as(admin, 'POST', '/api/v2/settings/agent-states', {
      operationName: 'Lunch',
      displayName: 'Lunch',
    });
    await marat.setState('Lunch');
    expect((await marat.channels())[0]?.userState).toMatchObject({ reason: 'Lunch', displayName: 'Lunch' });
    await as(admin, 'PUT', '/api/v2/settings/agent-states/Lunch', { displayName: 'Lunch break' });
    expect((await marat.channels())[0]?.userState).toMatchObject({ displayName: 'Lunch break' });
    await box.restart();
    await marat.signIn();
    expect((await marat.channels())[0]?.userState).toMatchObject({ displayName: 'Lunch break' });
    const ready = { operationName: 'Ready', displayName: 'R' };
    const again = box.agent('admin');
    await again.signIn();
    expect(await as(again, 'POST', '/api/v2/settings/agent-states', ready)).toMatchObject({ statusCode: 18 });
    await as(again, 'DELETE', '/api/v2/settings/agent-states/Lunch');
    expect((await marat.channels())[0]?.userState).toMatchObject({
      state: 'NotReady',
      displayName: 'Not Ready',
    });
  });

  it('no name has half a surrogate pair, which no address could hold; whole ones are fine', async () => {
    for (const path of ['skills', 'queues', 'settings/dispositions', 'response-templates']) {
      const made = (name: string) => as(admin, 'POST', `/api/v2/${path}`, { name, body: 'X' });
      for (const name of ['\ud800', 'half \udc00 of it'])
        expect(await made(name), path).toMatchObject({ httpStatus: 400, statusCode: 10 });
      expect(await made('\ud83d\ude00'), path).toMatchObject({ statusCode: 0 });
    }
    const user = { ...newUser, userName: '\udfff' };
    expect(await as(admin, 'POST', '/api/v2/users', user)).toMatchObject({ httpStatus: 400, statusCode: 10 });
  });

  it('dispositions come, change and go', async () => {
    const path = '/api/v2/settings/dispositions';
    await as(admin, 'POST', path, { name: 'Refund', group: 'Solved/Money' });
    await as(admin, 'PUT', `${path}/Refund`, { displayName: 'Money back' });
    await as(admin, 'DELETE', `${path}/Answered`);
    const { settings } = await as(admin, 'GET', path);
    expect(settings).toContainEqual(
      expect.objectContaining({ name: 'Refund', displayName: 'Money back', group: 'Solved/Money' }),
    );
    expect(JSON.stringify(settings)).not.toContain('Answered');
    expect(await as(admin, 'PUT', `${path}/Refund`, { name: 'Other' })).toMatchObject({ statusCode: 11 });
  });
});

describe('the audit', () => {
  it('says who changed what, from what to what, and never a password', async () => {
    const { id: adminId } = await admin.me();
    const id = await createLiis();
    await as(admin, 'PUT', `/api/v2/users/${id}`, { lastName: 'Tamm', password: 'swordfish' });
    await as(admin, 'DELETE', `/api/v2/users/${id}`);
    const { audit } = await as(admin, 'GET', '/api/v2/audit');
    expect(audit).toMatchObject([
      { number: 1, action: 'Create', kind: 'user', userId: adminId, userName: 'admin', before: null },
      {
        action: 'Update',
        resourceId: id,
        before: { userName: 'liis', lastName: '' },
        after: { lastName: 'Tamm', password: 'changed' },
      },
      { action: 'Delete', before: { lastName: 'Tamm' }, after: null },
    ]);
    expect(JSON.stringify(audit)).not.toMatch(/swordfish|secret words|scrypt/);
    expect(await as(admin, 'GET', '/api/v2/audit?after=2')).toMatchObject({ audit: [{ number: 3 }] });
    expect(await as(admin, 'GET', '/api/v2/audit/verification')).toMatchObject({ intact: true, entries: 3 });
  });

  it.each([
    ['a changed row', "UPDATE audit SET user_name = 'somebody' WHERE number = 2", 2],
    ['a row that was taken out', 'DELETE FROM audit WHERE number = 2', 2],
    ['rows that were cut off', 'DELETE FROM audit WHERE number > 1', 2],
  ])('notices %s', async (_what, sql, brokenAt) => {
    for (const name of ['A', 'B', 'C']) await as(admin, 'POST', '/api/v2/skills', { name });
    const db = new DatabaseSync(join(box.dataFolder, 'parley.db'), { timeout: 5_000 });
    db.exec(`DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted; ${sql}`);
    db.close();
    expect(await as(admin, 'GET', '/api/v2/audit/verification')).toMatchObject({ intact: false, brokenAt });
  });

  it('goes on after a restart where it stood', async () => {
    await as(admin, 'POST', '/api/v2/skills', { name: 'A' });
    await box.restart();
    const again = box.agent('admin');
    await again.signIn();
    await as(again, 'POST', '/api/v2/skills', { name: 'B' });
    expect(await as(again, 'GET', '/api/v2/audit/verification')).toMatchObject({ intact: true, entries: 2 });
  });
});

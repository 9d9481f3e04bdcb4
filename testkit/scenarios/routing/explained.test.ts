import type { DryRun, RoutingRecord } from '@parley/contract/gws/routing.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let kristi: TestAgent;
let sofia: TestAgent;

const password = 'demo';
const refunds = (level: number) => [{ skill: 'refunds', level }];

beforeEach(async () => {
  box = await startServer({
    config: {
      skills: ['refunds'],
      agents: [
        { userName: 'marat', password, skills: { refunds: 2 }, chatCapacity: 1 },
        { userName: 'kristi', password, skills: { refunds: 8 }, chatCapacity: 1 },
        { userName: 'olga', password, queues: ['sales'] },
        { userName: 'sofia', password, roles: ['supervisor'] },
        { userName: 'root', password, roles: ['admin'] },
      ],
      queues: [
        {
          name: 'support',
          skills: refunds(5),
          relaxation: [{ afterMs: 45_000, skills: refunds(1) }],
          maxWaitMs: 600_000,
        },
        { name: 'sales', maxWaiting: 0, busyText: 'Nobody sells now.' },
      ],
      services: [
        { name: 'customer-support', queue: 'support' },
        { name: 'sales', queue: 'sales' },
      ],
    },
  });
  [marat, kristi, sofia] = [box.agent('marat'), box.agent('kristi'), box.agent('sofia')];
  await sofia.signIn();
});

afterEach(() => box.stop());

interface Answer<Body> {
  readonly status: number;
  readonly body: Body & { readonly statusCode: number };
}

async function ask<Body>(agent: TestAgent, path: string, init: RequestInit = {}): Promise<Answer<Body>> {
  const response = await agent.fetch(`${box.baseUrl}/api/v2${path}`, init);
  return { status: response.status, body: (await response.json()) as Answer<Body>['body'] };
}

async function recordOf(agent: TestAgent, chatId: string): Promise<RoutingRecord> {
  const { status, body } = await ask<{ routing: RoutingRecord }>(agent, `/chats/${chatId}/routing`);
  expect(status).toBe(200);
  return body.routing;
}

function dryRun(agent: TestAgent, body: object): Promise<Answer<{ dryRun: DryRun }>> {
  const headers = { 'content-type': 'application/json' };
  return ask(agent, '/routing/dry-run', { method: 'POST', headers, body: JSON.stringify(body) });
}

const verdicts = (of: RoutingRecord | DryRun): string[] =>
  (of.explanation?.agents ?? []).map(({ user, rule }) => `${user.userName} ${rule}`);

describe("a chat's routing record", () => {
  it('says what leaves each agent out, and when that changes', async () => {
    await marat.goToWork();
    await kristi.goToWork('NotReady');
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    box.clock.advance(15_000);
    const waiting = await recordOf(sofia, customer.chatId);
    expect(waiting).toMatchObject({
      id: customer.chatId,
      waiting: true,
      explanation: {
        queue: 'support',
        positionInQueue: 1,
        waitedMs: 15_000,
        skills: refunds(5),
        nextRelaxation: { at: '2014-01-02T14:24:03.000-0800', skills: refunds(1) },
        nextChangeAt: '2014-01-02T14:24:03.000-0800',
        waitEndsAt: '2014-01-02T14:33:18.000-0800',
        wouldGet: null,
        signedOut: 3,
      },
      history: [{ step: 'Queued', reason: 'requested', queue: 'support', skills: refunds(5) }],
    });
    expect(waiting.explanation?.agents).toMatchObject([
      { user: { userName: 'marat' }, rule: 'level-too-low', neededLevel: 5, level: 2 },
      { user: { userName: 'kristi' }, rule: 'not-ready' },
    ]);
  });

  it('tells every offer with its reason, to the agents of the chat and to nobody else', async () => {
    await kristi.goToWork();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    await kristi.offered();
    await kristi.reject(customer.chatId);
    await marat.goToWork();
    const refused = await recordOf(kristi, customer.chatId);
    expect(verdicts(refused)).toEqual(['marat level-too-low', 'kristi excluded-until']);
    box.clock.advance(45_000);
    await expect.poll(async () => (await recordOf(sofia, customer.chatId)).history.length).toBe(5);
    const offered = await recordOf(sofia, customer.chatId);
    expect(offered).toMatchObject({ waiting: false, explanation: null });
    expect(offered.history.map(({ step, reason, user }) => [step, reason, user?.userName])).toEqual([
      ['Queued', 'requested', undefined],
      ['Offered', 'longest-ready', 'kristi'],
      ['Rejected', undefined, 'kristi'],
      ['Queued', 'rejected', 'kristi'],
      ['Offered', 'longest-ready', expect.any(String)],
    ]);
    expect(offered.history[1]).toMatchObject({ waitedMs: 0, eligibleAgents: 1 });
    const olga = box.agent('olga');
    await olga.signIn();
    const strange = await ask(olga, `/chats/${customer.chatId}/routing`);
    expect(strange).toMatchObject({ status: 404, body: { statusCode: 6 } });
    expect(await ask(sofia, '/chats/0000000000000000/routing')).toMatchObject({ status: 404 });
  });

  it('does not betray a supervisor who listens unseen, and can be read when the chat is over', async () => {
    await kristi.goToWork();
    await sofia.goToWork();
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    await kristi.offered();
    await kristi.accept(customer.chatId, { nickname: 'Kristi' });
    const path = `/users/${(await kristi.me()).id}/chats/${customer.chatId}`;
    const intrude = { operationName: 'Intrude', supervisorVisibilityMode: 'Monitor' };
    await ask(sofia, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(intrude),
    });
    await sofia.offered();
    await sofia.accept(customer.chatId, { nickname: 'Sofia' });
    await kristi.complete(customer.chatId);
    const { history } = await recordOf(kristi, customer.chatId);
    expect(history.map(({ step }) => step)).toEqual(['Queued', 'Offered', 'Accepted', 'Ended']);
    expect(JSON.stringify(history)).not.toContain('sofia');
  });
});

describe('a dry run', () => {
  it('says who would get a chat now, and changes nothing', async () => {
    await marat.goToWork();
    box.clock.advance(1_000);
    await kristi.goToWork();
    const { body } = await dryRun(sofia, { service: 'customer-support' });
    expect(body.dryRun).toMatchObject({
      admission: { outcome: 'Enter', queue: 'support', text: '' },
      explanation: { wouldGet: { userName: 'kristi' }, nextChangeAt: null, waitedMs: 0 },
    });
    expect(verdicts(body.dryRun)).toEqual(['kristi would-get', 'marat level-too-low']);
    expect(await kristi.chats()).toEqual([]);

    const eased = await dryRun(sofia, { queue: 'support', skills: refunds(1), priority: 7 });
    expect(eased.body.dryRun.explanation).toMatchObject({ effectivePriority: 7, nextRelaxation: null });
    expect(verdicts(eased.body.dryRun)).toEqual(['marat would-get', 'kristi behind-in-order']);
  });

  it('says the same as what then happens', async () => {
    await marat.goToWork();
    await kristi.goToWork();
    const { body } = await dryRun(sofia, { service: 'customer-support' });
    const customer = box.customer();
    await customer.requestChat({ nickname: 'PersonP' });
    const foretold = body.dryRun.explanation?.wouldGet?.userName;
    const offered = await (foretold === 'kristi' ? kristi : marat).offered();
    expect(offered.id).toBe(customer.chatId);
  });

  it('knows that a chat would be refused, and by which words', async () => {
    const root = box.agent('root');
    await root.signIn();
    expect((await dryRun(root, { service: 'sales' })).body.dryRun).toEqual({
      admission: { outcome: 'Refuse', queue: null, text: 'Nobody sells now.' },
      explanation: null,
    });
  });

  it.each([
    [{}, 1],
    [{ service: 'customer-support', queue: 'support' }, 10],
    [{ queue: 'suport' }, 6],
    [{ service: 'support' }, 6],
    [{ queue: 'support', contactId: 'nobody' }, 6],
    [{ queue: 'support', skills: [{ skill: 'refunds', level: 11 }] }, 10],
  ])('of %j is refused with %i', async (body, statusCode) => {
    expect((await dryRun(sofia, body)).body).toMatchObject({ statusCode });
  });

  it('is for supervisors and administrators', async () => {
    await marat.signIn();
    expect((await dryRun(marat, { queue: 'support' })).body).toMatchObject({ statusCode: 5 });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Answer } from '../../ask.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';
import type { TestCustomer } from '../../test-customer.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;
let customer: TestCustomer;

const idOf = (position: number): string => `00000000-0000-4000-8000-00000000000${position}`;

beforeEach(async () => {
  box = await startServer({
    config: {
      standardResponses: [
        {
          id: idOf(1),
          name: 'Welcome',
          category: 'Greetings/First',
          subject: 'For <$ Customer.LastName $>',
          body: 'Hi <$Customer.FirstName$>, <$ Agent.FirstName $> here. <$ Weather.Today $> <$ Interaction.AttachedData("Plan") $>',
        },
        { id: idOf(2), name: 'Draft', category: 'Drafts', body: 'Not yet.', approved: false },
      ],
    },
  });
  marat = box.agent('marat');
  await marat.goToWork();
  customer = box.customer();
  await customer.requestChat({
    firstName: '<$ Agent.UserName $>',
    lastName: 'Pea',
    nickname: 'PersonP',
    userData: { Plan: 'Gold' },
  });
  await marat.offered();
  await marat.accept(customer.chatId, { nickname: 'Marat' });
});

afterEach(() => box.stop());

const post = (path: string, body: object, agent = marat): Promise<Answer> =>
  ask(agent, box.baseUrl, ['POST', `/api/v2${path}`, body]);
const get = (path: string): Promise<Answer> => ask(marat, box.baseUrl, ['GET', `/api/v2${path}`]);

describe('a standard response', () => {
  it('is read without what it does not have, with the group it is found in', async () => {
    const { responseTemplate } = await get(`/response-templates/${idOf(1)}`);
    expect(responseTemplate).toMatchObject({ name: 'Welcome', language: 'English', approved: true });
    expect(responseTemplate).not.toHaveProperty('description');
    const { groupUri } = responseTemplate as { groupUri: string };
    const response = await marat.fetch(`${groupUri}?subresources=*`);
    expect(await response.json()).toMatchObject({
      group: { name: 'First', type: 'response-templates', responseTemplates: [{ id: idOf(1) }] },
    });
  });

  it('that is not approved is not there for agents', async () => {
    expect(await get(`/response-templates/${idOf(2)}`)).toMatchObject({ statusCode: 6 });
    expect(await get('/response-templates?fields=name')).toMatchObject({
      responseTemplates: [{ name: 'Welcome' }],
    });
  });

  it('is rendered for the chat; a code without a value stays, and what is filled in is not read again', async () => {
    const render = { operationName: 'Render', chatId: customer.chatId };
    expect(await post(`/response-templates/${idOf(1)}`, render)).toEqual({
      httpStatus: 200,
      statusCode: 0,
      subject: 'For Pea',
      text: 'Hi <$ Agent.UserName $>, Marat here. <$ Weather.Today $> Gold',
      unresolved: ['Weather.Today'],
    });
    const kristi = box.agent('kristi');
    await kristi.signIn();
    expect(await post(`/response-templates/${idOf(1)}`, render, kristi)).toMatchObject({ statusCode: 6 });
    expect(await post(`/response-templates/${idOf(2)}`, render)).toMatchObject({ statusCode: 6 });
  });
});

describe('the contact server’s requests', () => {
  const platform = '/platform/contactserver';

  it('list the root categories, all or those with something approved', async () => {
    const all = await post(`${platform}/RequestGetRootCategories`, {});
    expect(all).toMatchObject({
      response: 'EventGetRootCategories',
      data: {
        categories: [
          { name: 'Greetings', status: 'Approved', type: 2 },
          { name: 'Drafts', status: 'NotApproved' },
        ],
      },
    });
    expect(await post(`${platform}/GetApprovedRootCategories`, { language: 'English' })).toMatchObject({
      data: { categories: [{ name: 'Greetings' }] },
    });
    expect(await post(`${platform}/GetApprovedRootCategories`, { language: 'Latin' })).toMatchObject({
      data: { categories: [] },
    });
  });

  it('record the use of a response, which outlives a restart', async () => {
    const path = `${platform}/ReportStandardResponseUsage/${idOf(1)}`;
    const used = { chatId: customer.chatId, responseType: 'SuggestedResponseChoosen' };
    const first = await post(path, used);
    expect(first).toMatchObject({
      response: 'EventAddStdRespUsage',
      data: { referenceId: expect.any(Number) },
    });
    await post(path, used);
    await post(path, { chatId: customer.chatId });
    await box.restart();
    await marat.signIn();
    expect(await get(`/response-templates/${idOf(1)}?subresources=usage`)).toMatchObject({
      responseTemplate: { usage: { SuggestedResponseChoosen: 2, SystemAutoResponse: 1 } },
    });
    expect(await post(path, {})).toMatchObject({ statusCode: 1 });
    expect(await post(path, { chatId: 'x', responseType: 'Liked' })).toMatchObject({ statusCode: 10 });
    expect(await post(`${platform}/ReportStandardResponseUsage/none`, used)).toMatchObject({ statusCode: 6 });
  });
});

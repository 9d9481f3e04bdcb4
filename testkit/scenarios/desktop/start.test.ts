import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Answer } from '../../ask.ts';
import type { ManualClock } from '../../manual-clock.ts';
import { startServer, type ServerInABox } from '../../server-in-a-box.ts';
import type { TestAgent } from '../../test-agent.ts';

let box: ServerInABox<ManualClock>;
let marat: TestAgent;

beforeEach(async () => {
  box = await startServer({
    config: {
      skills: ['Billing', 'English'],
      queues: [{ name: 'support' }, { name: 'billing', skills: [{ skill: 'Billing', level: 5 }] }],
      directory: [{ name: 'Front desk', phoneNumber: '+372 555 0100' }],
      businessUnits: [{ name: 'Everybody' }, { name: 'Evening', agents: ['kristi'] }],
    },
  });
  marat = box.agent('marat');
  await marat.signIn();
});

afterEach(() => box.stop());

const get = (path: string, agent: TestAgent = marat): Promise<Answer> =>
  ask(agent, box.baseUrl, ['GET', path]);

describe('a collection', () => {
  it('without fields is a list of addresses that can be read', async () => {
    const { uris } = (await get('/api/v2/queues')) as unknown as { uris: string[] };
    expect(uris).toHaveLength(2);
    const response = await marat.fetch(uris[1] ?? '');
    expect(await response.json()).toMatchObject({
      statusCode: 0,
      queue: { name: 'billing', channel: 'chat', skills: [{ skill: 'Billing', level: 5 }] },
    });
  });

  it('answers the named fields of the items that the parameters let through', async () => {
    expect(await get('/api/v2/queues?fields=name,channel&name=support')).toMatchObject({
      totalCount: 1,
      queues: [{ name: 'support', channel: 'chat' }],
    });
    expect((await get('/api/v2/queues?fields=*&channel=voice')).queues).toEqual([]);
  });

  it('is sorted and cut into pages, counting all', async () => {
    const page = await get('/api/v2/skills?fields=name&sortBy=name&order=Descending&limit=1&offset=1');
    expect(page).toEqual({ httpStatus: 200, statusCode: 0, totalCount: 2, skills: [{ name: 'Billing' }] });
    expect(await get('/api/v2/skills?limit=many')).toMatchObject({ statusCode: 10 });
  });
});

describe('groups', () => {
  it('of dispositions are flat in the settings and a tree in the groups', async () => {
    const flat = await get('/api/v2/settings/dispositions');
    expect(flat).toMatchObject({ statusCode: 0, key: 'name' });
    expect((flat.settings as { name: string }[]).map(({ name }) => name)).toEqual([
      'Answered',
      'Follow-up',
      'Escalated',
      'No reply',
    ]);
    const { groups } = await get('/api/v2/groups?type=dispositions&fields=*&subresources=**');
    expect(groups).toMatchObject([
      {
        type: 'dispositions',
        contains: ['dispositions'],
        defaultGroup: true,
        dispositions: [{ name: 'No reply' }],
        groups: [
          { name: 'Solved', dispositions: [{ name: 'Answered' }] },
          { name: 'Open', dispositions: [{ displayName: 'Follow-up needed' }, { name: 'Escalated' }] },
        ],
      },
    ]);
    const [bare] = (await get('/api/v2/groups?type=dispositions&fields=*')).groups as { id: string }[];
    expect(bare).not.toHaveProperty('groups');
    expect(bare?.id).toMatch(/^1-/);
  });

  it('of one id can be read, with one level of what is in it', async () => {
    const [root] = (await get('/api/v2/groups?type=dispositions&fields=id')).groups as { id: string }[];
    const { group } = await get(`/api/v2/groups/${root?.id}?subresources=*`);
    expect(group).toMatchObject({ groups: [{ name: 'Solved' }, { name: 'Open' }] });
    expect((group as { groups: object[] }).groups[0]).not.toHaveProperty('dispositions');
    expect(await get('/api/v2/groups/1-nothing')).toMatchObject({ httpStatus: 404, statusCode: 6 });
  });

  it('of people are those one belongs to, and stand in /me as well', async () => {
    const names = async (agent: TestAgent): Promise<unknown> =>
      ((await get('/api/v2/me/groups?type=BusinessUnit&fields=*', agent)).groups as { name: string }[]).map(
        ({ name }) => name,
      );
    const kristi = box.agent('kristi');
    const user = await kristi.signIn();
    expect(user.groups.map(({ name, type }) => `${type} ${name}`)).toEqual([
      'BusinessUnit Everybody',
      'BusinessUnit Evening',
    ]);
    expect(await names(kristi)).toEqual(['Everybody', 'Evening']);
    expect(await names(marat)).toEqual(['Everybody']);
  });
});

describe('settings', () => {
  it('are answered by group and by section, and stand in /me', async () => {
    expect(await get('/api/v2/settings/general-settings')).toMatchObject({
      key: 'name',
      settings: { countryCode: 'US' },
    });
    expect(await get('/api/v2/settings/nothing')).toMatchObject({ statusCode: 6 });
    expect(await get('/api/v2/settings/toString')).toMatchObject({ statusCode: 6 });
    const section = await get('/api/v2/me/settings/interaction-workspace');
    expect(section.settings).toContainEqual({ name: 'chat.typing-timeout', value: '10' });
    expect((await marat.me()).settings['interaction-workspace']).toMatchObject({
      'chat.nickname': '$Agent.UserName$',
    });
  });

  it('of the private API come as the web desktop reads them', async () => {
    const { resources } = await get('/internal-api/me/settings?fields=*');
    expect(resources).toMatchObject({ user: { settings: [{ name: 'interaction-workspace' }] } });
    expect((resources as { agentStates: unknown[] }).agentStates).toHaveLength(5);
    const center = await get('/internal-api/contact-center?subresources=businessAttributes');
    expect(center.resources).toHaveProperty('businessAttributes[0].values[0].displayName', 'Answered');
    const { businessAttributes } = await get('/internal-api/business-attributes');
    expect(businessAttributes).toHaveProperty('[0].userProperties', []);
    expect(await get('/internal-api/lucene/index')).toMatchObject({ statusCode: 0 });
  });

  it('say that there is no voice', async () => {
    expect(await get('/api/v2/me/devices?fields=*')).toMatchObject({ statusCode: 0, devices: [] });
    expect(await get('/api/v2/me/calls?fields=*')).toMatchObject({ statusCode: 0, calls: [] });
    expect(await get('/api/v2/me/devices/x/settings/tserver')).toMatchObject({ statusCode: 6 });
  });
});

describe('the directory', () => {
  it('shows who can be reached, and how busy they are', async () => {
    const customer = box.customer();
    await marat.goToWork();
    await customer.requestChat({ nickname: 'PersonP' });
    await marat.offered();
    const { contacts, totalCount } = await get('/api/v2/contacts?fields=*&type=User,Queue&sortBy=name');
    expect(totalCount).toBe(6);
    const find = (name: string): unknown => (contacts as { name: string }[]).find((one) => one.name === name);
    expect(find('Marat')).toMatchObject({
      type: 'User',
      roles: ['ROLE_AGENT'],
      availability: {
        channels: [{ channel: 'chat', available: true, load: 1, capacity: 3, userState: { state: 'Ready' } }],
      },
    });
    expect(find('Kristi')).toMatchObject({ availability: { channels: [] } });
    expect(find('support')).toMatchObject({ type: 'Queue', availability: { channels: [{ load: 0 }] } });
  });

  it('is searched by name, number, channel and the named filter', async () => {
    const names = async (query: string): Promise<unknown> =>
      ((await get(`/api/v2/contacts?fields=name&${query}`)).contacts as { name: string }[]).map(
        ({ name }) => name,
      );
    expect(await names('name=KRIS')).toEqual(['Kristi']);
    expect(await names('phoneNumber=0100')).toEqual(['Front desk']);
    expect(await names('type=Custom')).toEqual(['Front desk']);
    expect(await names('channel=voice')).toEqual([]);
    expect(await names('filterName=NamesOrPhoneNumberMatches&filterParameters=desk 0100')).toEqual([
      'Front desk',
    ]);
    expect(await get('/api/v2/contacts?filterName=Anything')).toMatchObject({ statusCode: 10 });
  });

  it('answers one contact by the id of the user', async () => {
    const { id } = await marat.me();
    expect(await get(`/api/v2/contacts/${id}?type=User`)).toMatchObject({ contact: { userName: 'marat' } });
    expect(await get(`/api/v2/contacts/${id}?type=Queue`)).toMatchObject({ statusCode: 6 });
  });
});

it('names the services, all of them active', async () => {
  const { services } = await get('/api/v2/services?fields=*');
  const named = (services as { type: string; state: string }[]).map(({ type, state }) => `${type} ${state}`);
  expect(named).toEqual(['Provisioning Active', 'MultiMediaState Active', 'MultiMediaContent Active']);
});

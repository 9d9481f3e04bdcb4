import { describe, expect, it } from 'vitest';
import { ConfigError } from './problem.ts';
import { usesDemoPasswords, type Config } from './config.ts';
import { loadConfig, readConfig } from './load.ts';

const machine = { timeZone: 'Europe/Tallinn' };

interface Given {
  readonly file?: string;
  readonly env?: Record<string, string>;
}

function load({ file, env = {} }: Given): Promise<Config> {
  const named = file === undefined ? {} : { PARLEY_CONFIG: 'parley.yaml' };
  return loadConfig({ env: { ...named, ...env }, machine, readFile: async () => file ?? '' });
}

/** The problems of a file that must be refused. */
async function problemsOf(file: string): Promise<readonly string[]> {
  const error: unknown = await load({ file }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigError)) throw error ?? new Error('the file was accepted');
  return error.problems;
}

describe('without a file', () => {
  it('is the demo contact centre', async () => {
    const config = await load({});
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080, trustedProxies: [] });
    expect(config.dataFolder).toBe('./data');
    expect(config.agents.map(({ userName, roles, password }) => [userName, roles, password])).toEqual([
      ['marat', ['agent'], 'demo'],
      ['kristi', ['agent'], 'demo'],
      ['sofia', ['agent', 'supervisor'], 'demo'],
      ['admin', ['admin'], 'demo'],
    ]);
    expect(config.queues.map((queue) => queue.name)).toEqual(['support']);
    expect(config.services).toMatchObject([{ name: 'customer-support', queue: 'support' }]);
    expect(usesDemoPasswords(config)).toBe(true);
  });

  it('takes the time zone of the machine', async () => {
    expect((await load({})).timeZone).toBe('Europe/Tallinn');
  });

  it('derives ids that stay the same', async () => {
    const ids = (await load({})).agents.map((agent) => agent.id);
    expect(ids[0]).toBe('17fb43c26bac2797dbcb4158ff4060ed');
    expect(new Set(ids).size).toBe(4);
  });
});

describe('the environment', () => {
  it('names the database, and a wrong URL is told without repeating its password', async () => {
    const env = { PARLEY_DATABASE_URL: 'postgres://u:p@h/d' };
    expect((await load({ file: 'database: {readConnections: 2}', env })).database).toMatchObject({
      url: 'postgres://u:p@h/d',
      readConnections: 2,
    });
    const wrong = 'mysql://u:secret@h/d';
    await expect(load({ env: { PARLEY_DATABASE_URL: wrong } })).rejects.toThrow(
      /^(?!.*secret).*PARLEY_DATABASE_URL/,
    );
    expect((await problemsOf(`database: {url: "${wrong}"}`)).join()).toMatch(/^(?!.*secret).*database\.url/);
  });

  it('wins over the file', async () => {
    const env = { PARLEY_HOST: '::1', PARLEY_PORT: '0', PARLEY_DATA: '/var/lib/parley' };
    const config = await load({ file: 'listen: {host: localhost, port: 9}\ndataFolder: d', env });
    expect(config.listen).toEqual({ host: '::1', port: 0, trustedProxies: [] });
    expect(config.dataFolder).toBe('/var/lib/parley');
  });

  it('counts an empty variable as unset', async () => {
    const config = await load({
      env: { PARLEY_HOST: '', PARLEY_PORT: '', PARLEY_DATA: '', PARLEY_CONFIG: '' },
    });
    expect(config.listen.port).toBe(8080);
  });

  it.each(['eighty', '65536', '-1', '80.5', '8e3', ' 80', 'tcp://10.0.0.1:80'])(
    'refuses the port %j',
    async (port) => {
      await expect(load({ env: { PARLEY_PORT: port } })).rejects.toThrow(
        `PARLEY_PORT: found ${JSON.stringify(port)}; allowed: a whole number from 0 to 65535`,
      );
    },
  );

  it('names the file that does not exist', async () => {
    const missing = Object.assign(new Error('no'), { code: 'ENOENT' });
    const loading = loadConfig({
      env: { PARLEY_CONFIG: 'nowhere.yaml' },
      machine,
      readFile: () => Promise.reject(missing),
    });
    await expect(loading).rejects.toThrow('The configuration nowhere.yaml: there is no such file');
  });
});

describe('the file', () => {
  it('is YAML or JSON, with tabs in the JSON', async () => {
    const yaml = await load({ file: 'listen:\n  port: 9000\n' });
    const json = await load({ file: '{\n\t"listen": {\n\t\t"port": 9000\n\t}\n}' });
    expect(json).toEqual(yaml);
    expect(json.listen).toEqual({ host: '127.0.0.1', port: 9000, trustedProxies: [] });
  });

  it('may be empty', async () => {
    expect(await load({ file: '# nothing yet\n' })).toEqual(await load({}));
  });

  it('fills in what an agent leaves out', async () => {
    const { agents } = await load({ file: 'agents: [{userName: ann, password: x, roles: [supervisor]}]' });
    expect(agents).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        userName: 'ann',
        password: 'x',
        firstName: '',
        lastName: '',
        nickname: 'ann',
        roles: ['supervisor'],
        skills: {},
        queues: null,
        chatCapacity: 3,
        features: ['api-multimedia-chat', 'api-supervisor-monitoring', 'api-supervisor-agent-control'],
      },
    ]);
  });

  it('is frozen throughout, and does not share what aliases share', async () => {
    const config = await load({ file: 'skills: &s [a, b]\nagentSession: {channels: [chat]}' });
    const thaw = (value: unknown): boolean =>
      typeof value === 'object' &&
      value !== null &&
      (!Object.isFrozen(value) || Object.values(value).some(thaw));
    expect(thaw(config)).toBe(false);
  });

  it('does not freeze or change the value it is given', () => {
    const value = { skills: ['a'], agents: [] };
    readConfig(value, { machine });
    expect(Object.isFrozen(value.skills)).toBe(false);
    expect(value).toEqual({ skills: ['a'], agents: [] });
  });
});

describe('a mistake', () => {
  it('in a key is told with its place, what was meant and what is allowed', async () => {
    expect(await problemsOf('queues:\n  - name: a\n    prioriti: 1\nservices: []')).toEqual([
      'line 3, column 5: queues[0].prioriti: unknown key; did you mean "priority"? allowed: ' +
        'name, skills, priority, ageingPerMinute, offerTimeoutMs, declineBackoffMs, afterNoAnswer, offerGraceMs, ' +
        'lateReplyAlarmMs, idleAlarmMs, afterChatWorkMs, dispositionIsMandatory, relaxation, businessHours, ' +
        'whenClosed, closedText, overflowQueue, maxWaiting, whenFull, whenUnstaffed, busyText, maxWaitMs, ' +
        'whenWaitedTooLong, waitedText',
    ]);
  });

  it('does not hide the others', async () => {
    const problems = await problemsOf(`
listen: { port: eighty }
loglevel: info
queues: [{ priority: 1.5 }]
limits: null
`);
    expect(problems).toEqual([
      expect.stringContaining('loglevel: unknown key; did you mean "logLevel"?'),
      'line 2, column 17: listen.port: found "eighty" (text); allowed: a whole number from 0 to 65535',
      'line 4, column 10: queues[0].name: missing; needed: text of 1 to 64 characters',
      expect.stringContaining('queues[0].priority: found 1.5; allowed: a whole number'),
      expect.stringContaining(
        'line 5, column 9: limits: found nothing; allowed: a section with the keys bodyBytes',
      ),
    ]);
  });

  it.each([
    ['a: [1', 'line 1, column 6: Flow sequence'],
    ['a: 1\na: 2', 'line 2, column 1: Map keys must be unique'],
    ['{"skills": [], "skills": []}', 'line 1, column 16: Map keys must be unique'],
    ['\tskills: []', 'line 1, column 1: Tabs are not allowed as indentation'],
    ['skills: []\n---\nskills: []', 'line 2, column 1: Source contains multiple documents'],
    ['skills: !!js/function "x"', 'line 1, column 9: Unresolved tag'],
    ['skills: *nobody', 'Unresolved alias'],
  ])('in the syntax of %j is told with line and column', async (file, sentence) => {
    expect((await problemsOf(file))[0]).toContain(sentence);
  });

  it.each(['just text', '[1, 2]', '42', 'true'])('is a file like %j', async (file) => {
    expect((await problemsOf(file))[0]).toMatch(
      /the file: found .*; allowed: a section with the keys listen,/,
    );
  });

  it('beyond the fiftieth is only counted', async () => {
    const keys = Array.from({ length: 60 }, (_, n) => `key${n}: 1`).join('\n');
    await expect(load({ file: keys })).rejects.toThrow(/has 60 mistakes:[^]*key49[^]*and 10 more$/);
  });
});

describe('a hostile file', () => {
  it('full of aliases of aliases is refused at once', async () => {
    const level = (n: number): string =>
      `a${n}: &a${n} [${Array(9)
        .fill(`*a${n - 1}`)
        .join(',')}]`;
    const bomb = ['a0: &a0 [x]', ...Array.from({ length: 20 }, (_, n) => level(n + 1))].join('\n');
    expect((await problemsOf(bomb))[0]).toContain('alias');
  });

  it('that contains itself is refused', async () => {
    expect((await problemsOf('skills: &s [*s]'))[0]).toContain('skills[0]: found a list');
  });

  it('nested beyond measure is refused', async () => {
    expect((await problemsOf('['.repeat(100_000))).length).toBeLessThanOrEqual(5);
  });

  it('of enormous size is refused unread', async () => {
    expect((await problemsOf(' '.repeat(16_777_217)))[0]).toContain('the file has 16777217 characters');
  });

  it.each([
    '__proto__: {skills: [x]}',
    '{"__proto__": {"skills": ["x"]}}',
    'constructor: {prototype: {a: 1}}',
    'toString: 1',
    'listen: {__proto__: {port: 1}}',
    'listen: {hasOwnProperty: 1}',
  ])('%j finds no key of that name', async (file) => {
    expect((await problemsOf(file))[0]).toContain('unknown key');
    expect(({} as Record<string, unknown>)['skills']).toBeUndefined();
  });

  it('cannot give a skill the name of the prototype', async () => {
    const problems = await problemsOf(
      'skills: [__proto__]\nagents: [{userName: a, password: b, skills: {__proto__: 3}}]',
    );
    expect(problems).toEqual(['line 2, column 46: agents[0].skills.__proto__: this name is not allowed']);
  });

  it('with strange keys is told so on one line', async () => {
    const [problem] = await problemsOf('"a\\nb\\e[31m": 1');
    expect(problem).toContain(String.raw`["a\nb\u001b[31m"]: unknown key`);
  });

  it('does not get its passwords printed', async () => {
    const problems = await problemsOf(
      'agents: [{userName: a, password: 12345678}, {userName: b, passwordHash: hunter2}]',
    );
    expect(problems.join()).not.toMatch(/12345678|hunter2/);
    expect(problems).toHaveLength(2);
  });
});

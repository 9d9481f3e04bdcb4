import { describe, expect, it } from 'vitest';
import { readConfig } from './load.ts';
import { ConfigError } from './problem.ts';

const hash = `scrypt$16384$8$1$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;

function problemsOf(value: unknown): readonly string[] {
  try {
    readConfig(value, { machine: { timeZone: 'UTC' } });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const agent = { userName: 'ann', password: 'x' };

describe('names', () => {
  it.each([
    [
      { agents: [agent, { ...agent, userName: 'ANN' }] },
      'agents[1].userName: "ANN" is taken already (by entry [0])',
    ],
    [
      {
        agents: [
          { ...agent, id: '0'.repeat(32) },
          { userName: 'b', password: 'x', id: '0'.repeat(32) },
        ],
      },
      'agents[1].id: "00000000000000000000000000000000" is taken already (by entry [0])',
    ],
    [
      { queues: [{ name: 'support' }, { name: 'support' }] },
      'queues[1].name: "support" is taken already (by entry [0])',
    ],
    [
      {
        services: [
          { name: 'a', queue: 'support' },
          { name: 'a', queue: 'support' },
        ],
      },
      'services[1].name: "a" is taken already (by entry [0])',
    ],
    [
      { agentStates: [1, 2].map(() => ({ operationName: 'Lunch', displayName: 'Lunch' })) },
      'agentStates[1].operationName: "Lunch" is taken already (by entry [0])',
    ],
    [{ skills: ['a', 'a'] }, 'skills[1]: "a" (text) is in the list twice (also at [0])'],
  ])('are unique: %j', (value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });

  it.each([
    [
      { agents: [{ ...agent, queues: ['suport'] }] },
      'agents[0].queues[0]: there is no queue "suport"; did you mean "support"? `queues` has support',
    ],
    [
      { agents: [{ ...agent, skills: { Englsh: 3 } }], skills: ['English'] },
      'agents[0].skills.Englsh: there is no skill "Englsh"; did you mean "English"? `skills` has English',
    ],
    [
      { queues: [{ name: 'support', skills: [{ skill: 'French' }] }] },
      'queues[0].skills[0].skill: there is no skill "French"; `skills` is empty',
    ],
    [
      { services: [{ name: 'a', queue: 'sales' }] },
      'services[0].queue: there is no queue "sales"; `queues` has support',
    ],
  ])('refer to what exists: %j', (value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });

  it.each(['Ready', 'Offline', 'StartContactCenterSession', 'DoNotDisturbOn'])(
    'of not-ready reasons are not %s, which is built in',
    (operationName) => {
      expect(problemsOf({ agentStates: [{ operationName, displayName: 'x' }] })).toEqual([
        `agentStates[0].operationName: "${operationName}" is built in`,
      ]);
    },
  );
});

describe('an agent', () => {
  it('has one password', () => {
    expect(problemsOf({ agents: [{ userName: 'a' }] })).toEqual([
      'agents[0]: missing; needed: password or passwordHash',
    ]);
    expect(problemsOf({ agents: [{ ...agent, passwordHash: hash }] })).toEqual([
      'agents[0]: found both password and passwordHash; allowed: one of them',
    ]);
    expect(problemsOf({ agents: [{ userName: 'a', passwordHash: hash }] })).toEqual([]);
  });

  it.each([
    ['16383', 'power of two'],
    ['8192', 'power of two of at least 16384'],
    ['16777216', '256 MiB'],
  ])('has no password hash with N=%s', (N, why) => {
    const problems = problemsOf({ agents: [{ userName: 'a', passwordHash: hash.replace('16384', N) }] });
    expect(problems[0]).toContain(why);
  });

  it('starts in a state that exists and is not signed out', () => {
    const start = (stateAfterLogin: string) =>
      problemsOf({
        agentSession: { stateAfterLogin },
        agentStates: [{ operationName: 'Lunch', displayName: 'Lunch' }],
      });
    expect(start('Lunch')).toEqual([]);
    expect(start('Offline')).toHaveLength(1);
    expect(start('Lunsh')[0]).toContain('did you mean "Lunch"?');
  });
});

describe('the world outside', () => {
  it.each(['Europe/Talinn', '+03:00', 'x'])('has no time zone %j', (timeZone) => {
    expect(problemsOf({ timeZone })[0]).toContain('allowed: an IANA time zone');
  });

  it.each([
    'https://Desk.example.com',
    'https://desk.example.com:443',
    'https://desk.example.com/',
    'https://user@desk.example.com',
    'null',
    '*',
    'https://*.example.com',
  ])('sends no origin %j', (origin) => {
    expect(problemsOf({ crossOrigin: { allowedOrigins: [origin] } })).toHaveLength(
      origin === 'https://*.example.com' ? 0 : 1,
    );
  });

  it.each(['chat.example.com', 'https://chat.example.com/', 'ftp://x', 'https://a b', 'http://[::1'])(
    'is not reached at %j',
    (externalUrl) => {
      expect(problemsOf({ externalUrl })).toHaveLength(1);
    },
  );

  it('waits longer each time, never shorter', () => {
    expect(problemsOf({ signIn: { firstDelayMs: 2000, longestDelayMs: 1000 } })).toEqual([
      'signIn.longestDelayMs: found 1000; allowed: at least signIn.firstDelayMs (2000)',
    ]);
  });
});

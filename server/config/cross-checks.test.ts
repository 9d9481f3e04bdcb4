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

describe('identity of a service', () => {
  const service = { name: 'a', queue: 'support' };
  const identity = { issuer: 'i', audience: 'a' };
  const problemsWith = (ways: object): readonly string[] =>
    problemsOf({ services: [{ ...service, identity: { ...identity, ...ways } }] });
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

  it('is checked in exactly one way', () => {
    expect(problemsWith({ jwks: [jwk] })).toEqual([]);
    expect(problemsWith({ jwksFile: 'keys.json' })).toEqual([]);
    expect(problemsWith({ secret: 'x'.repeat(32) })).toEqual([]);
    const one = ['services[0].identity: one of secret, jwks and jwksFile is needed, and only one'];
    expect(problemsWith({})).toEqual(one);
    expect(problemsWith({ jwks: [jwk], secret: 'x'.repeat(32) })).toEqual(one);
  });

  it('takes no short secret, no private key and nothing that is no key, and repeats no secret', () => {
    expect(problemsWith({ secret: 'short-secret' })[0]).toMatch(
      /^services\[0\]\.identity\.secret: found this value/,
    );
    expect(problemsWith({ jwks: [{ ...jwk, d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A' }] })).toEqual([
      'services[0].identity.jwks[0]: this is a private key or a shared secret; only public keys belong here',
    ]);
    expect(problemsWith({ jwks: [{ kty: 'oct', k: 'AAAA' }] })[0]).toContain(
      'private key or a shared secret',
    );
    expect(problemsWith({ jwks: [{ kty: 'EC' }] })[0]).toContain('not a public key');
  });
});

describe('addresses', () => {
  it('are addresses or ranges', () => {
    expect(problemsOf({ listen: { trustedProxies: ['10.0.0.0/8', '::1'] } })).toEqual([]);
    expect(problemsOf({ listen: { trustedProxies: ['proxy'] } })).toEqual([
      'listen.trustedProxies[0]: "proxy" is neither an IP address nor a range such as 10.0.0.0/8',
    ]);
    expect(problemsOf({ rateLimits: { exemptAddresses: ['10.0.0.0/99'] } })).toHaveLength(1);
  });
});

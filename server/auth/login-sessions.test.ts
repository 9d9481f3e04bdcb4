import { createHash } from 'node:crypto';
import { ManualClock } from '@parley/testkit/manual-clock.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LoginSessions,
  type LoginSession,
  type LoginSessionChange,
  type LoginSessionsOptions,
} from './login-sessions.ts';
import { kristi, marat, seededRandom } from './test-parts.ts';

const idleTimeoutMs = 1_800_000;

function setUp(changes: Partial<LoginSessionsOptions> = {}) {
  const clock = new ManualClock();
  const told: LoginSessionChange[] = [];
  const sessions = new LoginSessions({
    clock,
    random: seededRandom('sessions'),
    idleTimeoutMs,
    maxSessions: 10,
    maxSessionsPerAgent: 3,
    onChange: (change) => told.push(change) > 0,
    ...changes,
  });
  const ends = () => told.flatMap((change) => (change.kind === 'Ended' ? change.reason : []));
  return { clock, sessions, told, ends };
}

describe('a login session', () => {
  it('is found by its cookie and by no other', () => {
    const { sessions } = setUp();
    const { cookie, session } = sessions.create(marat);
    expect(sessions.find(cookie)).toMatchObject({ agentId: marat, digest: session.digest });
    for (const other of [
      '',
      cookie.slice(1),
      `${cookie}A`,
      session.digest,
      session.csrfToken,
      'x'.repeat(100_000),
    ]) {
      expect(sessions.find(other)).toBeUndefined();
    }
  });

  it('has 256 random bits in its cookie, a UUID for a token, and keeps only the digest', () => {
    const { sessions, told } = setUp();
    const { cookie, session } = sessions.create(marat);
    expect(cookie).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(session.csrfToken).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(session.digest).toBe(createHash('sha256').update(cookie).digest('hex'));
    expect(JSON.stringify(told)).not.toContain(cookie);
  });

  it('is another at each login', () => {
    const { sessions } = setUp({ maxSessionsPerAgent: 1000, maxSessions: 1000 });
    const made = Array.from({ length: 500 }, () => sessions.create(marat));
    expect(new Set(made.map((one) => one.cookie)).size).toBe(500);
    expect(new Set(made.map((one) => one.session.csrfToken)).size).toBe(500);
  });

  it('ends when idle, on the clock and not before', () => {
    const { clock, sessions, ends } = setUp();
    const { cookie } = sessions.create(marat);
    clock.advance(idleTimeoutMs - 1);
    expect(sessions.find(cookie)).toBeDefined();
    clock.advance(idleTimeoutMs - 1);
    expect(ends()).toEqual([]);
    clock.advance(1);
    expect(ends()).toEqual(['Idle']);
    expect(sessions.find(cookie)).toBeUndefined();
    expect([sessions.size, clock.pending()]).toEqual([0, []]);
  });

  it('lives on while a poll or a socket touches it', () => {
    const { clock, sessions } = setUp();
    const { cookie, session } = sessions.create(marat);
    sessions.find(cookie);
    for (let n = 0; n < 5; n++) {
      clock.advance(idleTimeoutMs - 1);
      sessions.touch(session.digest);
    }
    expect(sessions.isLive(session.digest)).toBe(true);
    sessions.touch('0'.repeat(64));
    expect(sessions.size).toBe(1);
  });

  it('ends alone, or with all of its agent', () => {
    const { sessions, ends } = setUp();
    const [one, two] = [sessions.create(marat), sessions.create(marat)];
    const other = sessions.create(kristi);
    sessions.end(one.session.digest);
    expect(sessions.find(one.cookie)).toBeUndefined();
    expect(sessions.find(two.cookie)).toBeDefined();
    sessions.endAllOf(marat);
    expect(sessions.find(two.cookie)).toBeUndefined();
    expect(sessions.find(other.cookie)).toBeDefined();
    sessions.end(one.session.digest);
    expect(ends()).toEqual(['SignedOut', 'SignedOut']);
  });

  it('tells its use coarsely', () => {
    const { clock, sessions, told } = setUp();
    const { cookie } = sessions.create(marat);
    for (let n = 0; n < 600; n++) {
      clock.advance(1000);
      sessions.find(cookie);
    }
    expect(told).toHaveLength(11);
    expect(told.at(-1)).toMatchObject({ kind: 'Stored', row: { lastSeenAtMs: clock.now() } });
  });
});

describe('a login session that could not be stored', () => {
  it('is told with each use until it is', () => {
    let hasRoom = false;
    const told: LoginSessionChange['kind'][] = [];
    const { sessions } = setUp({
      onChange({ kind }) {
        told.push(kind);
        return hasRoom;
      },
    });
    const { cookie } = sessions.create(marat);
    sessions.find(cookie);
    hasRoom = true;
    expect(told).toEqual(['Stored', 'Stored']);
    for (let use = 0; use < 3; use += 1) sessions.find(cookie);
    expect(told).toHaveLength(3);
  });
});

describe('too many sessions', () => {
  it('of an agent end the one idle for longest', () => {
    const { clock, sessions, ends } = setUp();
    const made = [1, 2, 3].map(() => {
      clock.advance(1000);
      const one = sessions.create(marat);
      sessions.find(one.cookie);
      return one;
    });
    clock.advance(1000);
    sessions.find(made[0]?.cookie ?? '');
    sessions.create(marat);
    expect(made.map(({ cookie }) => sessions.find(cookie) !== undefined)).toEqual([true, false, true]);
    expect(ends()).toEqual(['Displaced']);
  });

  it('begun by a client that keeps no cookies do not push out a desktop', () => {
    const { clock, sessions } = setUp();
    const desktop = sessions.create(marat);
    sessions.find(desktop.cookie);
    for (let n = 0; n < 100; n++) {
      clock.advance(1000);
      sessions.create(marat);
    }
    expect(sessions.find(desktop.cookie)).toBeDefined();
    expect(sessions.size).toBe(3);
  });

  it('in all end one of anybody', () => {
    const { sessions } = setUp({ maxSessions: 4, maxSessionsPerAgent: 4 });
    const first = sessions.create(kristi);
    for (let n = 0; n < 4; n++) sessions.create(marat);
    expect(sessions.size).toBe(4);
    expect(sessions.find(first.cookie)).toBeUndefined();
  });
});

describe('after a restart', () => {
  it('the stored sessions go on, with their tokens', () => {
    const before = setUp();
    const { cookie, session } = before.sessions.create(marat);
    const after = setUp();
    after.sessions.restore([session], new Set([marat]));
    expect(after.sessions.find(cookie)).toMatchObject({ agentId: marat, csrfToken: session.csrfToken });
    after.clock.advance(idleTimeoutMs);
    expect(after.ends()).toEqual(['Idle']);
  });

  it('those whose time is up, or whose agent is gone, end', () => {
    const { clock, sessions, ends } = setUp();
    const row = (digest: string, agentId: typeof marat, idleMs: number): LoginSession => {
      const atMs = clock.now() - idleMs;
      return { digest, agentId, csrfToken: 't', createdAtMs: atMs, lastSeenAtMs: atMs };
    };
    const rows = [
      row('long ago', marat, idleTimeoutMs + 60_000),
      row('gone', kristi, 0),
      // Used perhaps a minute later than was stored: still live.
      row('just', marat, idleTimeoutMs + 59_999),
    ];
    sessions.restore(rows, new Set([marat]));
    expect(ends()).toEqual(['UnknownAgent', 'Idle']);
    expect(sessions.isLive('just')).toBe(true);
    clock.advance(1);
    expect(sessions.isLive('just')).toBe(false);
  });

  it('more than may be are cut to the bound', () => {
    const { clock, sessions } = setUp();
    const rows = Array.from({ length: 30 }, (_, n): LoginSession => {
      const atMs = clock.now() - 600_000 + n;
      return { digest: `d${n}`, agentId: marat, csrfToken: 't', createdAtMs: atMs, lastSeenAtMs: atMs };
    });
    sessions.restore(rows, new Set([marat]));
    expect(sessions.size).toBe(10);
    expect(sessions.isLive('d29')).toBe(true);
  });
});

it('what is told is what there is, whatever happens', () => {
  const act = fc.oneof(
    fc.record({ act: fc.constant('create' as const), agent: fc.constantFrom(marat, kristi) }),
    fc.record({ act: fc.constantFrom('find' as const, 'end' as const, 'touch' as const), which: fc.nat(9) }),
    fc.record({ act: fc.constant('endAllOf' as const), agent: fc.constantFrom(marat, kristi) }),
    fc.record({ act: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: idleTimeoutMs }) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const { clock, sessions, told } = setUp({ maxSessions: 4 });
      const made: { cookie: string; session: LoginSession }[] = [];
      for (const step of acts) {
        if (step.act === 'create') made.push(sessions.create(step.agent));
        else if (step.act === 'wait') clock.advance(step.ms);
        else if (step.act === 'endAllOf') sessions.endAllOf(step.agent);
        else {
          const one = made[step.which];
          if (one && step.act === 'find') sessions.find(one.cookie);
          else if (one) sessions[step.act === 'end' ? 'end' : 'touch'](one.session.digest);
        }
        const stored = new Map<string, LoginSession>();
        for (const change of told) {
          if (change.kind === 'Stored') stored.set(change.row.digest, change.row);
          else expect(stored.delete(change.row.digest)).toBe(true);
        }
        expect(stored.size).toBe(sessions.size);
        expect([...stored.keys()].every((digest) => sessions.isLive(digest))).toBe(true);
        expect(sessions.size).toBeLessThanOrEqual(4);
        for (const agent of [marat, kristi]) {
          expect([...stored.values()].filter((row) => row.agentId === agent).length).toBeLessThanOrEqual(3);
        }
        expect(clock.pending().length).toBeLessThanOrEqual(1);
      }
      sessions.close();
      expect(clock.pending()).toEqual([]);
    }),
    { seed: 1 },
  );
});

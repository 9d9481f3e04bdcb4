import { ManualClock } from '@parley/testkit/manual-clock.ts';
import { describe, expect, it } from 'vitest';
import { Authenticator, type Authenticated } from './authenticator.ts';
import { CredentialCache } from './credential-cache.ts';
import { HashQueue } from './hash-queue.ts';
import { LoginSessions } from './login-sessions.ts';
import { Passwords } from './passwords.ts';
import { SignIn } from './sign-in.ts';
import { basic, cheapCost, kristi, marat, seededRandom } from './test-parts.ts';
import { SignInThrottle } from './throttle.ts';

function setUp() {
  const clock = new ManualClock();
  const random = seededRandom('authenticator');
  const accounts = [
    { id: marat, userName: 'marat', password: 'demo' },
    { id: kristi, userName: 'kristi', password: 'demo' },
  ];
  const queue = new HashQueue({ parallel: 1, maxWaiting: 100 });
  const passwords = new Passwords({ accounts, random, queue, cost: cheapCost });
  const throttle = new SignInThrottle({
    clock,
    random,
    userNames: accounts.map((account) => account.userName),
    failuresBeforeDelay: 5,
    firstDelayMs: 1000,
    longestDelayMs: 60_000,
    forgetAfterMs: 900_000,
    perAddressPerMinute: 60,
    maxAddresses: 100,
  });
  const cache = new CredentialCache({ clock, random, maxEntries: 10, ttlMs: 60_000 });
  const limits = { idleTimeoutMs: 1_800_000, maxSessions: 100, maxSessionsPerAgent: 10 };
  const sessions = new LoginSessions({ clock, random, ...limits, onChange: () => true });
  const authenticator = new Authenticator(new SignIn({ passwords, throttle, cache }), sessions);
  const ask = (authorization?: string, cookie?: string, address = '10.0.0.1') =>
    authenticator.authenticate({
      authorization,
      cookie: cookie === undefined ? undefined : `JSESSIONID=${cookie}`,
      address,
    });
  /** Signs in, which must succeed, and returns the cookie. */
  const signIn = async (userName: string): Promise<string> => {
    const { newCookie } = (await ask(basic(userName, 'demo'))) as Authenticated;
    if (newCookie === undefined) throw new Error('there is no cookie');
    return newCookie;
  };
  return { clock, sessions, ask, signIn };
}

describe('a request', () => {
  it('without credentials is not authenticated', async () => {
    const { ask, sessions } = setUp();
    for (const cookie of [undefined, '', 'x', 'A'.repeat(43)]) {
      expect(await ask(undefined, cookie)).toEqual({ refused: 'NotAuthenticated' });
    }
    expect(sessions.size).toBe(0);
  });

  it('with a Basic header starts a session, and its cookie is enough from then on', async () => {
    const { ask } = setUp();
    const first = await ask(basic('marat', 'demo'));
    expect(first).toMatchObject({ agentId: marat, byCookie: false, newCookie: expect.any(String) });
    const cookie = (first as Authenticated).newCookie ?? '';
    const second = (await ask(undefined, cookie)) as Authenticated;
    expect(second).toMatchObject({ agentId: marat, byCookie: true });
    expect(second.newCookie).toBeUndefined();
    expect(second.session.digest).toBe((first as Authenticated).session.digest);
  });

  it('with both goes on in its session', async () => {
    const { ask, signIn, sessions } = setUp();
    const cookie = await signIn('marat');
    for (let n = 0; n < 5; n++) {
      const again = await ask(basic('marat', 'demo'), cookie);
      expect(again).toMatchObject({ agentId: marat, byCookie: false });
      expect('newCookie' in again).toBe(false);
    }
    expect(sessions.size).toBe(1);
  });

  it('with the header of another agent ends the session and starts theirs', async () => {
    const { ask, signIn } = setUp();
    const cookie = await signIn('marat');
    const next = (await ask(basic('kristi', 'demo'), cookie)) as Authenticated;
    expect(next.agentId).toBe(kristi);
    expect(next.newCookie).not.toBe(cookie);
    expect(await ask(undefined, cookie)).toEqual({ refused: 'NotAuthenticated' });
  });

  it('with a wrong header is refused, whatever its cookie', async () => {
    const { ask, signIn } = setUp();
    const cookie = await signIn('marat');
    expect(await ask(basic('marat', 'wrong'), cookie)).toEqual({ refused: 'NotAuthenticated' });
    expect(await ask('Bearer x', cookie)).toEqual({ refused: 'NotAuthenticated' });
    expect(await ask(undefined, cookie)).toMatchObject({ agentId: marat });
  });

  it('never takes over the cookie it came with: a planted one is worth nothing after the login', async () => {
    const { ask, sessions } = setUp();
    for (let n = 0; n < 100; n++) {
      const planted = Buffer.from(String(n).padStart(32, '0')).toString('base64url');
      const { newCookie } = (await ask(basic('marat', 'demo'), planted)) as Authenticated;
      expect(newCookie).toBeDefined();
      expect(newCookie).not.toBe(planted);
      expect(sessions.find(planted)).toBeUndefined();
    }
  });
});

describe('a live session', () => {
  it('goes on while its account is under attack, with and without the header', async () => {
    const { ask, signIn, clock } = setUp();
    const cookie = await signIn('marat');
    clock.advance(60_000);
    for (let n = 0; n < 20; n++) await ask(basic('marat', `guess${n}`), undefined, '10.6.6.6');
    expect(await ask(basic('marat', 'demo'), undefined, '10.6.6.6')).toMatchObject({
      refused: 'TooManyAttempts',
    });
    expect(await ask(undefined, cookie, '10.6.6.6')).toMatchObject({ agentId: marat });
    expect(await ask(basic('marat', 'demo'), cookie, '10.6.6.6')).toMatchObject({ agentId: marat });
    expect(await ask(basic('kristi', `guess`), cookie, '10.6.6.6')).toMatchObject({
      refused: 'NotAuthenticated',
    });
  });

  it('that ends while the password is checked is not brought back', async () => {
    const { ask, signIn, sessions, clock } = setUp();
    const cookie = await signIn('marat');
    clock.advance(60_000);
    const asking = ask(basic('marat', 'demo'), cookie);
    sessions.endAllOf(marat);
    const result = (await asking) as Authenticated;
    expect(result.newCookie).toBeDefined();
    expect(sessions.find(cookie)).toBeUndefined();
  });
});

import { ManualClock } from '@parley/testkit/manual-clock.ts';
import { describe, expect, it } from 'vitest';
import { CredentialCache } from './credential-cache.ts';
import { HashQueue } from './hash-queue.ts';
import { Passwords } from './passwords.ts';
import { SignIn } from './sign-in.ts';
import { basic, cheapCost, kristi, marat, seededRandom } from './test-parts.ts';
import { SignInThrottle } from './throttle.ts';

/** A queue that counts the hashes it computes. */
class CountingQueue extends HashQueue {
  hashes = 0;
  override run(input: Parameters<HashQueue['run']>[0]): Promise<Buffer> | null {
    const running = super.run(input);
    if (running) this.hashes++;
    return running;
  }
}

function setUp(limits: { readonly maxWaiting?: number } = {}) {
  const clock = new ManualClock();
  const random = seededRandom('sign-in');
  const queue = new CountingQueue({ parallel: 1, maxWaiting: limits.maxWaiting ?? 100 });
  const accounts = [
    { id: marat, userName: 'marat', password: 'demo' },
    { id: kristi, userName: 'kristi', password: 'päß' },
  ];
  const passwords = new Passwords({ accounts, random, queue, cost: cheapCost });
  const throttle = new SignInThrottle({
    clock,
    random,
    userNames: ['marat', 'kristi'],
    failuresBeforeDelay: 5,
    firstDelayMs: 1000,
    longestDelayMs: 60_000,
    forgetAfterMs: 900_000,
    perAddressPerMinute: 60,
    maxAddresses: 100,
  });
  const cache = new CredentialCache({ clock, random, maxEntries: 10, ttlMs: 600_000 });
  return { clock, queue, cache, signIn: new SignIn({ passwords, throttle, cache }) };
}

const refused = { refused: 'NotAuthenticated' };

describe('signing in', () => {
  it('takes the right password and no other', async () => {
    const { signIn } = setUp();
    expect(await signIn.verify(basic('marat', 'demo'), '10.0.0.1')).toEqual({ agentId: marat });
    expect(await signIn.verify(basic('marat', 'Demo'), '10.0.0.1')).toEqual(refused);
    expect(await signIn.verify(basic('nobody', 'demo'), '10.0.0.1')).toEqual(refused);
  });

  it('takes a password in UTF-8 and in ISO-8859-1', async () => {
    const { signIn } = setUp();
    const latin = `Basic ${Buffer.from('kristi:päß', 'latin1').toString('base64')}`;
    expect(await signIn.verify(latin, '10.0.0.1')).toEqual({ agentId: kristi });
    expect(await signIn.verify(basic('kristi', 'päß'), '10.0.0.1')).toEqual({ agentId: kristi });
  });

  it('counts two readings of one wrong password as one failure', async () => {
    const { signIn } = setUp();
    for (let n = 0; n < 5; n++) {
      expect(await signIn.verify(basic('marat', `päß${n}`), '10.0.0.1')).toEqual(refused);
    }
    expect(await signIn.verify(basic('marat', 'päß'), '10.0.0.1')).toMatchObject({ retryAfterMs: 1000 });
  });

  it('hashes nothing for what is no Basic header', async () => {
    const { signIn, queue } = setUp();
    for (const header of ['Bearer x', 'Basic !', ''])
      expect(await signIn.verify(header, '10.0.0.1')).toEqual(refused);
    expect(queue.hashes).toBe(0);
  });
});

describe('a header that comes again', () => {
  it('is hashed once while it is known', async () => {
    const { signIn, queue, clock } = setUp();
    for (let n = 0; n < 100; n++) await signIn.verify(basic('marat', 'demo'), '10.0.0.1');
    expect(queue.hashes).toBe(1);
    clock.advance(600_000);
    await signIn.verify(basic('marat', 'demo'), '10.0.0.1');
    expect(queue.hashes).toBe(2);
  });

  it('many times at once is hashed once', async () => {
    const { signIn, queue } = setUp();
    const results = await Promise.all(
      Array.from({ length: 50 }, () => signIn.verify(basic('marat', 'demo'), '10.0.0.1')),
    );
    expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(
      new Set([`{"agentId":"${marat}"}`]),
    );
    expect(queue.hashes).toBe(1);
  });

  it('and was wrong is hashed again, and not remembered', async () => {
    const { signIn, queue, cache } = setUp();
    for (let n = 0; n < 3; n++) await signIn.verify(basic('marat', 'wrong'), '10.0.0.1');
    expect([queue.hashes, cache.size]).toEqual([3, 0]);
  });

  it('and is known passes while the account is under attack', async () => {
    const { signIn } = setUp();
    await signIn.verify(basic('marat', 'demo'), '192.0.2.1');
    for (let n = 0; n < 20; n++) await signIn.verify(basic('marat', `guess${n}`), '10.0.0.1');
    expect(await signIn.verify(basic('marat', 'wrong'), '10.0.0.1')).toMatchObject({
      refused: 'TooManyAttempts',
    });
    expect(await signIn.verify(basic('marat', 'demo'), '10.0.0.1')).toEqual({ agentId: marat });
  });
});

describe('guessing', () => {
  it('is checked five times, then told to wait, right or wrong', async () => {
    const { signIn, queue } = setUp();
    for (let n = 0; n < 5; n++) await signIn.verify(basic('marat', `guess${n}`), '10.0.0.1');
    const late = { refused: 'TooManyAttempts', retryAfterMs: 1000 };
    expect(await signIn.verify(basic('marat', 'demo'), '10.0.0.1')).toEqual(late);
    expect(queue.hashes).toBe(5);
  });

  it('in a burst is checked as often', async () => {
    const { signIn, queue } = setUp();
    const burst = Array.from({ length: 200 }, (_, n) =>
      signIn.verify(basic('marat', `guess${n}`), `10.0.0.${n}`),
    );
    await Promise.all(burst);
    expect(queue.hashes).toBe(5);
  });

  it('of many names at once fills the queue, and the rest is told so and not held against anybody', async () => {
    const { signIn, queue } = setUp({ maxWaiting: 3 });
    const burst = Array.from({ length: 20 }, (_, n) =>
      signIn.verify(basic(`nobody${n}`, 'x'), `10.0.0.${n}`),
    );
    const results = await Promise.all(burst);
    expect(results.filter((result) => 'refused' in result && result.refused === 'Unavailable')).toHaveLength(
      16,
    );
    expect(queue.hashes).toBe(4);
    expect(await signIn.verify(basic('marat', 'demo'), '10.0.0.1')).toEqual({ agentId: marat });
  });
});

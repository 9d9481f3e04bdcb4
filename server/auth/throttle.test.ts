import { ManualClock } from '@parley/testkit/manual-clock.ts';
import { describe, expect, it } from 'vitest';
import { addressGroup } from './client-address.ts';
import { seededRandom } from './test-parts.ts';
import { SignInThrottle, type ThrottleOptions } from './throttle.ts';

function setUp(changes: Partial<ThrottleOptions> = {}) {
  const clock = new ManualClock();
  const throttle = new SignInThrottle({
    clock,
    random: seededRandom('throttle'),
    userNames: ['marat', 'kristi'],
    failuresBeforeDelay: 5,
    firstDelayMs: 1000,
    longestDelayMs: 60_000,
    forgetAfterMs: 900_000,
    perAddressPerMinute: 60,
    maxAddresses: 100,
    ...changes,
  });
  /** One whole attempt; returns how long it must wait, 0 when it was admitted. */
  const attempt = (userName: string, address: string, right = false): number => {
    const admission = throttle.admit(userName, address);
    if (!admission.admitted) return admission.retryAfterMs;
    admission.settle(right ? 'Right' : 'Wrong');
    return 0;
  };
  return { clock, throttle, attempt };
}

describe('failed sign-ins of an account', () => {
  it('delay the next from the fifth on: 1, 2, 4 … s, at most a minute', () => {
    const { clock, attempt } = setUp();
    for (let n = 0; n < 5; n++) expect(attempt('marat', '10.0.0.1')).toBe(0);
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      const waitMs = attempt('marat', '10.0.0.1');
      waits.push(waitMs);
      clock.advance(waitMs - 1);
      expect(attempt('marat', '10.0.0.1')).toBe(1);
      clock.advance(1);
      expect(attempt('marat', '10.0.0.1')).toBe(0);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('are told alike whether the account exists or not', () => {
    const known = setUp();
    const unknown = setUp();
    for (let n = 0; n < 200; n++) {
      expect(unknown.attempt('nobody', '10.0.0.1')).toBe(known.attempt('marat', '10.0.0.1'));
      for (const { clock } of [known, unknown]) clock.advance(n * 17);
    }
  });

  it('do not touch another account', () => {
    const { attempt } = setUp();
    for (let n = 0; n < 9; n++) attempt('marat', '10.0.0.1');
    expect(attempt('kristi', '10.0.0.2')).toBe(0);
  });

  it('are forgotten after a while, and by a right one', () => {
    const { clock, attempt } = setUp();
    const fail = (times: number) => Array.from({ length: times }, () => attempt('marat', '10.0.0.1'));
    fail(5);
    clock.advance(900_000);
    expect(fail(5)).toEqual([0, 0, 0, 0, 0]);
    clock.advance(1000);
    attempt('marat', '10.0.0.9', true);
    expect(fail(5)).toEqual([0, 0, 0, 0, 0]);
  });

  it('count while they are still being checked, so a burst is no way around', () => {
    const { throttle } = setUp({ perAddressPerMinute: 1000 });
    const admissions = Array.from({ length: 50 }, () => throttle.admit('marat', '10.0.0.1'));
    expect(admissions.filter((one) => one.admitted)).toHaveLength(5);
  });

  it('are not counted when nothing was checked', () => {
    const { throttle, attempt } = setUp({ perAddressPerMinute: 10 });
    for (let n = 0; n < 50; n++) {
      const admission = throttle.admit('marat', '10.0.0.1');
      if (!admission.admitted) throw new Error(`attempt ${n} was refused`);
      admission.settle('NotChecked');
      admission.settle('Wrong');
    }
    expect(attempt('marat', '10.0.0.1')).toBe(0);
  });

  it('of 10 000 tries in an hour lead to at most 100 checks', () => {
    const { clock, attempt } = setUp();
    let checks = 0;
    for (let n = 0; n < 10_000; n++) {
      if (attempt('marat', `10.0.${n % 250}.${n % 99}`) === 0) checks++;
      clock.advance(360);
    }
    expect(checks).toBeLessThanOrEqual(100);
    expect(checks).toBeGreaterThan(50);
  });
});

describe('a stranger', () => {
  it('cannot lock out an agent at an address they signed in from', () => {
    const { clock, attempt } = setUp();
    expect(attempt('marat', '192.0.2.1', true)).toBe(0);
    for (let n = 0; n < 50; n++) {
      attempt('marat', '10.0.0.1');
      clock.advance(500);
    }
    expect(attempt('marat', '10.0.0.1')).toBeGreaterThan(0);
    expect(attempt('marat', '192.0.2.1', true)).toBe(0);
  });

  it('at the same address, guessing at others, cannot either', () => {
    const { attempt } = setUp({ perAddressPerMinute: 5 });
    expect(attempt('marat', '192.0.2.1', true)).toBe(0);
    for (let n = 0; n < 20; n++) attempt(`nobody${n}`, '192.0.2.1');
    expect(attempt('kristi', '192.0.2.1', true)).toBeGreaterThan(0);
    expect(attempt('marat', '192.0.2.1', true)).toBe(0);
  });

  it('at the same address, guessing at that agent, is slowed down all the same', () => {
    const { attempt } = setUp();
    attempt('marat', '192.0.2.1', true);
    for (let n = 0; n < 5; n++) attempt('marat', '192.0.2.1');
    expect(attempt('marat', '192.0.2.1')).toBe(1000);
  });

  it('with many names and addresses fills no memory and clears no count', () => {
    const { throttle, attempt } = setUp();
    for (let n = 0; n < 5; n++) attempt('marat', '10.0.0.1');
    for (let n = 0; n < 20_000; n++) attempt(`nobody${n}`, `10.1.${n % 256}.${n >> 8}`);
    expect(throttle.watchedAddresses).toBe(100);
    expect(attempt('marat', '10.9.9.9')).toBe(1000);
  });
});

describe('an address', () => {
  it('has so many failures a minute, of whatever accounts', () => {
    const { clock, attempt } = setUp({ perAddressPerMinute: 6 });
    const fail = (n: number) => attempt(`nobody${n}`, '10.0.0.1');
    expect(Array.from({ length: 8 }, (_, n) => fail(n))).toEqual([0, 0, 0, 0, 0, 0, 10_000, 10_000]);
    clock.advance(9_999);
    expect(fail(9)).toBe(1);
    clock.advance(1);
    expect(fail(10)).toBe(0);
    expect(attempt('nobody', '10.0.0.2')).toBe(0);
  });

  it('is not charged for what was right', () => {
    const { throttle, attempt } = setUp({ perAddressPerMinute: 2 });
    for (let n = 0; n < 10; n++) expect(attempt('marat', '10.0.0.1', true)).toBe(0);
    expect(throttle.watchedAddresses).toBe(0);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8::1.2.3.4', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', 'unknown'],
    ['10.0.0', 'unknown'],
    ['x'.repeat(1000), 'unknown'],
  ])('%.30s counts as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

import { ManualClock } from '@parley/testkit/manual-clock.ts';
import { expect, it } from 'vitest';
import { CredentialCache } from './credential-cache.ts';
import { basic, kristi, marat, seededRandom } from './test-parts.ts';

function setUp(maxEntries = 3) {
  const clock = new ManualClock();
  const cache = new CredentialCache({ clock, random: seededRandom('cache'), maxEntries, ttlMs: 60_000 });
  return { clock, cache };
}

it('knows a header for its time, however often it is used', () => {
  const { clock, cache } = setUp();
  const key = cache.keyOf(basic('marat', 'demo'));
  expect(cache.find(key)).toBeUndefined();
  cache.remember(key, marat);
  for (let n = 0; n < 6; n++) {
    expect(cache.find(key)).toBe(marat);
    clock.advance(10_000);
  }
  expect(cache.find(key)).toBeUndefined();
  expect(cache.size).toBe(0);
});

it('does not know any other header', () => {
  const { cache } = setUp();
  cache.remember(cache.keyOf(basic('marat', 'demo')), marat);
  for (const other of [
    basic('marat', 'demo '),
    basic('Marat', 'demo'),
    basic('marat', 'demo').toLowerCase(),
    '',
  ]) {
    expect(cache.find(cache.keyOf(other))).toBeUndefined();
  }
});

it('drops the one unused for longest', () => {
  const { cache } = setUp();
  for (const key of ['a', 'b', 'c']) cache.remember(key, marat);
  cache.find('a');
  cache.remember('d', marat);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.find(key))).toEqual([marat, undefined, marat, marat]);
});

it('keeps nothing when it may not', () => {
  const { cache } = setUp(0);
  cache.remember('a', marat);
  expect(cache.find('a')).toBeUndefined();
});

it('drops a header, and all of an agent', () => {
  const { cache } = setUp();
  cache.remember('a', marat);
  cache.remember('b', marat);
  cache.remember('c', kristi);
  cache.drop('a');
  expect(cache.find('a')).toBeUndefined();
  cache.dropAgent(marat);
  expect([cache.find('b'), cache.find('c')]).toEqual([undefined, kristi]);
});

it('keeps neither header nor password, and another key in each run', () => {
  const header = basic('marat', 'demo');
  const keys = ['one', 'two'].map((seed) => {
    const options = { clock: new ManualClock(), random: seededRandom(seed), maxEntries: 1, ttlMs: 1 };
    return new CredentialCache(options).keyOf(header);
  });
  expect(keys[0]).not.toBe(keys[1]);
  expect(keys[0]).toMatch(/^[A-Za-z0-9+/]{43}=$/);
});

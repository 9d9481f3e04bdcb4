import { expect, test } from 'vitest';
import { RecentMap } from './recent-map.ts';

test('what is touched stays, what is not goes, and there are never more than allowed', () => {
  const map = new RecentMap<number>(100);
  map.set('kept', 1);
  for (let entry = 0; entry < 2_000; entry += 1) {
    map.set(`passer-by ${entry}`, entry);
    expect(map.get('kept')).toBe(1);
    expect(map.size).toBeLessThanOrEqual(100);
  }
  expect(map.get('passer-by 1999')).toBe(1999);
  expect(map.get('passer-by 0')).toBeUndefined();
});

test('a key is there once, whichever half it is in', () => {
  const map = new RecentMap<number>(4);
  for (const key of ['a', 'b', 'c']) map.set(key, 1);
  map.set('a', 2);
  expect(map.size).toBe(3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([2, 1, 1]);
});

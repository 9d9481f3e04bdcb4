import { randomBytes, timingSafeEqual } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import type { Chat } from '../domain/chat.ts';
import type { ChatId } from '../domain/ids.ts';
import { newSecureKey } from '../domain/ids.ts';
import { digestOf, SecureKeys } from './secure-keys.ts';

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, timingSafeEqual: vi.fn<typeof timingSafeEqual>(crypto.timingSafeEqual) };
});
afterEach(() => vi.mocked(timingSafeEqual).mockClear());

/** Of a chat only these are looked at. */
function chatWith(secureKey: string): Chat {
  return { id: 'chat0000000chat0' as ChatId, secureKeyDigest: digestOf(secureKey) } as Chat;
}

test('a key has 128 random bits, all of which reach it', () => {
  const asked: number[] = [];
  const key = newSecureKey((count) => {
    asked.push(count);
    return Uint8Array.from({ length: count }, (_, at) => at * 16 + 1);
  });
  expect(asked).toEqual([16]);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  const bits = Array.from({ length: 128 }, (_, bit) => {
    const bytes = new Uint8Array(16);
    bytes[bit >> 3] = 1 << (bit & 7);
    return newSecureKey(() => bytes);
  });
  expect(new Set(bits).size).toBe(128);
});

test('of 10,000 random keys none opens the chat, before or after the right one was there', () => {
  const right = newSecureKey(randomBytes);
  const chat = chatWith(right);
  const keys = new SecureKeys();
  for (let turn = 0; turn < 5_000; turn += 1) if (keys.opens(chat, newSecureKey(randomBytes))) expect.fail();
  expect(keys.opens(chat, right)).toBe(true);
  for (let turn = 0; turn < 5_000; turn += 1) if (keys.opens(chat, newSecureKey(randomBytes))) expect.fail();
  for (const near of [
    right.slice(1),
    `${right}0`,
    right.toUpperCase(),
    '',
    right.slice(0, 31),
    digestOf(right),
  ])
    expect(keys.opens(chat, near) && near !== right).toBe(false);
});

test('keys are compared in constant time: what is known by name and what is known by digest', () => {
  const right = newSecureKey(randomBytes);
  const chat = chatWith(right);
  const keys = new SecureKeys();
  const comparisons = (given: string): number => {
    vi.mocked(timingSafeEqual).mockClear();
    keys.opens(chat, given);
    return vi.mocked(timingSafeEqual).mock.calls.length;
  };
  const wrong = newSecureKey(randomBytes);
  const almost = right.slice(0, 31) + (right.endsWith('0') ? '1' : '0');
  expect([comparisons(wrong), comparisons(almost), comparisons(right)]).toEqual([1, 1, 1]);
  expect([comparisons(wrong), comparisons(almost), comparisons(right)]).toEqual([2, 2, 1]);
});

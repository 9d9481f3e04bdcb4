import { expect, it } from 'vitest';
import { parseIdempotencyKey } from './idempotency.ts';
import { isRefusal } from './refusals.ts';

const uuid = '8e03978e-40d5-43dd-bc93-6894a57f9324';

it('a key is read with or without the quotes of structured headers, and means the same', () => {
  expect(parseIdempotencyKey(uuid)).toBe(uuid);
  expect(parseIdempotencyKey(` "${uuid}" `)).toBe(uuid);
  expect(parseIdempotencyKey(String.raw`"a\"b\\c"`)).toBe(String.raw`a"b\c`);
  expect(parseIdempotencyKey('x')).toBe('x');
  expect(parseIdempotencyKey('~'.repeat(255))).toHaveLength(255);
});

it.each([
  ['nothing', ''],
  ['empty quotes', '""'],
  ['256 characters', 'k'.repeat(256)],
  ['a space within', 'one two'],
  ['two keys in one header', 'one, two'],
  ['quotes that do not end', '"one'],
  ['letters beyond ASCII', 'schlüssel'],
  ['a control character', 'a\u0007b'],
])('%s is no key', (_what, text) => {
  expect(isRefusal(parseIdempotencyKey(text))).toBe(true);
});

it('a key that opens a chat is longer', () => {
  expect(isRefusal(parseIdempotencyKey('short', 16))).toBe(true);
  expect(parseIdempotencyKey(uuid, 16)).toBe(uuid);
});

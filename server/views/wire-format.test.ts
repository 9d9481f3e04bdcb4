import { expect, test } from 'vitest';
import { timestampFormat, wireFormat } from './wire-format.ts';

test('a time is written as on the founding page', () => {
  const at = Date.parse('2014-01-02T22:23:18.109Z');
  expect(timestampFormat('America/Los_Angeles')(at)).toBe('2014-01-02T14:23:18.109-0800');
});

test.each([
  ['UTC', '+0000'],
  ['Asia/Kolkata', '+0530'],
  ['Asia/Kathmandu', '+0545'],
  ['America/St_Johns', '-0330'],
])('%s has the zone %s', (zone, offset) => {
  const at = Date.parse('2026-01-15T12:00:00.000Z');
  const written = timestampFormat(zone)(at);
  expect(written.slice(-5)).toBe(offset);
  expect(Date.parse(`${written.slice(0, -2)}:${written.slice(-2)}`)).toBe(at);
});

test('the offset follows the change to summer time', () => {
  const write = timestampFormat('Europe/Berlin');
  expect(write(Date.parse('2026-03-29T00:59:59.999Z'))).toBe('2026-03-29T01:59:59.999+0100');
  expect(write(Date.parse('2026-03-29T01:00:00.000Z'))).toBe('2026-03-29T03:00:00.000+0200');
});

test('a uri keeps the path and knows no double slash', () => {
  expect(wireFormat(() => 'http://localhost:8080/', 'UTC').uri('/chats/x')).toBe(
    'http://localhost:8080/api/v2/chats/x',
  );
});

import { expect, test } from 'vitest';
import { wireDateMs } from './wire-date.ts';
import { wireFormat } from './wire-format.ts';

const wire = wireFormat(() => 'http://localhost', 'America/Los_Angeles');
const read = (text: string, edge: 'from' | 'to' = 'from'): string | null => {
  const ms = wireDateMs(text, edge, wire);
  return ms === null ? null : new Date(ms).toISOString();
};

test('a day is one of the contact centre, from its first millisecond to the first after it', () => {
  expect(read('2014-01-02')).toBe('2014-01-02T08:00:00.000Z');
  expect(read('2014-01-02', 'to')).toBe('2014-01-03T08:00:00.000Z');
});

test('a day on which the clocks change has its own length', () => {
  expect(read('2014-03-09')).toBe('2014-03-09T08:00:00.000Z');
  expect(read('2014-03-09', 'to')).toBe('2014-03-10T07:00:00.000Z');
  expect(read('2014-11-02')).toBe('2014-11-02T07:00:00.000Z');
  expect(read('2014-11-02', 'to')).toBe('2014-11-03T08:00:00.000Z');
});

test('a moment is in the zone that it names, else in that of the contact centre', () => {
  expect(read('2014-01-02T10:00:00Z')).toBe('2014-01-02T10:00:00.000Z');
  expect(read('2014-01-02 10:00:00.5+0230')).toBe('2014-01-02T07:30:00.500Z');
  expect(read('2014-07-02T10:00')).toBe('2014-07-02T17:00:00.000Z');
  expect(read('2014-01-02T10:00:00Z', 'to')).toBe('2014-01-02T10:00:00.001Z');
});

test.each([
  '2014-02-30',
  '2014-13-01',
  '2014-00-10',
  '2014-01-00',
  '2014-01-02T24:00',
  '2014-1-2',
  'today',
  '',
])('%j is none', (text) => expect(read(text)).toBeNull());

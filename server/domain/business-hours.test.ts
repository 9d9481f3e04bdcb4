import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOpen, type BusinessHours, weekdays } from './business-hours.ts';

const closed = Object.fromEntries(weekdays.map((day) => [day, []])) as unknown as BusinessHours;
const office: BusinessHours = {
  ...closed,
  timeZone: 'Europe/Tallinn',
  monday: ['09:00-12:00', '13:00-17:30'],
  sunday: ['02:00-04:00'],
  saturday: ['00:00-24:00'],
  holidays: [
    { date: '2026-11-23', open: [] },
    { date: '2026-11-24', open: ['10:00-11:00'] },
  ],
};

test.each([
  ['a Monday before opening', '2026-11-16T08:59:59.999+02:00', false],
  ['at opening', '2026-11-16T09:00:00+02:00', true],
  ['in the lunch break', '2026-11-16T12:00:00+02:00', false],
  ['the last moment', '2026-11-16T17:29:59.999+02:00', true],
  ['at closing', '2026-11-16T17:30:00+02:00', false],
  ['a Tuesday', '2026-11-17T10:00:00+02:00', false],
  ['a Monday that is a holiday', '2026-11-23T10:00:00+02:00', false],
  ['a Tuesday with hours of its own', '2026-11-24T10:30:00+02:00', true],
  ['the last minute of Saturday', '2026-11-21T23:59:59+02:00', true],
  ['the first minute of a day that is open throughout', '2026-11-21T00:00:00+02:00', true],
  ['the day before, there already the next', '2026-11-20T22:00:00Z', true],
  // Summer time begins on 2026-03-29 at 03:00 (+02:00), which becomes 04:00 (+03:00).
  ['before the hour that is left out', '2026-03-29T00:59:59Z', true],
  ['after it', '2026-03-29T01:00:00Z', false],
  // It ends on 2026-10-25 at 04:00 (+03:00), which becomes 03:00 (+02:00).
  ['the first time at half past three', '2026-10-25T00:30:00Z', true],
  ['the second time', '2026-10-25T01:30:00Z', true],
  ['after the second time', '2026-10-25T02:00:00Z', false],
])('%s', (_when, at, open) => {
  expect(isOpen(office, Date.parse(at))).toBe(open);
});

test('in UTC it agrees with arithmetic on the clock', () => {
  const hours: BusinessHours = {
    ...closed,
    timeZone: 'UTC',
    wednesday: ['08:15-16:45'],
    friday: ['00:00-24:00'],
    holidays: [],
  };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (atMs) => {
      // 1970-01-01 was a Thursday.
      const day = (3 + Math.floor(atMs / 86_400_000)) % 7;
      const minute = (atMs % 86_400_000) / 60_000;
      const open = day === 4 || (day === 2 && minute >= 8 * 60 + 15 && minute < 16 * 60 + 45);
      expect(isOpen(hours, atMs)).toBe(open);
    }),
    { numRuns: 500 },
  );
});

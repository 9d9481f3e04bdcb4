import { expect, test } from 'vitest';
import { requirementAfter } from './relaxation.ts';

const refunds = [{ skill: 'refunds', level: 5 }];
const some = [{ skill: 'refunds', level: 1 }];
const steps = [
  { afterMs: 30_000, skills: some },
  { afterMs: 60_000, skills: [] },
];

test.each([
  [-5, refunds, 30_000],
  [0, refunds, 30_000],
  [29_999, refunds, 30_000],
  [30_000, some, 60_000],
  [59_999, some, 60_000],
  [60_000, [], null],
  [1e12, [], null],
])('after %i ms of waiting', (waitedMs, skills, nextAfterMs) => {
  expect(requirementAfter(waitedMs, refunds, steps)).toEqual({ skills, nextAfterMs });
});

test('without steps the requirement stays', () => {
  expect(requirementAfter(1e9, refunds)).toEqual({ skills: refunds, nextAfterMs: null });
});

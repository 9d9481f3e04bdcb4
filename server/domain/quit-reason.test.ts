import { expect, test } from 'vitest';
import { deliveredQuitReason, quitReasonCode } from './quit-reason.ts';

test.each([
  ['left', '0', undefined],
  ['completed', '0', undefined],
  ['gone', '3', undefined],
  ['removed', '4', '4'],
  ['agent-gone', '5', '5'],
  ['not-served', '5', '5'],
  ['idle', '7', '7'],
] as const)('%s is %s, and customers are told %s', (reason, code, delivered) => {
  expect(quitReasonCode(reason)).toBe(code);
  expect(deliveredQuitReason(reason)).toBe(delivered);
});

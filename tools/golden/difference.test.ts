import { expect, it } from 'vitest';
import { firstDifference } from './difference.ts';

it('shows the first line that differs', () => {
  expect(firstDifference('a\nb\nc', 'a\nB\nC')).toBe('  line 2\n  - b\n  + B');
});

it('shows a line that is missing on one side', () => {
  expect(firstDifference('a', 'a\nb')).toBe('  line 2\n  - (no such line)\n  + b');
});

it('cuts a long line', () => {
  expect(firstDifference('x'.repeat(1000), '').length).toBeLessThan(250);
});

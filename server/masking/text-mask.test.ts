import { describe, expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';
import { textMask, type MaskingRule, type Preset } from './text-mask.ts';

const rule = (given: Partial<MaskingRule>): MaskingRule => ({ replacement: '*', who: 'both', ...given });

it('looks with each rule at the text as it came, and replaces what any of them found', () => {
  const mask = textMask(
    [rule({ preset: 'card-number' }), rule({ pattern: '1111 [a-z]+', replacement: '#' })],
    'agent',
  );
  expect(mask?.('4111 1111 1111 1111 abc')).toBe(`${'*'.repeat(19)}####`);
});

it('replaces characters, not their halves', () => {
  expect(textMask([rule({ pattern: '😀x' })], 'agent')?.('a😀xb')).toBe('a**b');
  expect(textMask([rule({ pattern: 'x', replacement: '😀' })], 'agent')?.('axb')).toBe('a😀b');
});

it('holds for the words of those it is for', () => {
  const rules = [rule({ pattern: 'x', who: 'customer' })];
  expect(textMask(rules, 'customer')?.('x')).toBe('*');
  expect(textMask(rules, 'agent')).toBeNull();
});

it.each(['(?=x)', String.raw`(a)\1`, '[', 'x{1001}'])('%j is no pattern', (pattern) => {
  expect(compilePattern(pattern)).toMatch(/^error parsing regexp: /);
});

it.each(['', 'a*', '^$', '(b|)'])('%j would mask nothing', (pattern) => {
  expect(compilePattern(pattern)).toBe('it fits the empty text, and would mask nothing');
});

describe('the effort grows with the text and no faster', () => {
  const cpuMs = (work: () => unknown): number => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const hostile: readonly (readonly [string, Partial<MaskingRule>, (length: number) => string])[] = [
    ['(a+)+b', { pattern: '(a+)+b' }, (length) => 'a'.repeat(length)],
    ['(a|aa)+$', { pattern: '(a|aa)+$' }, (length) => `${'a'.repeat(length)}!`],
    ['(.*x){20}', { pattern: '(.*x){20}' }, (length) => 'x'.repeat(19) + 'y'.repeat(length)],
    ...(['card-number', 'iban', 'us-ssn'] as const satisfies readonly Preset[]).flatMap((preset) => [
      [`${preset}, digits`, { preset }, (length: number) => '1'.repeat(length)] as const,
      [`${preset}, lone digits`, { preset }, (length: number) => '4 '.repeat(length / 2)] as const,
      [`${preset}, separators`, { preset }, (length: number) => `1${' -.'.repeat(length / 3)}1`] as const,
      [`${preset}, beginnings`, { preset }, (length: number) => 'DE89'.repeat(length / 4)] as const,
    ]),
  ];

  it.each(hostile)('%s', (_name, given, textOf) => {
    const mask = textMask([rule(given)], 'customer');
    const [short, long] = [textOf(5_000), textOf(40_000)];
    for (let turn = 0; turn < 3; turn += 1) mask?.(short);
    const ratio = () =>
      cpuMs(() => mask?.(long)) /
      Math.max(
        1,
        cpuMs(() => mask?.(short)),
      );
    // Eight times the text; squared it would be 64 times the effort.
    expect(Math.min(ratio(), ratio(), ratio())).toBeLessThan(32);
  });
});

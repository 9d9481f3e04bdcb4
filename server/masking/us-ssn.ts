import type { Span } from './fold-text.ts';

const candidates = /(?<!\d)(\d{3})([-. ])(\d{2})\2(\d{4})(?!\d)/g;

/**
 * US social security numbers in a folded text: nine digits as 3-2-4 with a hyphen, dot or space between, but for what
 * is never given out: areas 000, 666 and 900 to 999, group 00, serial 0000 (ssa.gov, POM RM 10201.035).
 */
export function usSsns(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: whole, 1: area = '', 3: group, 4: serial, index } of text.matchAll(candidates)) {
    const isGiven = area !== '000' && area !== '666' && area < '900' && group !== '00' && serial !== '0000';
    if (isGiven) found.push([index, index + whole.length]);
  }
  return found;
}

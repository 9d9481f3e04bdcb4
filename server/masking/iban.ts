import type { Span } from './fold-text.ts';

const shortest = 15;
const longest = 34;
const starts = /[A-Za-z]{2}\d{2}/g;

/** What a character counts: digits as they are, letters from 10 on; -1 for all others. */
function valueAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = (code | 0x20) - 0x61;
  return letter >= 0 && letter < 26 ? letter + 10 : -1;
}

/** Where the next character of the number is: here, or behind one space or hyphen; -1 when the number ends. */
function next(text: string, at: number): number {
  if (valueAt(text, at) >= 0) return at;
  const isGap = text[at] === ' ' || text[at] === '-';
  return isGap && valueAt(text, at + 1) >= 0 ? at + 1 : -1;
}

/** The remainder by 97 with one more character. */
function withValue(rest: number, value: number): number {
  return (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
}

/** Where the IBAN that begins here ends; -1 when none does. The longest is taken. */
function endOf(text: string, start: number): number {
  const beginning: number[] = [];
  let rest = 0;
  let length = 0;
  let end = -1;
  for (let at = start; at >= 0 && length < longest; at = next(text, at + 1)) {
    const value = valueAt(text, at);
    length += 1;
    if (length <= 4) beginning.push(value);
    else rest = withValue(rest, value);
    if (length < shortest || valueAt(text, at + 1) >= 0) continue;
    // ISO 13616: with its first four characters at the end the number leaves 1.
    if (beginning.reduce(withValue, rest) === 1) end = at + 1;
  }
  return end;
}

/** IBANs in a folded text, in one piece or in groups: 15 to 34 characters with right check digits. */
export function ibans(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { index } of text.matchAll(starts)) {
    const end = endOf(text, index);
    if (end >= 0) found.push([index, end]);
  }
  return found;
}

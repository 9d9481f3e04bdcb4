import type { Span } from './fold-text.ts';

const fewest = 13;
const most = 19;
/** Digits in groups; up to three separators stand between two groups. */
const runs = /\d+(?:[ .-]{1,3}\d+)*/g;

/** The digits of a run: where each stands in the text, and which begin and end a group. */
interface Run {
  readonly at: readonly number[];
  readonly begins: readonly number[];
  readonly ends: ReadonlySet<number>;
  /** Sums up to each digit in which every even one counts by Luhn as doubled, and every odd one. */
  readonly evenDoubled: readonly number[];
  readonly oddDoubled: readonly number[];
}

function doubled(digit: number): number {
  return digit > 4 ? digit * 2 - 9 : digit * 2;
}

function readRun(text: string, start: number, end: number): Run {
  const at: number[] = [];
  const begins: number[] = [];
  const ends = new Set<number>();
  const [evenDoubled, oddDoubled] = [[0], [0]];
  for (let position = start; position < end; position += 1) {
    const digit = text.charCodeAt(position) - 0x30;
    if (!(digit >= 0 && digit <= 9)) continue;
    const nth = at.length;
    if (at[nth - 1] !== position - 1) {
      begins.push(nth);
      ends.add(nth);
    }
    evenDoubled.push((evenDoubled[nth] ?? 0) + (nth % 2 === 0 ? doubled(digit) : digit));
    oddDoubled.push((oddDoubled[nth] ?? 0) + (nth % 2 === 0 ? digit : doubled(digit)));
    at.push(position);
  }
  ends.add(at.length);
  return { at, begins, ends, evenDoubled, oddDoubled };
}

/** ISO/IEC 7812-1: of the digits from `first` up to and without `end` the last is the check digit by Luhn. */
function isLuhn({ evenDoubled, oddDoubled }: Run, first: number, end: number): boolean {
  // The digit before the last is doubled, and every other before it.
  const sums = end % 2 === 0 ? evenDoubled : oddDoubled;
  return ((sums[end] ?? 0) - (sums[first] ?? 0)) % 10 === 0;
}

/**
 * Card numbers in a folded text: 13 to 19 digits with a right check digit, in one piece or in groups. A number begins
 * and ends where a group does, so a long order number is not searched for one inside it.
 */
export function cardNumbers(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: whole, index } of text.matchAll(runs)) {
    if (whole.length < fewest) continue;
    const run = readRun(text, index, index + whole.length);
    for (const first of run.begins) {
      const start = run.at[first] ?? index;
      // Of two that begin here the longer one holds the other.
      for (let end = Math.min(first + most, run.at.length); end >= first + fewest; end -= 1) {
        if (!run.ends.has(end) || !isLuhn(run, first, end)) continue;
        found.push([start, (run.at[end - 1] ?? start) + 1]);
        break;
      }
    }
  }
  return found;
}

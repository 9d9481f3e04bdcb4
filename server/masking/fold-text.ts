/** A part of a text: from `start` up to and without `end`, in UTF-16 units. */
export type Span = readonly [start: number, end: number];

/** The zeros of the scripts whose digits people type: ASCII, Arabic, Persian, Devanagari, full width. */
const zeros = [0x30, 0x660, 0x6f0, 0x966, 0xff10];
const anyDigit = /[0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff10-\uff19]/;
const foreign =
  // What looks like a space, a hyphen or nothing at all, and the digits of other scripts.
  // eslint-disable-next-line no-misleading-character-class
  /[\u00a0\u00ad\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u2000-\u2015\u202f\u205f\u2060\u2212\u3000\ufeff\uff0d\uff10-\uff19\t\r\n]/g;

/** Whether the text has a digit of any script that `fold` knows: nothing the presets look for is without. */
export function hasDigit(text: string): boolean {
  return anyDigit.test(text);
}

function plain(character: string): string {
  const code = character.charCodeAt(0);
  const zero = zeros.find((first) => code >= first && code < first + 10);
  if (zero !== undefined) return String(code - zero);
  return code === 0x2212 || code === 0xff0d || (code >= 0x2010 && code <= 0x2015) ? '-' : ' ';
}

/**
 * The text with plain digits, spaces and hyphens for those of other scripts, so that nobody slips through by them.
 * Each character stays where it is.
 */
export function fold(text: string): string {
  return text.replace(foreign, plain);
}

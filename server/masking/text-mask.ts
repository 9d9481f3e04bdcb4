import { cardNumbers } from './card-number.ts';
import { fold, hasDigit, type Span } from './fold-text.ts';
import { ibans } from './iban.ts';
import { compilePattern } from './pattern.ts';
import { usSsns } from './us-ssn.ts';

/** Whose words they are. */
export type Author = 'customer' | 'agent';

/** One rule of the configuration (`masking.rules`): a `pattern` or a `preset`. */
export interface MaskingRule {
  readonly pattern?: string | undefined;
  readonly preset?: Preset | undefined;
  readonly replacement: string;
  readonly who: Author | 'both';
}

/** Finds in a folded text. */
const presets = { 'card-number': cardNumbers, iban: ibans, 'us-ssn': usSsns } as const;
export type Preset = keyof typeof presets;
export const presetNames = Object.keys(presets) as readonly Preset[];

/** The text with each character that a rule found replaced; the same string when there is none. */
export type TextMask = (text: string) => string;

interface Finder {
  readonly find: (text: string, folded: string) => readonly Span[];
  readonly replacement: string;
  /** Presets find nothing in a text without a digit. */
  readonly needsDigit: boolean;
}

function finderOf({ pattern, preset, replacement }: MaskingRule): Finder {
  if (preset) return { find: (_text, folded) => presets[preset](folded), replacement, needsDigit: true };
  const compiled = compilePattern(pattern ?? '');
  // The configuration was checked.
  if (typeof compiled === 'string') throw new Error(`a masking rule's pattern is none: ${compiled}`);
  return { find: compiled, replacement, needsDigit: false };
}

const unchanged: TextMask = (text) => text;

/** The mask of the rules that hold for this author; null when none does. Each rule looks at the text as it came. */
export function textMask(rules: readonly MaskingRule[], author: Author): TextMask | null {
  const finders = rules.filter(({ who }) => who === 'both' || who === author).map(finderOf);
  if (finders.length === 0) return null;
  const withoutPresets = finders.filter(({ needsDigit }) => !needsDigit);
  return (text) => {
    const asked = hasDigit(text) ? finders : withoutPresets;
    if (asked.length === 0) return text;
    const folded = asked === finders ? fold(text) : text;
    const found = asked.flatMap(({ find, replacement }) =>
      find(text, folded).map((span): Found => ({ span, replacement })),
    );
    return found.length === 0 ? text : replaced(text, found);
  };
}

/** For those who have no mask. */
export function orUnchanged(mask: TextMask | null): TextMask {
  return mask ?? unchanged;
}

interface Found {
  readonly span: Span;
  readonly replacement: string;
}

function replaced(text: string, found: readonly Found[]): string {
  let masked = '';
  let at = 0;
  for (const { span, replacement } of found.toSorted((one, other) => one.span[0] - other.span[0])) {
    const [start, end] = [Math.max(at, span[0]), span[1]];
    if (end <= at) continue;
    masked += text.slice(at, start) + replacement.repeat([...text.slice(start, end)].length);
    at = end;
  }
  return masked + text.slice(at);
}

const digits = /\p{Nd}/gu;

/** The text with every digit replaced. */
export function withoutDigits(text: string): string {
  return text.replace(digits, '*');
}
